/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/spec_fields.h"

// A pure table, so that it can be linked without the rest of the library.
const struct param query_fields[] = {
	{"name", PARAM_STRING, .min = 1, .max = 63, .required = true,
		.allowed = "1 to 63 letters, digits, '-', '_' and '.', beginning with a letter or digit",
		.help = "names the query and its results"},
	{"key", PARAM_STRING, .required = true, .choices = "protocol ip_proto ip src_ip dst_ip ip_pair src_dst_ip "
		"flow src_port dst_port vlan src_mac dst_mac subnet total", .help = "what is counted"},
	{"prefix4", PARAM_INTEGER, .max = 32, .unit = "bits", .def = "24",
		.allowed = "a whole number from 0 to 32", .help = "length of IPv4 subnets, with key subnet"},
	{"prefix6", PARAM_INTEGER, .max = 128, .unit = "bits", .def = "64",
		.allowed = "a whole number from 0 to 128", .help = "length of IPv6 subnets, with key subnet"},
	{"metric", PARAM_STRING, .choices = "bytes packets flows peers ports", .def = "\"bytes\"",
		.help = "what is added up"},
	{"filter", PARAM_STRING, .max = 1023, .def = "\"\"",
		.allowed = "pcap-filter(7) text of at most 1023 bytes",
		.help = "which flows count, decided on their first packet"},
	{"op", PARAM_OBJECT, .required = true, .allowed = "an object with a type",
		.help = "{\"type\":\"topk\",\"k\":N}, {\"type\":\"share\",\"percent\":H}, {\"type\":\"outlier\",\"x\":X,"
		"\"method\":\"sigma\"|\"mad\"} or {\"type\":\"limit\",\"min\":A,\"max\":B}"},
	{"window_s", PARAM_NUMBER, .above_min = true, .max = 3600, .nullable = true, .unit = "s",
		.def = "null", .help = "length of the window, a multiple of slide_s; null: since the start"},
	{"slide_s", PARAM_NUMBER, .above_min = true, .max = 3600, .unit = "s",
		.help = "time between results, a multiple of the pane; without it, the pane"},
	{"compare", PARAM_OBJECT, .nullable = true, .def = "null",
		.help = "with which earlier windows rows are compared: {\"previous\":true,\"period_s\":3600}, "
		"either may be missing"},
	{"scope", PARAM_STRING, .choices = "all external in out internal", .def = "\"all\"",
		.help = "which flows count, by the configuration's local_networks"},
	{"paused", PARAM_BOOL, .def = "false", .help = "no results until it is resumed"},
	{"builtin", PARAM_BOOL, .def = "false",
		.help = "the built-in query of that name, made from the parameters"},
	{0},
};
