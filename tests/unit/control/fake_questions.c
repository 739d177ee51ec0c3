/* SPDX-License-Identifier: BSD-3-Clause */
#include "fake_app.h"

#include <errno.h>
#include <string.h>

// Of the double: configuration, queries, names, limits and flows, which know a few good answers and
// keep nothing but parameters.k.

static cJSON *
config_get(void *app, bool waiting)
{
	const struct fake_app *a = app;
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(cJSON_AddObjectToObject(o, "parameters"), "k", a->parameters.k);
	if (waiting)
		cJSON_AddNumberToObject(o, "workers", 2);
	if (a->has_local_networks)
		cJSON_AddItemToObject(o, "local_networks", cJSON_Parse("[\"10.0.0.0/8\"]"));
	return o;
}

// Knows parameters.k, and finds two faults in anything else.
static int
config_set(void *app, const cJSON *config, const struct config_set_params *params, cJSON **ret,
	struct error_list *errors)
{
	const cJSON *k = cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(config, "parameters"), "k");

	if (!cJSON_IsNumber(k) || k->valuedouble < 1) {
		error_list_add(errors, "parameters.k", "parameters.k: found nothing good");
		error_list_add(errors, "workers", "workers: not that many");
		return -EINVAL;
	}
	if (!params->dry_run)
		((struct fake_app *)app)->parameters.k = (uint32_t)k->valuedouble;
	*ret = cJSON_CreateObject();
	cJSON_AddBoolToObject(*ret, "applied", !params->dry_run);
	cJSON_AddItemToObject(*ret, "changes", cJSON_Parse("[{\"field\":\"parameters.k\",\"from\":10,"
		"\"to\":5,\"restart\":false},{\"field\":\"workers\",\"from\":null,\"to\":2,"
		"\"restart\":true}]"));
	cJSON_AddItemToObject(*ret, "restart", cJSON_Parse("[\"workers\"]"));
	cJSON_AddNumberToObject(*ret, "confirm_s", params->confirm_s);
	return 0;
}

static int
config_nothing(void *app, cJSON **ret, struct error_list *errors)
{
	(void)app;
	(void)ret;
	error_list_add(errors, "", "nothing waits");
	return -ENOENT;
}

static int
config_save(void *app, cJSON **ret, struct error_list *errors)
{
	(void)app;
	(void)errors;
	*ret = cJSON_CreateObject();
	cJSON_AddStringToObject(*ret, "saved", "/etc/weir/weir.json");
	return 0;
}

static cJSON *
query_list(void *app)
{
	(void)app;
	return cJSON_Parse("[{\"name\":\"ip-topk\",\"key\":\"ip\",\"metric\":\"bytes\",\"op\":"
		"{\"type\":\"topk\",\"k\":10},\"window_s\":10,\"slide_s\":1,\"scope\":\"all\"},"
		"{\"name\":\"protocol-share\",\"key\":\"protocol\",\"metric\":\"bytes\",\"op\":"
		"{\"type\":\"share\",\"percent\":10},\"window_s\":10,\"slide_s\":1,"
		"\"scope\":\"all\"}]");
}

// Takes what has a name of its own and a key, and finds two faults in anything else.
static int
query_add(void *app, const cJSON *query, cJSON **ret, struct error_list *errors)
{
	const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(query, "name"));

	(void)app;
	if (name == NULL || cJSON_GetObjectItemCaseSensitive(query, "key") == NULL) {
		error_list_add(errors, "name", "name: found nothing good");
		error_list_add(errors, "key", "key: missing");
		return -EINVAL;
	}
	*ret = cJSON_Duplicate(query, true);
	return 0;
}

static int
query_update(void *app, const cJSON *query, cJSON **ret, struct error_list *errors)
{
	(void)app;
	if (cJSON_GetObjectItemCaseSensitive(query, "busy") != NULL) {
		error_list_add(errors, "", "not applied: too many at once");
		return -EAGAIN;
	}
	*ret = cJSON_Duplicate(query, true);
	return 0;
}

static int
query_remove(void *app, const char *name, struct error_list *errors)
{
	(void)app;
	if (strcmp(name, "ip-topk") == 0)
		return 0;
	error_list_add(errors, "name", "name: '%s' stays", name);
	return -EBUSY;
}

static cJSON *
names_list(void *app)
{
	(void)app;
	return cJSON_Parse("{\"names\":{\"10.0.0.5\":\"db1\"},\"geoip\":[{\"file\":\"c.mmdb\","
		"\"type\":\"Country\",\"built_us\":1}]}");
}

// Takes any names, and forgets 10.0.0.5's only.
static int
names_change(void *app, const cJSON *names, const cJSON *keys, struct error_list *errors)
{
	const char *key = cJSON_GetStringValue(cJSON_GetArrayItem(keys, 0));

	(void)app;
	if (names != NULL || (key != NULL && strcmp(key, "10.0.0.5") == 0))
		return 0;
	error_list_add(errors, "keys", "keys: '%s' has no name", key);
	return -EINVAL;
}

