/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/method.h"

#include <string.h>

#include "access/audit.h"
#include "access/users.h"
#include "base/document.h"
#include "base/log.h"
#include "base/profile_fields.h"
#include "control/handlers.h"
#include "flow/flow_scan.h"
#include "query/limit_row.h"
#include "query/spec_fields.h"

// Every method of Weir, in one table (interfaces.md section 7).

// Microseconds since the epoch that a JSON number holds exactly.
#define TIME_US_MAX 9007199254740991.0

#define ROW(...) {__VA_ARGS__}
#define QUERY_NAME(...) ROW("query", PARAM_STRING, .min = 1, .max = DOCUMENT_NAME_LEN - 1, \
	.help = "name of a query, see query.list", __VA_ARGS__)

static const struct param audit_list_params[] = {
	ROW("limit", PARAM_INTEGER, .min = 1, .max = AUDIT_KEPT, .unit = "records", .def = "100",
		.help = "at most this many, the newest"),
	ROW("before", PARAM_INTEGER, .min = 1, .max = TIME_US_MAX,
		.help = "those with smaller numbers only"),
	{0},
};

static const struct param session_login_params[] = {
	ROW("user", PARAM_STRING, .min = 1, .max = USER_NAME_LEN - 1, .required = true,
		.help = "name of a user, see weir passwd"),
	ROW("password", PARAM_STRING, .min = 1, .max = USER_PASSWORD_MAX, .required = true,
		.secret = true, .help = "the password"),
	{0},
};

static const struct param processor_set_params[] = {
	ROW("H", PARAM_NUMBER, .min = 0, .max = 100, .above_min = true, .unit = "percent",
		.help = "share of the total from which a key is reported"),
	ROW("T", PARAM_INTEGER, .min = 1, .max = 3600, .unit = "s", .help = "length of the window"),
	ROW("k", PARAM_INTEGER, .min = 1, .max = 1000, .help = "rows of the top-k results"),
	ROW("X", PARAM_NUMBER, .min = 0, .max = 1000, .above_min = true,
		.unit = "standard deviations", .help = "distance from the mean of an outlier"),
	{0},
};

static const struct param config_get_params[] = {
	ROW("waiting", PARAM_BOOL, .def = "false",
		.help = "with the changes that wait for the next start"),
	{0},
};

static const struct param config_set_params[] = {
	ROW("config", PARAM_OBJECT, .required = true,
		.help = "fields of the configuration (configuration.md); null: the default"),
	ROW("replace", PARAM_BOOL, .def = "false",
		.help = "it is the whole: fields that it leaves out get their defaults; else they stay"),
	ROW("dry_run", PARAM_BOOL, .def = "false",
		.help = "check it and show what would change, but change nothing"),
	ROW("confirm_s", PARAM_NUMBER, .min = 0, .max = 86400, .unit = "s", .def = "0",
		.help = "go back by itself after so long, unless config.confirm comes; 0: do not"),
	{0},
};

static const struct param query_name_params[] = {
	ROW("name", PARAM_STRING, .min = 1, .max = DOCUMENT_NAME_LEN - 1, .required = true,
		.help = "name of a query, see query.list"),
	{0},
};

static const struct param names_set_params[] = {
	ROW("names", PARAM_OBJECT, .required = true, .help = "names by key: address, prefix, MAC, "
		"vlan/ID, port/N or proto/N"),
	{0},
};

static const struct param names_remove_params[] = {
	ROW("keys", PARAM_STRINGS, .min = 1, .max = 16384, .required = true,
		.help = "keys that have a name, see names.list"),
	{0},
};

static const struct param limits_set_params[] = {
	ROW("rows", PARAM_LIST, .min = 0, .max = LIMIT_ROWS_MAX, .required = true,
		.help = "objects with limit_name, source, destination, min_bytes, max_bytes, window_s, "
		"effective_date, clear_after"),
	{0},
};

static const struct param limits_remove_params[] = {
	ROW("limit_name", PARAM_STRING, .min = 1, .max = DOCUMENT_NAME_LEN - 1, .required = true,
		.help = "name of a limit, see limits.list"),
	ROW("effective_date", PARAM_STRING, .min = 10, .max = 40,
		.help = "its row of that date only; without it, all its rows"),
	{0},
};

static const struct param limits_dry_run_params[] = {
	ROW("limit", PARAM_OBJECT, .help = "a row as of limits.set"),
	ROW("query", PARAM_OBJECT, .help = "a query with operator limit, as of query.add"),
	{0},
};

