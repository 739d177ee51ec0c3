/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/rpc.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <sodium.h>

#include "base/json_out.h"
#include "base/secret.h"
#include "control/budget.h"
#include "control/call.h"
#include "control/internal.h"
#include "control/json_scan.h"

struct rpc_exchange {
	struct control *c;
	struct session *session;
	struct caller *caller;
	char *text;
	size_t len;
	bool batch;
	bool started;
	struct json_walk walk;      // over the batch
	struct json_span id;        // raw text of the id of the request in work; start NULL: none
	struct control_call *call;  // pending
	struct json_out reply;
	size_t counted;             // of its bytes, those that are among what waits for clients
	rpc_done *done;
	void *arg;
};

struct rpc_exchange *
rpc_create(struct control *c, struct session *session, struct caller *caller, char *text, size_t len,
	rpc_done *done, void *arg)
{
	struct rpc_exchange *x = calloc(1, sizeof(*x));

	if (x == NULL) {
		free(text);
		return NULL;
	}
	x->c = c;
	x->session = session;
	x->caller = caller;
	x->text = text;
	x->len = len;
	x->done = done;
	x->arg = arg;
	return x;
}

// Bytes of the reply so far, which wait as long as the rest of a batch does.
static void
reply_count(struct rpc_exchange *x, size_t len)
{
	budget_waiting_add(x->c, (int64_t)len - (int64_t)x->counted);
	x->counted = len;
}

static void
exchange_free(struct rpc_exchange *x)
{
	reply_count(x, 0);
	json_out_free(&x->reply);
	sodium_memzero(x->text, x->len);  // a password may be in it
	free(x->text);
	free(x);
}

void
rpc_cancel(struct rpc_exchange *x)
{
	if (x == NULL)
		return;
	call_cancel(x->call);
	exchange_free(x);
}

// Open the answer's envelope up to the id; envelope_close() ends it.
static void
envelope_open(struct rpc_exchange *x)
{
	if (x->batch && x->reply.len == 0)
		json_out_open(&x->reply, '[');
	json_out_open(&x->reply, '{');
	json_out_key_str(&x->reply, "jsonrpc", "2.0");
}

static void
envelope_close(struct rpc_exchange *x, struct json_span id)
{
	char *copy = id.start == NULL ? NULL : strndup(id.start, id.len);

	json_out_key(&x->reply, "id");
	json_out_raw(&x->reply, copy == NULL ? "null" : copy);
	json_out_close(&x->reply, '}');
	free(copy);
	reply_count(x, x->reply.len);
}

static void
error_answer(struct rpc_exchange *x, int code, const char *text)
{
	envelope_open(x);
	json_out_key(&x->reply, "error");
	call_error_write(&x->reply, code, "", text);
	envelope_close(x, x->id);
}

// The answer to the request in work; nothing for a notification.
static void
call_answer(struct rpc_exchange *x, const struct control_call *call)
{
	int code;
	char *text;

	if (x->id.start == NULL)
		return;
	text = call_answer_text(call, &code);
	if (text != NULL && !budget_waiting_room(x->c, x->reply.len, strlen(text))) {
		error_answer(x, CALL_BUSY, "too much waits to be read by clients, ask again later");
	} else if (text != NULL && x->reply.len + strlen(text) > CONTROL_REPLY_BYTES) {
		error_answer(x, CALL_TOO_LARGE, "the answer is too large, ask for less");
	} else if (text == NULL) {
		error_answer(x, CALL_INTERNAL_ERROR, "out of memory");
	} else {
		envelope_open(x);
		json_out_key(&x->reply, code == 0 ? "result" : "error");
		json_out_raw(&x->reply, text);
		envelope_close(x, x->id);
	}
	free(text);
}

static void
call_came_back(void *arg, struct control_call *call)
{
	struct rpc_exchange *x = arg;

	x->call = NULL;
	call_answer(x, call);
	rpc_run(x);
}

// The raw text of the first member called "id" of a request.
static struct json_span
id_find(const cJSON *request, struct json_span text)
{
	struct json_span value = {0};
	struct json_walk w;
	const cJSON *member;

	if (!json_walk_start(&w, text))
		return value;
	cJSON_ArrayForEach(member, request) {
		if (!json_walk_next(&w, &value))
			break;
		if (strcmp(member->string, "id") == 0)
			return value;
	}
	return (struct json_span){0};
}

