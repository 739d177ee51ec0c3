/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_out.h"
#include "base/openmetrics.h"
#include "base/units.h"
#include "control/call.h"
#include "control/http.h"
#include "control/json_scan.h"
#include "control/method.h"
#include "control/rpc.h"

// The routes that are no files: health, metrics, JSON-RPC, and results as REST. REST is a thin
// form of the method table: the query string becomes params, an error becomes a status.

// The first reason by itself, too, for programs that look for one line.
void
http_healthz(struct http_request *r)
{
	bool healthy = false;
	cJSON *reasons = r->c->ops->health(r->c->app, &healthy), *o = cJSON_CreateObject();
	const cJSON *first = cJSON_GetArrayItem(reasons, 0);
	char *text;

	cJSON_AddStringToObject(o, "status", !healthy ? "unhealthy" : first != NULL ? "degraded" : "ok");
	if (first != NULL)
		cJSON_AddStringToObject(o, "reason",
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(first, "text")));
	cJSON_AddItemToObject(o, "reasons", reasons);
	text = cJSON_PrintUnformatted(o);
	cJSON_Delete(o);
	http_reply(r, healthy ? 200 : 503, HTTP_JSON, text, text == NULL ? 0 : strlen(text));
}

// OpenMetrics, but for who asks for text and does not know it.
void
http_metrics(struct http_request *r)
{
	char *text = r->c->ops->metrics(r->c->app), *plain, accept[512] = "";

	lws_hdr_copy(r->wsi, accept, sizeof(accept), WSI_TOKEN_HTTP_ACCEPT);
	if (text == NULL || strstr(accept, "text/plain") == NULL ||
			strstr(accept, "application/openmetrics-text") != NULL) {
		http_reply(r, 200, "application/openmetrics-text; version=1.0.0; charset=utf-8",
			text, text == NULL ? 0 : strlen(text));
		return;
	}
	plain = openmetrics_to_text(text);
	free(text);
	http_reply(r, 200, "text/plain; version=0.0.4; charset=utf-8", plain,
		plain == NULL ? 0 : strlen(plain));
}

void
http_openrpc(struct http_request *r)
{
	cJSON *document = method_openrpc_json();
	char *text = cJSON_PrintUnformatted(document);

	cJSON_Delete(document);
	http_reply(r, 200, HTTP_JSON, text, text == NULL ? 0 : strlen(text));
}

static void
rpc_answered(void *arg, char *reply, size_t len)
{
	struct http_request *r = arg;

	r->rpc = NULL;
	http_reply(r, reply == NULL ? 204 : 200, HTTP_JSON, reply, len);
}

void
http_rpc(struct http_request *r)
{
	char *text = r->body == NULL ? strdup("") : r->body;

	r->body = NULL;
	r->rpc = text == NULL ? NULL :
		rpc_create(r->c, NULL, &r->caller, text, r->body_len, rpc_answered, r);
	if (r->rpc == NULL)
		http_reply(r, 500, HTTP_JSON, NULL, 0);
	else
		rpc_run(r->rpc);
}

static unsigned int
status_of(int code)
{
	switch (code) {
	case CALL_INVALID_PARAMS:
	case CALL_INVALID_REQUEST:
		return 400;
	case CALL_METHOD_NOT_FOUND:
	case CALL_NOT_FOUND:
		return 404;
	case CALL_UNAUTHENTICATED:
		return 401;
	case CALL_FORBIDDEN:
		return 403;
	case CALL_BUSY:
		return 429;
	case CALL_STOPPING:
	case CALL_STORE_FAULT:
		return 503;
	case CALL_INTERNAL_ERROR:
		return 500;
	default:
		return 409;
	}
}

static void
call_reply(struct http_request *r, const struct control_call *call)
{
	int code;
	char *text = call_answer_text(call, &code);

	if (code == 0)
		http_reply(r, r->good_status, HTTP_JSON, text, text == NULL ? 0 : strlen(text));
	else if (call == NULL || call->code == 0)
		http_reply(r, 500, HTTP_JSON, NULL, 0);
	else
		http_reply_error(r, status_of(code), code, call->err.field, call->err.text);
	if (code != 0)
		free(text);
}