static const struct param alerts_list_params[] = {
	ROW("query", PARAM_STRING, .min = 1, .max = DOCUMENT_NAME_LEN - 1,
		.help = "those of this query only, also of one that is gone; limits: those of the "
		"limits table"),
	ROW("from_us", PARAM_INTEGER, .min = 0, .max = TIME_US_MAX, .unit = "us", .def = "0",
		.help = "raised or cleared at or after this moment"),
	ROW("to_us", PARAM_INTEGER, .min = 0, .max = TIME_US_MAX, .unit = "us",
		.def = "9007199254740991", .help = "raised or cleared before this moment"),
	ROW("limit", PARAM_INTEGER, .min = 1, .max = CONTROL_ALERTS_MAX, .unit = "alerts",
		.def = "100", .help = "at most this many, the newest"),
	{0},
};

static const struct param calibrate_params[] = {
	ROW("profile", PARAM_OBJECT, .help = "fields of the profile, for this run; those not given "
		"stay"),
	ROW("seconds", PARAM_INTEGER, .min = 1, .max = 3600, .unit = "s", .def = "20",
		.help = "how long to send, at least T"),
	{0},
};

static const struct param results_latest_params[] = {
	QUERY_NAME(.required = true),
	{0},
};

#define SOURCE(...) ROW("source", PARAM_STRING, .choices = METHOD_SOURCES, __VA_ARGS__)
#define SOURCE_HELP "who answers; auto: the local store, and MongoDB for what is older than that holds"

static const struct param results_list_params[] = {
	QUERY_NAME(.required = true),
	ROW("from_us", PARAM_INTEGER, .min = 0, .max = TIME_US_MAX, .unit = "us", .def = "0",
		.help = "windows that end at or after this moment"),
	ROW("to_us", PARAM_INTEGER, .min = 0, .max = TIME_US_MAX, .unit = "us",
		.def = "9007199254740991", .help = "windows that end before this moment"),
	ROW("limit", PARAM_INTEGER, .min = 1, .max = 10000, .unit = "results", .def = "100",
		.help = "at most this many, the newest"),
	ROW("cursor", PARAM_STRING, .min = 1, .max = 63, .help = "with it the answer is a page: "
		"\"newest\" begins, then the cursor of the page before",
		.allowed = "\"newest\", or the cursor of a page"),
	SOURCE(.help = SOURCE_HELP "; with it the answer is a page, without both an array from the "
		"local store"),
	{0},
};

static const struct param results_series_params[] = {
	QUERY_NAME(.required = true),
	ROW("key", PARAM_STRING, .min = 1, .max = 255, .required = true,
		.help = "key as in the rows of its results"),
	ROW("from_us", PARAM_INTEGER, .min = 0, .max = TIME_US_MAX, .unit = "us",
		.help = "windows that end at or after this moment; without it, the hour before to_us"),
	ROW("to_us", PARAM_INTEGER, .min = 0, .max = TIME_US_MAX, .unit = "us",
		.help = "windows that end before this moment; without it, now"),
	ROW("step_s", PARAM_NUMBER, .min = 0.1, .max = 31536000, .unit = "s",
		.help = "length of a point, at most 10000 of them; without it, at most about 500"),
	SOURCE(.help = SOURCE_HELP),
	{0},
};

static const struct param results_insert_params[] = {
	ROW("result", PARAM_OBJECT, .required = true, .help = "one result document"),
	{0},
};

#define DAY(field, ...) ROW(field, PARAM_STRING, .min = 10, .max = 10, .unit = "day", \
	.allowed = "a UTC day as YYYY-MM-DD, from 1970-01-01", __VA_ARGS__)

static const struct param daily_list_params[] = {
	ROW("host", PARAM_STRING, .min = 1, .max = 63, .help = "this host only; \"other\": those "
		"that found no room", .allowed = "an IPv4 or IPv6 address, or \"other\""),
	DAY("from", .help = "this day and later"),
	DAY("to", .help = "this day and earlier"),
	ROW("limit", PARAM_INTEGER, .min = 1, .max = 10000, .unit = "totals", .def = "1000",
		.help = "at most this many, the oldest"),
	ROW("cursor", PARAM_STRING, .min = 12, .max = 63, .help = "what follows this day and host, "
		"those of the last document that came",
		.allowed = "DAY/HOST, as in 2026-11-27/10.0.0.1"),
	SOURCE(.help = SOURCE_HELP "; with it the answer is a page, without it an array from the "
		"local store"),
	{0},
};

