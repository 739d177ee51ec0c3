/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes at all as a JSON-RPC message. Beyond not crashing and not leaking, these must hold:
 * there is at most one answer; it is JSON; what is not JSON is answered with a parse error; and a
 * message of one request that has an id is always answered.
 *
 * The application behind it answers everything with an empty object, at once or, for the store's
 * methods, through the mailbox as from another thread.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/internal.h"
#include "control/json_scan.h"
#include "control/rpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static cJSON *
object_get(void *app)
{
	(void)app;
	return cJSON_CreateObject();
}

static void
parameters_get(void *app, struct processor_parameters *ret)
{
	(void)app;
	*ret = (struct processor_parameters){.H = 10, .T = 10, .k = 10, .X = 2};
}

// The method table lets nothing through that is out of range.
static int
parameters_set(void *app, const struct processor_parameters *p, struct error *err)
{
	(void)app;
	(void)err;
	if (!(p->H > 0 && p->H <= 100) || p->T < 1 || p->T > 3600 || p->k < 1 || p->k > 1000 ||
		!(p->X > 0 && p->X <= 1000))
		abort();
	return 0;
}

static int
run_set(void *app, bool run, struct error *err)
{
	(void)app;
	return run ? 0 : error_field(err, -1, "run", "no");
}

static int
generator_set(void *app, const cJSON *changes, struct error *err)
{
	(void)app;
	return error_field(err, -22, changes->child->string, "%s: no", changes->child->string);
}

static int
query_set(void *app, const cJSON *query, cJSON **ret, struct error_list *errors)
{
	(void)app;
	if (!cJSON_IsObject(query))
		abort();
	if (cJSON_GetArraySize(query) > 1) {
		*ret = cJSON_CreateObject();
		return 0;
	}
	error_list_add(errors, query->child->string, "%s: no", query->child->string);
	return -22;
}

static int
query_remove(void *app, const char *name, struct error_list *errors)
{
	(void)app;
	if (name[1] == '\0')
		return 0;
	error_list_add(errors, "name", "name: no");
	return -22;
}

static cJSON *
config_get(void *app, bool waiting)
{
	(void)app;
	return waiting ? NULL : cJSON_CreateObject();
}

static int
config_set(void *app, const cJSON *config, const struct config_set_params *params, cJSON **ret,
	struct error_list *errors)
{
	if (!cJSON_IsObject(config) || !(params->confirm_s >= 0 && params->confirm_s <= 86400))
		abort();
	(void)app;
	if (params->dry_run) {
		*ret = cJSON_CreateObject();
		return 0;
	}
	error_list_add(errors, "a", "a: no");
	error_list_add(errors, "", "no");
	return -22;
}

static int
config_do(void *app, cJSON **ret, struct error_list *errors)
{
	(void)app;
	(void)ret;
	error_list_add(errors, "", "no");
	return -1;
}

static void
flows_list(void *app, const struct control_flows *q, struct control_call *call)
{
	(void)app;
	if (q->limit < 1 || q->limit > 1000 || q->order > 4)
		abort();
	control_call_complete(call, cJSON_CreateObject());
}

static void
query_preview(void *app, const cJSON *query, struct control_call *call)
{
	struct error_list errors = {.count = 0};

	(void)app;
	error_list_add(&errors, query->child->string, "no");
	control_call_fail_all(call, -32602, &errors);
}

static bool
query_exists(void *app, const char *query)
{
	(void)app;
	return query[0] == 'q';
}

static struct document *
result_latest(void *app, const char *query)
{
	(void)app;
	return query[1] == '\0' ? NULL : document_create(DOCUMENT_RESULT, query, 0, 0, "{}", 2);
}

static void
results_list(void *app, const struct control_results *q, struct control_call *call)
{
	(void)app;
	if (strlen(q->query) > 63 || q->from_us > q->to_us || q->limit < 1 || q->limit > 10000)
		abort();
	control_call_complete(call, cJSON_CreateArray());
}

static void
results_newest(void *app, const char *query, struct control_call *call)
{
	(void)app;
	if (strlen(query) > 63)
		abort();
	control_call_fail(call, CALL_NOT_FOUND, "query", "none");
}

static void
results_series(void *app, const struct control_series *q, struct control_call *call)
{
	(void)app;
	if (strlen(q->key) > 255 || q->from_us >= q->to_us || q->source > CONTROL_SOURCE_MONGODB)
		abort();
	control_call_complete(call, cJSON_CreateArray());
}

static void
daily_list(void *app, const struct control_daily *q, struct control_call *call)
{
	(void)app;
	if (q->from_us > q->to_us || q->limit < 1 || q->limit > 10000)
		abort();
	control_call_complete(call, cJSON_CreateArray());
}

static void
results_insert(void *app, const cJSON *result, struct control_call *call)
{
	(void)app;
	if (!cJSON_IsObject(result))
		abort();
	control_call_fail(call, -32000, "result", "no");
}

static void
results_clear(void *app, struct control_call *call)
{
	(void)app;
	control_call_complete(call, cJSON_CreateObject());
}

static const struct control_ops ops = {
	.system_info = object_get,
	.stats_get = object_get,
	.ports_list = object_get,
	.processor_get = object_get,
	.processor_parameters = parameters_get,
	.processor_set = parameters_set,
	.processor_run = run_set,
	.config_get = config_get,
	.config_set = config_set,
	.config_confirm = config_do,
	.config_rollback = config_do,
	.config_save = config_do,
	.query_list = object_get,
	.query_add = query_set,
	.query_update = query_set,
	.query_remove = query_remove,
	.query_preview = query_preview,
	.flows_list = flows_list,
	.generator_get = object_get,
	.generator_set = generator_set,
	.generator_run = run_set,
	.query_exists = query_exists,
	.result_latest = result_latest,
	.results_list = results_list,
	.results_newest = results_newest,
	.results_series = results_series,
	.daily_list = daily_list,
	.results_insert = results_insert,
	.results_clear = results_clear,
};

struct outcome {
	unsigned int answers;
	char *reply;
	size_t len;
};

static void
answered(void *arg, char *reply, size_t len)
{
	struct outcome *o = arg;

	o->answers++;
	o->reply = reply;
	o->len = len;
}

static void
outcome_check(const struct outcome *o, const uint8_t *data, size_t size)
{
	bool json = json_scan_check((const char *)data, size, CONTROL_JSON_DEPTH, NULL) == 0;
	cJSON *request = json ? cJSON_ParseWithLength((const char *)data, size) : NULL;

	if (o->answers != 1)
		abort();
	if (o->reply != NULL && json_scan_check(o->reply, o->len, 1000, NULL) != 0)
		abort();
	if (!json && (o->reply == NULL || strstr(o->reply, "\"code\":-32700") == NULL))
		abort();
	if (cJSON_GetObjectItemCaseSensitive(request, "id") != NULL && o->reply == NULL)
		abort();
	cJSON_Delete(request);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct control_params no_listen = {.listen = false};
	static struct control *c;
	struct caller caller;
	struct outcome o = {0};
	struct rpc_exchange *x;
	char *text;

	if (c == NULL)
		c = control_create(&no_listen, &ops, NULL, NULL);
	if (c == NULL || size > CONTROL_REQUEST_BYTES)
		return 0;
	text = malloc(size + 1);
	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	caller_of_console(&caller);
	x = rpc_create(c, NULL, &caller, text, size, answered, &o);
	if (x == NULL)
		return 0;
	rpc_run(x);
	while (o.answers == 0)
		control_mailbox_serve(c);
	outcome_check(&o, data, size);
	free(o.reply);
	return 0;
}
