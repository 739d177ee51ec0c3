/* SPDX-License-Identifier: BSD-3-Clause */
#include "config/schema.h"

// How much of each kind is kept, locally, on the way to MongoDB, and there.

#define KEPT(kind, field) offsetof(struct options, store_bounds.kept[kind].field)
#define DAYS PARAM_NUMBER, .min = 1e-5, .max = 36500, .unit = "days"
#define MIB PARAM_INTEGER, .min = 1, .max = 1 << 24, .unit = "MiB"

const struct config_field config_fields_store[] = {
	{{"keep.results_days", DAYS, .def = "30", .help = "results stay in the local store so long"},
		.restart = true, .as = CONFIG_DAYS, .at = KEPT(DOCUMENT_RESULT, age_us)},
	{{"keep.results_mib", MIB, .def = "8192",
		.help = "and so much of them; of all bounds the one that is reached first holds"},
		.restart = true, .as = CONFIG_MIB, .at = KEPT(DOCUMENT_RESULT, bytes)},
	{{"keep.alerts_days", DAYS, .def = "90", .help = "the same for alerts"},
		.restart = true, .as = CONFIG_DAYS, .at = KEPT(DOCUMENT_ALERT, age_us)},
	{{"keep.alerts_mib", MIB, .def = "256", .help = "the same for alerts"},
		.restart = true, .as = CONFIG_MIB, .at = KEPT(DOCUMENT_ALERT, bytes)},
	{{"keep.daily_days", DAYS, .def = "730", .help = "the same for daily totals"},
		.restart = true, .as = CONFIG_DAYS, .at = KEPT(DOCUMENT_DAILY, age_us)},
	{{"keep.daily_mib", MIB, .def = "1024", .help = "the same for daily totals"},
		.restart = true, .as = CONFIG_MIB, .at = KEPT(DOCUMENT_DAILY, bytes)},
	{{"keep.flow_records", PARAM_BOOL, .def = "false",
		.help = "flow records are stored and pushed too"},
		.restart = true, .as = CONFIG_BOOL, .at = offsetof(struct options, store_flows)},
	{{"keep.flows_days", DAYS, .def = "7", .help = "the same for flow records"},
		.restart = true, .as = CONFIG_DAYS, .at = KEPT(DOCUMENT_FLOW, age_us)},
	{{"keep.flows_mib", MIB, .def = "2048", .help = "the same for flow records"},
		.restart = true, .as = CONFIG_MIB, .at = KEPT(DOCUMENT_FLOW, bytes)},
	{{"keep.outbox_documents", PARAM_INTEGER, .min = 1000, .max = 1e9, .unit = "documents",
		.def = "1000000", .help = "as many may wait for MongoDB, then the oldest are lost, counted"},
		.restart = true, .as = CONFIG_U64,
		.at = offsetof(struct options, store_bounds.outbox_rows)},
	{{"keep.outbox_mib", MIB, .def = "1024", .help = "the same in size"},
		.restart = true, .as = CONFIG_MIB,
		.at = offsetof(struct options, store_bounds.outbox_bytes)},
	{{"keep.push_days", PARAM_NUMBER, .max = 24855, .unit = "days", .def = "0",
		.help = "MongoDB deletes documents so long after their end; 0: never"},
		.restart = true, .as = CONFIG_DAYS, .at = offsetof(struct options, push_ttl_us)},
	{{0}},
};