static const struct param flows_list_params[] = {
	ROW("filter", PARAM_STRING, .max = 1023, .def = "\"\"",
		.allowed = "pcap-filter(7) text of at most 1023 bytes", .help = "only flows that pass; "
		"decided on what is kept of a flow: addresses, ports, protocols, VLANs, MACs"),
	ROW("sort", PARAM_STRING, .choices = FLOW_ORDER_NAMES, .def = "\"bytes\"",
		.help = "by what: both directions together, or time of a packet"),
	ROW("order", PARAM_STRING, .choices = "desc asc", .def = "\"desc\"",
		.help = "largest or smallest first"),
	ROW("limit", PARAM_INTEGER, .min = 1, .max = 1000, .unit = "flows", .def = "100",
		.help = "at most this many, the first ones"),
	{0},
};

static const struct param log_level_params[] = {
	ROW("area", PARAM_STRING, .choices = LOG_AREA_ALL " " LOG_AREAS, .required = true,
		.help = "part of the program"),
	ROW("level", PARAM_STRING, .choices = LOG_LEVELS, .required = true,
		.help = "lines of this level and of those before it"),
	{0},
};

static const char topics[] = "result alert stats flow";
#define TOPIC_COUNT 4

static const struct param subscribe_params[] = {
	ROW("topics", PARAM_STRINGS, .min = 1, .max = TOPIC_COUNT, .choices = topics,
		.required = true, .help = "what to be notified of, added to what is subscribed"),
	ROW("queries", PARAM_STRINGS, .min = 1, .max = 256,
		.help = "results and alerts of these queries only; without it, of all"),
	{0},
};

static const struct param unsubscribe_params[] = {
	ROW("topics", PARAM_STRINGS, .min = 1, .max = TOPIC_COUNT, .choices = topics,
		.help = "what to end; without it, everything"),
	{0},
};

