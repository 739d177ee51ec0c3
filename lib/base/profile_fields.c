/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/profile_fields.h"

const struct param profile_fields[] = {
	{"rate", PARAM_ANY, .nullable = true, .def = "null", .allowed = "a whole number from 0 to 1000000000, "
		"or a text like \"2mpps\" or \"10gbps\"", .help = "how fast, in place of rate_pps"},
	{"rate_pps", PARAM_ANY, .def = "1000000", .unit = "packets/s", .allowed = "a whole number from 0 to "
		"1000000000, or a text like \"2mpps\"", .help = "0: as fast as the port takes them"},
	{"pacing", PARAM_OBJECT, .def = "{\"type\":\"constant\"}", .help = "how even"},
	{"seed", PARAM_INTEGER, .max = 9007199254740991.0, .def = "1",
		.help = "decides the packets, together with the rest"},
	{"flows", PARAM_INTEGER, .min = 1, .max = 1048576, .def = "10000",
		.help = "flows there are"},
	{"popularity", PARAM_OBJECT, .def = "{\"type\":\"uniform\"}",
		.help = "how often a flow's packets come: {\"type\":\"uniform\"}, {\"type\":\"zipf\",\"s\":S} or "
		"{\"type\":\"pareto\",\"alpha\":A}"},
	{"lifetime", PARAM_OBJECT, .nullable = true, .def = "null",
		.help = "how flows end and new ones come; null: they do not end"},
	{"exchange", PARAM_OBJECT, .nullable = true, .def = "null",
		.help = "requests and responses; null: single packets"},
	{"addresses", PARAM_ANY, .allowed = "an array of addresses, or {\"net4\": PREFIX, \"count\": N}",
		.help = "one end of the flows"},
	{"address_weights", PARAM_LIST, .min = 1, .max = 1048576, .nullable = true, .def = "null",
		.help = "a weight for each address; null: all the same"},
	{"protocols", PARAM_STRINGS, .min = 1, .max = 1024,
		.help = "names of application protocols"},
	{"protocol_weights", PARAM_LIST, .min = 1, .max = 1024, .nullable = true, .def = "null",
		.help = "a weight for each protocol; null: all the same"},
	{"peers", PARAM_OBJECT, .help = "the other end: {\"net4\": PREFIX, \"net6\": PREFIX, \"count\": N}"},
	{"size", PARAM_OBJECT, .def = "{\"type\":\"uniform\",\"min\":64,\"max\":1518}",
		.help = "bytes of a frame: {\"type\":\"fixed\",\"bytes\":N}, {\"type\":\"uniform\",\"min\":A,"
		"\"max\":B} or {\"type\":\"imix\"}"},
	{"encapsulation", PARAM_ANY, .nullable = true, .def = "null",
		.allowed = "an object or an array, see pktgen.md", .help = "what the packets are wrapped in"},
	{"duration_s", PARAM_NUMBER, .min = 0.001, .max = 10 * 366 * 86400.0, .nullable = true,
		.unit = "s", .def = "null", .help = "the end, in packet time; null: none"},
	{"packets", PARAM_INTEGER, .min = 1, .max = 9007199254740991.0, .nullable = true, .def = "null",
		.help = "the end, in packets; null: none"},
	{"answer_key", PARAM_STRING, .min = 1, .max = 1023, .nullable = true, .def = "null",
		.help = "file of the true totals; weir-pktgen only"},
	{"answer_key_flows", PARAM_BOOL, .def = "false", .help = "with pairs of addresses and flows"},
	{"answer_key_queries", PARAM_OBJECT, .nullable = true, .def = "null",
		.allowed = "see pktgen.md, The answer key",
		.help = "with the true answers of the built-in queries; null: without"},
	{"events", PARAM_LIST, .max = 16, .def = "[]", .help = "what happens when: surges, outages, "
		"scans and floods"},
	{"timestamps", PARAM_INTEGER, .min = 1, .max = 9007199254740991.0, .nullable = true, .def = "null",
		.help = "one packet of so many carries a time stamp, by which latency and jitter are "
		"measured; null: none does"},
	{"ipNum", PARAM_ANY, .allowed = "see pktgen.md, The simple form", .help = "of a change only"},
	{"ipPercent", PARAM_ANY, .allowed = "see pktgen.md, The simple form", .help = "of a change only"},
	{"protocolNum", PARAM_ANY, .allowed = "see pktgen.md, The simple form",
		.help = "of a change only"},
	{"protocolPercent", PARAM_ANY, .allowed = "see pktgen.md, The simple form",
		.help = "of a change only"},
	{0},
};
