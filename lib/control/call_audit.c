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

// Every call of a method that operators or admins need, but for those that only look, logins whose
// password was compared, and logouts of users. Other calls without a login are not recorded. What
// failed is cut short; of what was refused for want of rights, at most ten a second are recorded of each
// kind of caller; and both lie apart from changes (audit.h): whoever may do nothing must not be able to push out what others did.

#define PARAMS_BYTES_MAX 4096
#define FAILED_PARAMS_BYTES_MAX 256

struct call_audit {
	uint64_t at_us;
	enum caller_kind kind;
	char user[USER_NAME_LEN];
	enum role role;
	const char *via;
	char from[INET6_ADDRSTRLEN];
	char *params;  // JSON, whole
};

static bool
is_recorded(const struct control_call *call)
{
	const struct method *m = call->method;

	if (m->flags & METHOD_RECORDED)  // only users have a login to end
		return call->caller->kind == CALLER_USER || m->params != NULL;
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

static cJSON *
secret_stars(const char *name)
{
	cJSON *stars = cJSON_CreateString("***");

	if (stars != NULL && name != NULL)
		stars->string = strdup(name);
	return stars;
}

// Whatever is below a member with the name of a secret is one. Parameters are nested no deeper than
// CONTROL_JSON_DEPTH.
static void
secrets_hide(const struct method *m, cJSON *v)
{
	cJSON *member, *next;
	char *hidden;

	if (cJSON_IsString(v)) {
		hidden = secret_hide_text(v->valuestring);
		cJSON_SetValuestring(v, hidden != NULL ? hidden : "***");
		free(hidden);
	}
	for (member = v != NULL ? v->child : NULL; member != NULL; member = next) {
		next = member->next;
		if (name_is_secret(m, member->string))
			cJSON_ReplaceItemViaPointer(v, member, secret_stars(member->string));
		else
			secrets_hide(m, member);
	}
}

// Without secrets; of a login the user only, whatever else came with it.
static char *
params_text(const struct method *m, const cJSON *params, const char *user)
{
	cJSON *copy = NULL;
	char *text;

	if (m->flags & METHOD_RECORDED) {
		copy = cJSON_CreateObject();
		if (m->params != NULL)
			cJSON_AddStringToObject(copy, "user", user);
	} else if (cJSON_IsObject(params)) {
		copy = cJSON_Duplicate(params, true);
		secrets_hide(m, copy);
	}
	text = copy == NULL ? strdup("{}") : cJSON_PrintUnformatted(copy);
	cJSON_Delete(copy);
	return text;
}

// Of long ones the beginning, as a text.
static void
params_write(struct json_out *o, const struct call_audit *a, bool ok)
{
	size_t max = ok ? PARAMS_BYTES_MAX : FAILED_PARAMS_BYTES_MAX;

	json_out_key(o, "params");
	if (a->params == NULL) {
		json_out_raw(o, "null");
	} else if (strlen(a->params) <= max) {
		json_out_raw(o, a->params);
	} else {
		a->params[max] = '\0';
		json_out_str(o, a->params);
	}
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
	a->kind = caller->kind;
	a->role = caller->role;
	a->via = caller->via;
	snprintf(a->user, sizeof(a->user), "%s", user);
	snprintf(a->from, sizeof(a->from), "%s", caller_from(caller));
	a->params = params_text(call->method, params, a->user);
}

// Is this failure none that is recorded, or one too many within this second?
static bool
failure_is_dropped(struct control *c, const struct control_call *call)
{
	uint64_t second = clock_monotonic_us() / CLOCK_US_PER_S;
	uint32_t *count = &c->failures[call->audit->kind];

	if (call->code == CALL_BUSY)
		return true;
	// Of logins, those whose password was compared.
	if ((call->method->flags & METHOD_RECORDED) && call->code != CALL_UNAUTHENTICATED)
		return true;
	// Whoever may call it is not a stranger, and can make changes as often.
	if (call->audit->role >= call->method->role && call->method->role >= ROLE_OPERATOR)
		return false;
	if (second != c->failures_second) {
		c->failures_second = second;
		memset(c->failures, 0, sizeof(c->failures));
	}
	return (*count)++ >= CONTROL_FAILURES_PER_S;
}

static char *
members_text(const struct control_call *call)
{
	const struct call_audit *a = call->audit;
	struct json_out o = {0};
	char time[CLOCK_RFC3339_LEN], *text, *message;

	json_out_open(&o, '{');
	json_out_key_str(&o, "at", clock_rfc3339(a->at_us, time));
	json_out_key_u64(&o, "at_us", a->at_us);
	json_out_key_str(&o, "user", a->user);
	json_out_key_str(&o, "role", role_name(a->role));
	json_out_key_str(&o, "via", a->via);
	json_out_key_str(&o, "from", a->from);
	json_out_key_str(&o, "method", call->method->name);
	params_write(&o, a, call->code == 0);
	json_out_key_bool(&o, "ok", call->code == 0);
	if (call->code != 0) {
		json_out_key(&o, "error");
		message = secret_hide_text(call->err.text);
		call_error_write(&o, call->code, call->err.field, message != NULL ? message : "");
		free(message);
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
	if (call->code == 0 || !failure_is_dropped(c, call)) {
		members = members_text(call);
		audit_put(c->audit, members,
			call->code == 0 && !(call->method->flags & METHOD_RECORDED));
	}
	call_audit_free(call->audit);
	call->audit = NULL;
}

// The shape of the records of calls, of nobody.
void
control_audit_note(struct control *c, const char *via, const char *action, const char *params_json,
	const char *fault)
{
	uint64_t at_us = clock_wall_us();
	char time[CLOCK_RFC3339_LEN], *text, *message;
	struct json_out o = {0};

	json_out_open(&o, '{');
	json_out_key_str(&o, "at", clock_rfc3339(at_us, time));
	json_out_key_u64(&o, "at_us", at_us);
	json_out_key_str(&o, "user", "");
	json_out_key_str(&o, "role", role_name(ROLE_ADMIN));
	json_out_key_str(&o, "via", via);
	json_out_key_str(&o, "from", "");
	json_out_key_str(&o, "method", action);
	json_out_key(&o, "params");
	json_out_raw(&o, params_json != NULL ? params_json : "null");
	json_out_key_bool(&o, "ok", fault == NULL);
	if (fault != NULL) {
		message = secret_hide_text(fault);
		json_out_key(&o, "error");
		call_error_write(&o, CALL_REFUSED, "", message != NULL ? message : "");
		free(message);
	}
	text = params_json != NULL ? json_out_take(&o) : NULL;
	if (params_json == NULL)
		json_out_free(&o);
	if (text != NULL)
		memmove(text, text + 1, strlen(text));
	audit_put(c->audit, text, fault == NULL);
}

void
call_audit_free(struct call_audit *a)
{
	if (a == NULL)
		return;
	free(a->params);
	free(a);
}