static const struct method methods[] = {
	{"session.get", ROLE_ANYONE, 0, NULL, "who one is, and whether one has to log in",
		handle_session_get,
		"authentication (whether users are needed), kind (nobody, open, user, token, console), "
		"user (or null) and role"},
	{"session.login", ROLE_ANYONE, METHOD_RECORDED, session_login_params,
		"log in; by POST /rpc, whose answer brings a cookie", handle_session_login,
		"as session.get"},
	{"session.logout", ROLE_ANYONE, METHOD_RECORDED, NULL, "end the login, and the websockets opened with it",
		handle_session_logout,
		"as session.get"},
	{"audit.list", ROLE_ADMIN, METHOD_LOOKS, audit_list_params,
		"who changed what, newest first; older ones are in the file beside the store",
		handle_audit_list,
		"records (number, at, at_us, user, role, via, from, method, params, ok, error) and lost, "
		"a number"},
	{"system.info", ROLE_VIEWER, 0, NULL, "version, machine and start", handle_system_info,
		"name, version, DPDK's version, appliance, input, clock, pane, workers, uptime"},
	{"stats.get", ROLE_VIEWER, 0, NULL, "ledger, flows, workers, lcores, rates",
		handle_stats_get,
		"ledger, flows, workers, lcores, rates, store; the shape of the report"},
	{"ports.list", ROLE_VIEWER, 0, NULL, "ports and their counters", handle_ports_list,
		"an array of ports with driver, queues, link and counters"},
	{"processor.get", ROLE_VIEWER, 0, NULL, "parameters H, T, k, X and whether it runs",
		handle_processor_get,
		"H, T, k, X and running"},
	{"processor.set", ROLE_OPERATOR, METHOD_NEEDS_ONE | METHOD_KEEPS, processor_set_params,
		"change parameters; those not given stay", handle_processor_set,
		"H, T, k, X and running"},
	{"processor.start", ROLE_OPERATOR, 0, NULL, "measure", handle_processor_start,
		"H, T, k, X and running"},
	{"processor.stop", ROLE_OPERATOR, 0, NULL, "count packets, measure nothing",
		handle_processor_stop,
		"H, T, k, X and running"},
	{"config.get", ROLE_VIEWER, 0, config_get_params,
		"the configuration that runs, as one document; passwords are shown as ***",
		handle_config_get,
		"the document"},
	{"config.set", ROLE_ADMIN, 0, config_set_params,
		"change the configuration as a whole, or not at all", handle_config_set,
		"applied, changes (field, from, to, restart), restart (fields that wait for the "
		"next start) and confirm_s"},
	{"config.confirm", ROLE_ADMIN, 0, NULL, "keep a change that would be rolled back",
		handle_config_confirm,
		"confirmed"},
	{"config.rollback", ROLE_ADMIN, 0, NULL, "what was before the last config.set",
		handle_config_rollback,
		"as config.set"},
	{"config.save", ROLE_ADMIN, 0, NULL, "write the configuration to the file of --config",
		handle_config_save,
		"saved, the path"},
	{"query.list", ROLE_VIEWER, 0, NULL, "queries in work", handle_query_list,
		"an array of queries, each complete"},
	{"query.add", ROLE_OPERATOR, METHOD_OPEN | METHOD_NEEDS_ONE, query_fields,
		"one query more", handle_query_add,
		"the query, complete"},
	{"query.update", ROLE_OPERATOR, METHOD_OPEN | METHOD_NEEDS_ONE | METHOD_KEEPS, query_fields,
		"change fields of the query of that name; those not given stay",
		handle_query_update,
		"the query, complete", "name"},
	{"query.remove", ROLE_OPERATOR, 0, query_name_params, "one query less",
		handle_query_remove,
		"removed, the name"},
	{"query.pause", ROLE_OPERATOR, 0, query_name_params, "no results until it is resumed",
		handle_query_pause,
		"the query, complete"},
	{"query.resume", ROLE_OPERATOR, 0, query_name_params, "results again",
		handle_query_resume,
		"the query, complete"},
	{"query.preview", ROLE_VIEWER, METHOD_OPEN | METHOD_NEEDS_ONE, query_fields,
		"what a query would answer now, from what is retained", handle_query_preview,
		"a result", "key op"},
	{"names.list", ROLE_VIEWER, 0, NULL, "names of keys, and the databases of countries and "
		"autonomous systems", handle_names_list,
		"the names, and the databases with their state"},
	{"names.set", ROLE_OPERATOR, 0, names_set_params, "name keys, or name them anew",
		handle_names_set,
		"as names.list"},
	{"names.remove", ROLE_OPERATOR, 0, names_remove_params, "forget names",
		handle_names_remove,
		"as names.list"},
	{"names.reload", ROLE_OPERATOR, 0, NULL, "read the files of geoip again",
		handle_names_reload,
		"as names.list"},
	{"limits.list", ROLE_VIEWER, 0, NULL, "rows of the limits table, and the state of its file",
		handle_limits_list,
		"limits (rows), file (state, or null) and retained"},
	{"limits.set", ROLE_OPERATOR, 0, limits_set_params,
		"limits, each in the place of one of its name and date", handle_limits_set,
		"as limits.list"},
	{"limits.remove", ROLE_OPERATOR, 0, limits_remove_params, "one limit less",
		handle_limits_remove,
		"as limits.list"},
	{"limits.dry_run", ROLE_VIEWER, METHOD_NEEDS_ONE, limits_dry_run_params,
		"alerts that a limit would have raised, from what is retained",
		handle_limits_dry_run,
		"the alerts, and what was looked at"},
	{"alerts.list", ROLE_VIEWER, 0, alerts_list_params,
		"alerts, newest first, also those from before one subscribed", handle_alerts_list,
		"alerts, more (are there older ones?) and source: local (the store), or memory, where "
		"there is none or it has a fault: then also dropped (how many gave way to newer ones) "
		"and fault (the store's, or null)"},
	{"generator.get", ROLE_VIEWER, 0, NULL, "profile and counters of the generator",
		handle_generator_get,
		"running, sent, bytes, dropped, late, achieved_pps and the complete profile"},
	{"generator.set", ROLE_OPERATOR, METHOD_OPEN | METHOD_NEEDS_ONE | METHOD_KEEPS, profile_fields,
		"change fields of the profile; those not given stay", handle_generator_set,
		"running, sent, bytes, dropped, late, achieved_pps and the complete profile"},
	{"generator.start", ROLE_OPERATOR, 0, NULL, "send packets", handle_generator_start,
		"running, sent, bytes, dropped, late, achieved_pps and the complete profile"},
	{"generator.stop", ROLE_OPERATOR, 0, NULL, "send no packets", handle_generator_stop,
		"running, sent, bytes, dropped, late, achieved_pps and the complete profile"},
	{"generator.calibrate", ROLE_OPERATOR, 0, calibrate_params,
		"run a profile and compare the built-in queries with the true answers; answers at "
		"once, see generator.calibration", handle_generator_calibrate,
		"as generator.calibration"},
	{"generator.calibration", ROLE_VIEWER, 0, NULL,
		"state of the calibration, or the outcome of the last one",
		handle_generator_calibration,
		"state and outcome"},
	{"results.latest", ROLE_VIEWER, 0, results_latest_params, "newest result of a query",
		handle_results_latest,
		"a result"},
	{"results.list", ROLE_VIEWER, 0, results_list_params, "stored results, newest first",
		handle_results_list,
		"an array of results; of a page: results, cursor (null: that was all), source (local; "
		"mongodb, where it was asked), partial and missing (a source that failed)"},
	{"results.series", ROLE_VIEWER, 0, results_series_params,
		"the value of a key over time, in steps, from stored results", handle_results_series,
		"metric, window_us, step_us, points (start_us, end_us, results, listed, min, mean, max; "
		"null where the key was in no row), source, partial and missing"},
	{"results.insert", ROLE_OPERATOR, 0, results_insert_params, "store one result document",
		handle_results_insert,
		"inserted, a number"},
	{"results.clear", ROLE_OPERATOR, 0, NULL, "delete all stored results",
		handle_results_clear,
		"deleted, a number"},
	{"daily.list", ROLE_VIEWER, 0, daily_list_params,
		"totals of local hosts by UTC day, oldest first", handle_daily_list,
		"an array of documents of type daily; of a page: totals, cursor, source, partial and "
		"missing"},
	{"log.get", ROLE_VIEWER, 0, NULL, "how much each area writes to the log", handle_log_get,
		"format, and levels (by area)"},
	{"log.level", ROLE_OPERATOR, 0, log_level_params, "let an area write more, or less",
		handle_log_level,
		"as log.get"},
	{"flows.list", ROLE_VIEWER, 0, flows_list_params,
		"flows that live now, the first ones by size or time", handle_flows_list,
		"flows (records whose end is null), taken (from_us, to_us: when tables were walked), "
		"total, matched, shown; packets and bytes of all that matched"},
	{"subscribe", ROLE_VIEWER, 0, subscribe_params, "notifications on this websocket",
		handle_subscribe,
		"the topics and queries that are subscribed to now"},
	{"unsubscribe", ROLE_VIEWER, 0, unsubscribe_params, "end notifications",
		handle_unsubscribe,
		"the topics and queries that are subscribed to now"},
	{"rpc.methods", ROLE_VIEWER, 0, NULL, "this table", handle_rpc_methods,
		"an array of methods with role, help, result and parameters"},
};

