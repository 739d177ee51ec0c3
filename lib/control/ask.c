/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/json_out.h"
#include "control/call.h"
#include "control/call_audit.h"
#include "control/caller.h"
#include "control/internal.h"
#include "control/json_scan.h"

// control_call(): a thread of the program (the console) asks and waits. Its request lies on its
// own stack and goes through the mailbox; the control thread runs it as any other call.

static void
request_answer(struct control *c, struct mailbox_request *r, const struct control_call *call)
{
	int code;
	char *text = call_answer_text(call, &code);

	mailbox_answer(c->mailbox, r, code, text);
}

static void
request_fail(struct control *c, struct mailbox_request *r, int code, const char *text)
{
	struct json_out o = {0};

	call_error_write(&o, code, "", text);
	mailbox_answer(c->mailbox, r, code, json_out_take(&o));
}

// Requests whose call is pending are listed in c->asking.
static void
asking_remove(struct control *c, struct mailbox_request *r)
{
	struct mailbox_request **at = &c->asking;

	while (*at != NULL && *at != r)
		at = &(*at)->next;
	if (*at != NULL)
		*at = r->next;
}

// What a pending call of a thread comes back to.
struct asked {
	struct control *c;
	struct mailbox_request *request;
	struct caller caller;
};

static void
call_came_back(void *arg, struct control_call *call)
{
	struct asked *a = arg;

	asking_remove(a->c, a->request);
	request_answer(a->c, a->request, call);
	free(a);
}

static void
params_run(struct control *c, struct mailbox_request *r, const cJSON *params)
{
	struct asked *a = malloc(sizeof(*a));
	struct control_call *call = NULL;

	if (a != NULL) {
		*a = (struct asked){.c = c, .request = r};
		caller_of_console(&a->caller);
		if (call_begin(c, NULL, &a->caller, r->method, params, call_came_back, a, &call) ==
			CALL_PENDING) {
			r->call = call;
			r->next = c->asking;
			c->asking = r;
			return;
		}
	}
	request_answer(c, r, call);
	call_put(call);
	free(a);
}

static void
request_run(struct control *c, struct mailbox_request *r)
{
	struct error err = {0};
	cJSON *params;

	if (r->params == NULL) {
		params_run(c, r, NULL);
		return;
	}
	if (json_scan_check(r->params, strlen(r->params), CONTROL_JSON_DEPTH, &err) != 0) {
		request_fail(c, r, CALL_PARSE_ERROR, err.text);
		return;
	}
	params = cJSON_Parse(r->params);
	if (params == NULL)
		request_fail(c, r, CALL_INTERNAL_ERROR, "out of memory");
	else
		params_run(c, r, params);
	cJSON_Delete(params);
}

void
control_mailbox_serve(struct control *c)
{
	struct control_call *call = mailbox_take_calls(c->mailbox);
	struct mailbox_request *r = mailbox_take_requests(c->mailbox);

	while (call != NULL) {
		struct control_call *next = call->next;

		call_deliver(c, call);
		call = next;
	}
	while (r != NULL) {
		struct mailbox_request *next = r->next;  // r is gone once it is answered

		request_run(c, r);
		r = next;
	}
}

static void
requests_refuse(struct control *c, struct mailbox_request *r)
{
	while (r != NULL) {
		struct mailbox_request *next = r->next;

		if (r->call != NULL) {
			free(r->call->arg);
			call_cancel(r->call);
		}
		request_fail(c, r, CALL_STOPPING, "Weir is stopping");
		r = next;
	}
}

void
control_refuse_all(struct control *c)
{
	struct mailbox_request *asking = c->asking;
	struct control_call *call;

	mailbox_close(c->mailbox);
	c->asking = NULL;
	requests_refuse(c, asking);
	requests_refuse(c, mailbox_take_requests(c->mailbox));
	call = mailbox_take_calls(c->mailbox);
	while (call != NULL) {
		struct control_call *next = call->next;

		call_audit_end(c, call);
		call_put(call);
		call = next;
	}
}

int
control_call(struct control *c, const char *method, const char *params_json, char **ret_json)
{
	struct mailbox_request r = {.method = method, .params = params_json};
	bool own_thread = __atomic_load_n(&c->running, __ATOMIC_ACQUIRE) &&
		pthread_equal(c->thread, pthread_self());
	struct json_out o = {0};

	if (!own_thread && mailbox_ask(c->mailbox, &r)) {
		*ret_json = r.json;
		return r.code;
	}
	call_error_write(&o, CALL_STOPPING, "",
		own_thread ? "control_call() from the control thread" : "Weir is stopping");
	*ret_json = json_out_take(&o);
	return CALL_STOPPING;
}
