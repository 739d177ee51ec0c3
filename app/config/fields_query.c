/* SPDX-License-Identifier: BSD-3-Clause */
#include "config/schema.h"

#include "query/geoip.h"
#include "query/networks.h"
#include "query/query_set.h"

// What is asked, and of what: parameters, queries, local_networks, names, geoip, protocols, generator.

static void
builtins_apply(struct options *o, const cJSON *v)
{
	const cJSON *name;

	o->builtins_off = (1U << QUERY_BUILTINS) - 1;
	cJSON_ArrayForEach(name, v)
		o->builtins_off &= ~(1U << query_builtin_find(name->valuestring));
}

static cJSON *
builtins_get(const struct options *o)
{
	cJSON *list = cJSON_CreateArray();

	for (unsigned int i = 0; i < QUERY_BUILTINS; i++)
		if ((o->builtins_off >> i & 1) == 0)
			cJSON_AddItemToArray(list, cJSON_CreateString(query_builtin_name(i)));
	return list;
}

const struct config_field config_fields_query[] = {
	{{"parameters.H", PARAM_NUMBER, .max = 100, .above_min = true, .unit = "percent", .def = "10",
		.help = "share of the total from which the built-in queries report a key"},
		.as = CONFIG_DOUBLE, .at = offsetof(struct options, parameters.H)},
	{{"parameters.T", PARAM_INTEGER, .min = 1, .max = QUERY_T_MAX, .unit = "s", .def = "10",
		.help = "length of their window"},
		.as = CONFIG_U32, .at = offsetof(struct options, parameters.T)},
	{{"parameters.k", PARAM_INTEGER, .min = 1, .max = QUERY_K_MAX, .unit = "rows", .def = "10",
		.help = "rows of their top-k results"},
		.as = CONFIG_U32, .at = offsetof(struct options, parameters.k)},
	{{"parameters.X", PARAM_NUMBER, .max = QUERY_X_MAX, .above_min = true,
		.unit = "standard deviations", .def = "2", .help = "distance from the mean of an outlier"},
		.as = CONFIG_DOUBLE, .at = offsetof(struct options, parameters.X)},
	{{"builtin_queries", PARAM_STRINGS, .max = QUERY_BUILTINS, .choices = "protocol-share "
		"protocol-topk protocol-outlier ip-share ip-topk ip-outlier",
		.help = "built-in queries that there are; without it, all"},
		.apply = builtins_apply, .get = builtins_get},
	{{"queries", PARAM_LIST, .max = QUERY_SET_MAX, .def = "[]",
		.help = "queries besides the built-in ones, or in their place"},
		.as = CONFIG_JSON, .at = offsetof(struct options, queries)},
	{{"key_budget", PARAM_INTEGER, .min = KEY_BUDGET_MIN, .max = KEY_BUDGET_MAX, .unit = "keys",
		.def = "1048576", .help = "keys of each kind up to which results are exact"},
		.restart = true, .option = "--key-budget", .as = CONFIG_U32,
		.at = offsetof(struct options, key_budget)},
	{{"limits.file", PARAM_STRING, .min = 1, .max = 4095,
		.help = "limits table; JSON, guide.md section 5"},
		.file_only = true, .option = "--limits", .as = CONFIG_TEXT,
		.at = offsetof(struct options, limits_file)},
	{{"limits.refresh_s", PARAM_NUMBER, .max = 86400, .unit = "s", .def = "0",
		.help = "time between two looks at the file; 0: a change takes effect within a second"},
		.as = CONFIG_SECONDS,
		.at = offsetof(struct options, limits_refresh_us)},
	{{"limits.retain", PARAM_STRING, .choices = "table always never", .def = "\"table\"",
		.help = "keep slices for dry runs of limits: while there are rows or a file, always, never"},
		.as = CONFIG_ENUM, .at = offsetof(struct options, limits_retain)},
	{{"retain_mib", PARAM_INTEGER, .max = 65536, .unit = "MiB", .def = "0",
		.help = "memory for a log that previews of any query are answered from; 0: no log"},
		.restart = true, .as = CONFIG_MIB, .at = offsetof(struct options, retain_bytes)},
	{{"local_networks", PARAM_STRINGS, .max = NETWORKS_MAX, .def = "[]",
		.help = "prefixes of the addresses that are yours, for the scope of queries"},
		.restart = true, .as = CONFIG_JSON, .at = offsetof(struct options, local_networks)},
	{{"names", PARAM_OBJECT,
		.help = "what keys of results are called, {\"10.0.0.0/8\": \"office\", \"vlan/100\": \"guests\"}"},
		.as = CONFIG_JSON, .at = offsetof(struct options, names)},
	{{"geoip", PARAM_STRINGS, .max = GEOIP_FILES_MAX, .def = "[]",
		.help = "databases of countries and autonomous systems in MaxMind's format (.mmdb)"},
		.restart = true, .file_only = true, .as = CONFIG_JSON,
		.at = offsetof(struct options, geoip)},
	{{"protocols", PARAM_OBJECT,
		.help = "application protocols by port, {\"HTTPS\": [\"tcp/443\"], ...}; without it, the built-in "
		"table"},
		.restart = true, .as = CONFIG_JSON, .at = offsetof(struct options, protocols)},
	{{"generator", PARAM_OBJECT, .help = "profile of the traffic that --demo sends (pktgen.md)"},
		.as = CONFIG_JSON, .at = offsetof(struct options, generator)},
	{{0}},
};
