/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/budget.h"
#include "control/call_audit.h"
#include "control/caller.h"
#include "control/control.h"
#include "control/internal.h"
#include "control/mailbox.h"
#include "control/method.h"

static struct control_call *
call_create(struct control *c, struct session *session, struct caller *caller, call_done *done,
	void *arg)
{
	struct control_call *call = calloc(1, sizeof(*call));

	if (call == NULL)
		return NULL;
	call->references = 2;
	call->mailbox = mailbox_get(c->mailbox);
	call->session = session;
	call->caller = caller;
	call->done = done;
	call->arg = arg;
	return call;
}

void
call_put(struct control_call *call)
{
	if (call == NULL || __atomic_sub_fetch(&call->references, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	cJSON_Delete(call->result);
	cJSON_Delete(call->errors);
	mailbox_put(call->mailbox);
	free(call->finish_arg);
	call_audit_free(call->audit);
	free(call);
}

void
call_cancel(struct control_call *call)
{
	if (call == NULL)
		return;
	call->done = NULL;
	call_put(call);
}

void
call_deliver(struct control *c, struct control_call *call)
{
	if (call->finish != NULL)
		call->finish(call);
	call_audit_end(c, call);
	if (call->done != NULL) {
		call->done(call->arg, call);
		call_put(call);  // of the one who asked
	}
	call_put(call);  // of the one who completed it
}

// May this caller call this method now? 0, or the code with the answer filled.
static int
caller_check(struct control *c, struct control_call *call)
{
	const struct caller *caller = call->caller;
	enum role needed = call->method->role;

	// The connection's limit first: what it refuses is not taken from the caller's other connections.
	if (caller->peer != NULL && !peer_call(caller->peer))
		call_error(call, CALL_BUSY, "", "more than %d calls a second, ask less often",
			CONTROL_CALLS_PER_S);
	else if (!budget_call(c, caller))
		call_error(call, CALL_BUSY, "", "more than %d calls a second of %s over all its "
			"connections, ask less often", CONTROL_CALLS_OF_CALLER_PER_S,
			caller->name[0] != '\0' ? caller->name : "this address");
	else if (caller->role < needed && caller->kind == CALLER_NOBODY)
		call_error(call, CALL_UNAUTHENTICATED, "", "%s: log in first (session.login), or "
			"bring a token", call->method->name);
	else if (caller->role < needed)
		call_error(call, CALL_FORBIDDEN, "", "%s: needs the role %s, you are %s",
			call->method->name, role_name(needed), role_name(caller->role));
	return call->code;
}

static enum call_state
call_run(struct control *c, struct control_call *call, const char *name, const cJSON *params)
{
	enum call_state state;
	cJSON *none = NULL;

	call->method = method_find(name);
	if (call->method == NULL)
		return call_error(call, CALL_METHOD_NOT_FOUND, "method",
			"no method '%.64s'; rpc.methods lists them", name);
	// Since the request began, its login or token may have ended, or have another role.
	caller_refresh(c, call->caller);
	call_audit_begin(call, params);
	if (caller_check(c, call) != 0)
		return CALL_ANSWERED;
	if (method_params_check(call->method, params, &call->err) != 0) {
		call->code = CALL_INVALID_PARAMS;
		return CALL_ANSWERED;
	}
	if (!cJSON_IsObject(params)) {
		none = cJSON_CreateObject();
		params = none;
	}
	state = params == NULL ? call_result(call, NULL) : call->method->handler(c, call, params);
	cJSON_Delete(none);
	return state;
}

enum call_state
call_begin(struct control *c, struct session *session, struct caller *caller, const char *name,
	const cJSON *params, call_done *done, void *arg, struct control_call **ret_call)
{
	struct control_call *call = call_create(c, session, caller, done, arg);
	enum call_state state;

	*ret_call = call;
	if (call == NULL)
		return CALL_ANSWERED;
	control_count(&c->stats.requests, 1);
	state = call_run(c, call, name, params);
	if (state == CALL_ANSWERED)
		call_audit_end(c, call);
	if (state == CALL_ANSWERED)
		call_put(call);  // nobody else completes it
	return state;
}

enum call_state
call_result(struct control_call *call, cJSON *result)
{
	if (result == NULL)
		return call_error(call, CALL_INTERNAL_ERROR, "", "out of memory");
	call->result = result;
	return CALL_ANSWERED;
}

enum call_state
call_error(struct control_call *call, int code, const char *field, const char *fmt, ...)
{
	char text[sizeof(call->err.text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	call->code = error_field(&call->err, code, field, "%s", text);
	return CALL_ANSWERED;
}

static int
refusal_code(int rc)
{
	return rc == -EINVAL || rc == -ERANGE ? CALL_INVALID_PARAMS : CALL_REFUSED;
}

enum call_state
call_refuse(struct control_call *call, int rc, const struct error *err)
{
	return call_error(call, refusal_code(rc), err->field, "%s", err->text);
}

static void
errors_take(struct control_call *call, int code, const struct error_list *errors)
{
	call_error(call, code, errors->error[0].field, "%s", errors->error[0].text);
	call->errors = cJSON_CreateArray();
	for (unsigned int i = 0; i < error_list_kept(errors); i++) {
		cJSON *e = cJSON_CreateObject();

		cJSON_AddStringToObject(e, "field", errors->error[i].field);
		cJSON_AddStringToObject(e, "message", errors->error[i].text);
		cJSON_AddItemToArray(call->errors, e);
	}
}

enum call_state
call_refuse_all(struct control_call *call, int rc, const struct error_list *errors)
{
	errors_take(call, refusal_code(rc), errors);
	return CALL_ANSWERED;
}

void
control_call_fail_all(struct control_call *call, int code, const struct error_list *errors)
{
	errors_take(call, code, errors);
	mailbox_post_call(call->mailbox, call);
}

void
control_call_complete(struct control_call *call, cJSON *result)
{
	call_result(call, result);
	mailbox_post_call(call->mailbox, call);
}

void
control_call_fail(struct control_call *call, int code, const char *field, const char *text)
{
	call_error(call, code, field == NULL ? "" : field, "%s", text);
	mailbox_post_call(call->mailbox, call);
}

void
call_error_write(struct json_out *o, int code, const char *field, const char *text)
{
	json_out_open(o, '{');
	json_out_key_i64(o, "code", code);
	json_out_key_str(o, "message", text);
	if (field[0] != '\0') {
		json_out_key(o, "data");
		json_out_open(o, '{');
		json_out_key_str(o, "field", field);
		json_out_close(o, '}');
	}
	json_out_close(o, '}');
}

// As above, with all errors of the call in data.
static void
call_errors_write(struct json_out *o, const struct control_call *call)
{
	char *errors = cJSON_PrintUnformatted(call->errors);

	json_out_open(o, '{');
	json_out_key_i64(o, "code", call->code);
	json_out_key_str(o, "message", call->err.text);
	json_out_key(o, "data");
	json_out_open(o, '{');
	json_out_key_str(o, "field", call->err.field);
	json_out_key(o, "errors");
	json_out_raw(o, errors != NULL ? errors : "[]");
	json_out_close(o, '}');
	json_out_close(o, '}');
	cJSON_free(errors);
}

char *
call_answer_text(const struct control_call *call, int *ret_code)
{
	struct json_out o = {0};
	char *text = NULL;

	*ret_code = call == NULL ? CALL_INTERNAL_ERROR : call->code;
	if (*ret_code == 0) {
		text = cJSON_PrintUnformatted(call->result);
		if (text != NULL)
			return text;
		*ret_code = CALL_INTERNAL_ERROR;
	}
	if (call == NULL || call->code == 0)
		call_error_write(&o, *ret_code, "", "out of memory");
	else if (call->errors != NULL)
		call_errors_write(&o, call);
	else
		call_error_write(&o, call->code, call->err.field, call->err.text);
	return json_out_take(&o);
}