#define METHOD_COUNT (sizeof(methods) / sizeof(methods[0]))

const struct method *
method_next(const struct method *m)
{
	if (m == NULL)
		return &methods[0];
	return m + 1 < methods + METHOD_COUNT ? m + 1 : NULL;
}

const struct method *
method_find(const char *name)
{
	for (size_t i = 0; i < METHOD_COUNT; i++)
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	return NULL;
}

static cJSON *
method_json(const struct method *m)
{
	cJSON *o = cJSON_CreateObject();
	cJSON *params;

	cJSON_AddStringToObject(o, "name", m->name);
	cJSON_AddStringToObject(o, "role", role_name(m->role));
	cJSON_AddStringToObject(o, "help", m->help);
	cJSON_AddBoolToObject(o, "open", (m->flags & METHOD_OPEN) != 0);
	cJSON_AddStringToObject(o, "result", m->result);
	params = cJSON_AddArrayToObject(o, "params");
	for (const struct param *p = m->params; p != NULL && p->name != NULL; p++) {
		cJSON *row = param_json(p);

		cJSON_ReplaceItemInObjectCaseSensitive(row, "required",
			cJSON_CreateBool(method_param_required(m, p)));
		cJSON_AddItemToArray(params, row);
	}
	return o;
}

cJSON *
method_table_json(void)
{
	cJSON *all = cJSON_CreateArray();

	for (size_t i = 0; i < METHOD_COUNT && all != NULL; i++)
		cJSON_AddItemToArray(all, method_json(&methods[i]));
	return all;
}