static void
call_came_back(void *arg, struct control_call *call)
{
	struct http_request *r = arg;

	r->call = NULL;
	call_reply(r, call);
}

static void
method_run(struct http_request *r, const char *method, const cJSON *params, unsigned int good)
{
	struct control_call *call;

	r->good_status = good;
	if (call_begin(r->c, NULL, &r->caller, method, params, call_came_back, r, &call) == CALL_PENDING) {
		r->call = call;
		return;
	}
	call_reply(r, call);
	call_put(call);
}

// What takes no arguments must not be given any: ?query=x would be thought to limit a DELETE.
static bool
query_string_refused(struct http_request *r)
{
	if (lws_hdr_total_length(r->wsi, WSI_TOKEN_HTTP_URI_ARGS) == 0)
		return false;
	http_reply_error(r, 400, CALL_INVALID_PARAMS, "", "this takes no arguments");
	return true;
}

// A value of the query string, as the method's row wants it. What is no number stays text, and
// the validation says so.
static void
argument_add(const struct method *m, cJSON *params, char *text)
{
	char *value = strchr(text, '=');
	const struct param *p;
	double number;

	if (value == NULL)
		value = text + strlen(text);
	else
		*value++ = '\0';
	// "from_us=" says nothing about from_us.
	if (*value == '\0')
		return;
	p = param_find(m->params, text);
	if (p != NULL && p->type != PARAM_STRING && units_parse_double(value, 0, 1e18, &number) == 0)
		cJSON_AddNumberToObject(params, text, number);
	else
		cJSON_AddStringToObject(params, text, value);
}

static void
query_string_run(struct http_request *r, const char *method)
{
	const struct method *m = method_find(method);
	cJSON *params = cJSON_CreateObject();
	char text[512];
	int n;

	for (int i = 0; params != NULL; i++) {
		n = lws_hdr_copy_fragment(r->wsi, text, sizeof(text), WSI_TOKEN_HTTP_URI_ARGS, i);
		if (n < 0 && i < lws_hdr_fragment_length(r->wsi, WSI_TOKEN_HTTP_URI_ARGS, i)) {
			http_reply_error(r, 400, CALL_INVALID_PARAMS, "",
				"an argument of the query string is too long");
			goto out;
		}
		if (n < 0)
			break;
		if (n > 0)
			argument_add(m, params, text);
	}
	method_run(r, method, params, 200);
out:
	cJSON_Delete(params);
}

void
http_results_list(struct http_request *r)
{
	query_string_run(r, "results.list");
}

void
http_results_latest(struct http_request *r)
{
	query_string_run(r, "results.latest");
}

void
http_results_series(struct http_request *r)
{
	query_string_run(r, "results.series");
}

void
http_daily_list(struct http_request *r)
{
	query_string_run(r, "daily.list");
}

void
http_alerts_list(struct http_request *r)
{
	query_string_run(r, "alerts.list");
}

void
http_results_insert(struct http_request *r)
{
	struct error err = {0};
	cJSON *params, *result;

	if (query_string_refused(r))
		return;
	if (json_scan_check(r->body == NULL ? "" : r->body, r->body_len, CONTROL_JSON_DEPTH, &err)
		!= 0) {
		http_reply_error(r, 400, CALL_PARSE_ERROR, "", err.text);
		return;
	}
	result = cJSON_ParseWithLength(r->body, r->body_len);
	params = cJSON_CreateObject();
	if (result == NULL || !cJSON_AddItemToObject(params, "result", result)) {
		cJSON_Delete(result);
		http_reply(r, 500, HTTP_JSON, NULL, 0);
	} else {
		method_run(r, "results.insert", params, 201);
	}
	cJSON_Delete(params);
}

void
http_results_clear(struct http_request *r)
{
	if (query_string_refused(r))
		return;
	method_run(r, "results.clear", NULL, 200);
}