// NULL when it is a request as JSON-RPC 2.0 has it, else what is wrong.
static const char *
request_fault(const cJSON *request)
{
	const cJSON *version, *method, *params, *id;

	if (!cJSON_IsObject(request))
		return "invalid request: not an object";
	version = cJSON_GetObjectItemCaseSensitive(request, "jsonrpc");
	if (!cJSON_IsString(version) || strcmp(version->valuestring, "2.0") != 0)
		return "invalid request: jsonrpc must be \"2.0\"";
	method = cJSON_GetObjectItemCaseSensitive(request, "method");
	if (!cJSON_IsString(method))
		return "invalid request: method must be a string";
	params = cJSON_GetObjectItemCaseSensitive(request, "params");
	if (params != NULL && !cJSON_IsObject(params) && !cJSON_IsArray(params))
		return "invalid request: params must be an object";
	id = cJSON_GetObjectItemCaseSensitive(request, "id");
	if (id != NULL && !cJSON_IsString(id) && !cJSON_IsNumber(id) && !cJSON_IsNull(id))
		return "invalid request: id must be a string, a number or null";
	return NULL;
}

static bool
id_is_valid(const cJSON *request)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(request, "id");

	return cJSON_IsString(id) || cJSON_IsNumber(id) || cJSON_IsNull(id);
}

// Run one request. true: its call is pending.
static bool
request_begin(struct rpc_exchange *x, struct json_span text)
{
	cJSON *request = cJSON_ParseWithLength(text.start, text.len);
	struct control_call *call = NULL;
	const char *fault = request_fault(request);
	enum call_state state;

	x->id = id_is_valid(request) ? id_find(request, text) : (struct json_span){0};
	if (request == NULL || fault != NULL) {
		error_answer(x, request == NULL ? CALL_INTERNAL_ERROR : CALL_INVALID_REQUEST,
			request == NULL ? "the text cannot be held" : fault);
		secret_json_delete(request);
		return false;
	}
	state = call_begin(x->c, x->session, x->caller,
		cJSON_GetObjectItemCaseSensitive(request, "method")->valuestring,
		cJSON_GetObjectItemCaseSensitive(request, "params"), call_came_back, x, &call);
	secret_json_delete(request);
	if (state == CALL_PENDING) {
		x->call = call;
		return true;
	}
	call_answer(x, call);
	call_put(call);
	return false;
}

static unsigned int
batch_size(struct json_walk w)
{
	struct json_span element;
	unsigned int n = 0;

	while (n <= CONTROL_BATCH && json_walk_next(&w, &element))
		n++;
	return n;
}

// Judge the message as a whole. true: there is work in it.
static bool
message_begin(struct rpc_exchange *x)
{
	struct json_span all = {x->text, x->len};
	struct error err = {0};
	unsigned int n;

	if (json_scan_check(x->text, x->len, CONTROL_JSON_DEPTH, &err) != 0) {
		error_answer(x, CALL_PARSE_ERROR, err.text);
		return false;
	}
	if (!json_walk_start(&x->walk, all) || x->walk.object)
		return true;
	n = batch_size(x->walk);
	if (n == 0 || n > CONTROL_BATCH) {
		error_answer(x, CALL_INVALID_REQUEST, n == 0 ?
			"invalid request: the batch is empty" :
			"invalid request: the batch is longer than is accepted");
		return false;
	}
	x->batch = true;
	return true;
}

// The next request of the message: false after the last one.
static bool
request_next(struct rpc_exchange *x, struct json_span *ret)
{
	bool first = !x->started;

	x->started = true;
	if (first && !message_begin(x))
		return false;
	if (x->batch)
		return json_walk_next(&x->walk, ret);
	*ret = (struct json_span){x->text, x->len};
	return first;
}

void
rpc_run(struct rpc_exchange *x)
{
	struct json_span request;
	char *reply;
	size_t len;

	while (request_next(x, &request))
		if (request_begin(x, request))
			return;
	if (x->batch && x->reply.len > 0)
		json_out_close(&x->reply, ']');
	len = x->reply.len;
	reply_count(x, 0);  // from here on it is counted by whoever takes it
	reply = json_out_take(&x->reply);
	x->done(x->arg, reply, reply == NULL ? 0 : len);
	exchange_free(x);
}
