/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/call_audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "access/audit.h"
#include "base/clock.h"
#include "base/secret.h"
#include "control/call.h"
#include "control/caller.h"
#include "control/internal.h"
#include "control/method.h"

// Every call of a method that operators or admins need, but for those that only look, and logins
// and logouts. Calls without a login are not recorded, and refusals at most ten a second: whoever may
// do nothing must not be able to push out what others did.

#define PARAMS_BYTES_MAX 4096
#define REFUSALS_PER_S 10

struct call_audit {
	uint64_t at_us;
	char user[USER_NAME_LEN];
	enum role role;
	const char *via;
	char from[INET6_ADDRSTRLEN];
	char *params;  // JSON
};

static bool
is_recorded(const struct control_call *call)
{
	const struct method *m = call->method;

	if (m->flags & METHOD_RECORDED)  // whoever has no login has none to end
		return call->caller->kind != CALLER_NOBODY || m->params != NULL;
	return m->role >= ROLE_OPERATOR && !(m->flags & METHOD_LOOKS) &&
		call->caller->kind != CALLER_NOBODY;
}

static bool
name_is_secret(const struct method *m, const char *name)
{
	const struct param *p = name == NULL ? NULL : param_find(m->params, name);

	return (p != NULL && p->secret) || (name != NULL && (strcasestr(name, "password") != NULL ||
		strcasestr(name, "secret") != NULL || strcasestr(name, "token") != NULL));
}

// Parameters are nested no deeper than CONTROL_JSON_DEPTH.
static void
secrets_hide(const struct method *m, cJSON *v)
{
	cJSON *member;
	char *hidden;

	if (cJSON_IsString(v)) {
		hidden = name_is_secret(m, v->string) ? NULL : secret_hide_uri(v->valuestring);
		cJSON_SetValuestring(v, hidden != NULL ? hidden : "***");
		free(hidden);
	}
	cJSON_ArrayForEach(member, v)
		secrets_hide(m, member);
}

// Without secrets; of long ones the beginning, as a text.
static char *
params_text(const struct method *m, const cJSON *params)
{
	cJSON *copy = cJSON_IsObject(params) ? cJSON_Duplicate(params, true) : NULL;
	struct json_out o = {0};
	char *text;

	secrets_hide(m, copy);
	text = copy == NULL ? strdup("{}") : cJSON_PrintUnformatted(copy);
	cJSON_Delete(copy);
	if (text == NULL || strlen(text) <= PARAMS_BYTES_MAX)
		return text;
	text[PARAMS_BYTES_MAX] = '\0';
	json_out_str(&o, text);
	free(text);
	return json_out_take(&o);
}

void
call_audit_begin(struct control_call *call, const cJSON *params)
{
	const struct caller *caller = call->caller;
	const char *user = caller->name;
	struct call_audit *a;

	if (!is_recorded(call))
		return;
	a = call->audit = calloc(1, sizeof(*a));
	if (a == NULL)
		return;
	if (user[0] == '\0')
		user = caller->kind == CALLER_CONSOLE ? "console" : "";
	// A login has no user yet but the one that it is about.
	if (caller->kind == CALLER_NOBODY && method_param_string(params, "user") != NULL)
		user = method_param_string(params, "user");
	a->at_us = clock_wall_us();
	a->role = caller->role;
	a->via = caller->via;
	snprintf(a->user, sizeof(a->user), "%s", user);
	snprintf(a->from, sizeof(a->from), "%s", caller_from(caller));
	a->params = params_text(call->method, params);
}

// Is this refusal one too many within this second?
static bool
refusal_is_dropped(struct control *c, const struct control_call *call)
{
	uint64_t second = clock_monotonic_us() / CLOCK_US_PER_S;

	if (call->code == CALL_BUSY)
		return true;
	if (call->code != CALL_FORBIDDEN && call->code != CALL_UNAUTHENTICATED)
		return false;
	if (second != c->refusals_second) {
		c->refusals_second = second;
		c->refusals = 0;
	}
	return c->refusals++ >= REFUSALS_PER_S;
}

static char *
members_text(const struct control_call *call)
{
	const struct call_audit *a = call->audit;
	struct json_out o = {0};
	char time[CLOCK_RFC3339_LEN], *text;

	json_out_open(&o, '{');
	json_out_key_str(&o, "at", clock_rfc3339(a->at_us, time));
	json_out_key_u64(&o, "at_us", a->at_us);
	json_out_key_str(&o, "user", a->user);
	json_out_key_str(&o, "role", role_name(a->role));
	json_out_key_str(&o, "via", a->via);
	json_out_key_str(&o, "from", a->from);
	json_out_key_str(&o, "method", call->method->name);
	json_out_key(&o, "params");
	json_out_raw(&o, a->params != NULL ? a->params : "null");
	json_out_key_bool(&o, "ok", call->code == 0);
	if (call->code != 0) {
		json_out_key(&o, "error");
		call_error_write(&o, call->code, call->err.field, call->err.text);
	}
	text = json_out_take(&o);  // the braces are the audit log's
	return text == NULL ? NULL : memmove(text, text + 1, strlen(text));
}

void
call_audit_end(struct control *c, struct control_call *call)
{
	char *members;

	if (call->audit == NULL)
		return;
	if (!refusal_is_dropped(c, call)) {
		members = members_text(call);
		audit_put(c->audit, members);
	}
	call_audit_free(call->audit);
	call->audit = NULL;
}

void
call_audit_free(struct call_audit *a)
{
	if (a == NULL)
		return;
	free(a->params);
	free(a);
}