static int
names_reload(void *app, struct error_list *errors)
{
	(void)app;
	error_list_add(errors, "geoip[0]", "geoip[0]: gone");
	return -EINVAL;
}

static cJSON *
limits_list(void *app)
{
	(void)app;
	return cJSON_Parse("{\"limits\":[{\"limit_name\":\"lab\",\"source\":\"10.0.0.0/8\","
		"\"max_bytes\":5000000,\"window_s\":300,\"effective_date\":\"2026-11-26T00:00:00.000Z\","
		"\"clear_after\":1,\"origin\":\"rpc\",\"state\":\"holds\"}],\"file\":{\"path\":\"x.json\","
		"\"fault\":\"x.json:3: no\"},\"clock_us\":1}");
}

// Takes one row with a name.
static int
limits_set(void *app, const cJSON *rows, cJSON **ret, struct error_list *errors)
{
	if (cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(rows, 0), "limit_name") == NULL) {
		error_list_add(errors, "rows[0].limit_name", "rows[0].limit_name: missing");
		return -EINVAL;
	}
	*ret = limits_list(app);
	return 0;
}

static int
limits_remove(void *app, const char *name, const char *date, cJSON **ret,
	struct error_list *errors)
{
	if (strcmp(name, "lab") != 0 || date != NULL) {
		error_list_add(errors, "limit_name", "limit_name: no limit '%s'",
			name != NULL ? name : "");
		return strcmp(name, "file") == 0 ? -EBUSY : -ENOENT;
	}
	*ret = limits_list(app);
	return 0;
}

static void
limits_dry_run(void *app, const cJSON *params, struct control_call *call)
{
	(void)app;
	(void)params;
	control_call_complete(call, cJSON_Parse("{\"from_us\":0,\"to_us\":5000000,\"windows\":5,"
		"\"exact\":true,\"alerts\":[{\"type\":\"alert\",\"query\":\"limits\",\"limit_name\":"
		"\"lab\",\"key\":\"10.0.0.0/8 > any\",\"value\":6000000,\"limit\":5000000,"
		"\"state\":\"raised\",\"at_us\":4000000}],\"more\":2}"));
}

static void
flows_list(void *app, const struct control_flows *q, struct control_call *call)
{
	cJSON *o;

	(void)app;
	if (q->filter != NULL && strcmp(q->filter, "no") == 0) {
		control_call_fail(call, CALL_INVALID_PARAMS, "filter", "filter: 'no': syntax error");
		return;
	}
	o = cJSON_Parse("{\"taken\":{\"from_us\":1,\"to_us\":2},\"total\":3,\"matched\":2,"
		"\"shown\":1,\"packets\":5,\"bytes\":500,\"flows\":[{\"type\":\"flow\",\"src\":"
		"\"10.0.0.1\",\"sport\":1234,\"dst\":\"192.0.2.7\",\"dport\":443,\"proto\":6,"
		"\"app\":\"HTTPS\",\"first_us\":0,\"last_us\":1500000,\"end\":null,"
		"\"fwd\":{\"packets\":3,\"bytes\":300},\"rev\":{\"packets\":2,\"bytes\":200},"
		"\"bidir\":{\"packets\":5,\"bytes\":500}}]}");
	// What was understood, for tests to compare.
	cJSON_AddStringToObject(o, "filter", q->filter != NULL ? q->filter : "");
	cJSON_AddNumberToObject(o, "order", q->order);
	cJSON_AddBoolToObject(o, "ascending", q->ascending);
	cJSON_AddNumberToObject(o, "limit", q->limit);
	control_call_complete(call, o);
}

static void
query_preview(void *app, const cJSON *query, struct control_call *call)
{
	(void)app;
	control_call_complete(call, cJSON_Duplicate(query, true));
}

static bool
query_exists(void *app, const char *query)
{
	(void)app;
	return strcmp(query, "ip-topk") == 0 || strcmp(query, "protocol-share") == 0;
}

void
fake_questions_add(struct control_ops *o)
{
	o->config_get = config_get;
	o->config_set = config_set;
	o->config_confirm = config_nothing;
	o->config_rollback = config_nothing;
	o->config_save = config_save;
	o->query_list = query_list;
	o->query_add = query_add;
	o->query_update = query_update;
	o->query_remove = query_remove;
	o->query_preview = query_preview;
	o->flows_list = flows_list;
	o->names_list = names_list;
	o->names_change = names_change;
	o->names_reload = names_reload;
	o->limits_list = limits_list;
	o->limits_set = limits_set;
	o->limits_remove = limits_remove;
	o->limits_dry_run = limits_dry_run;
	o->query_exists = query_exists;
}
