/* SPDX-License-Identifier: BSD-3-Clause */
#include "config/schema.h"

// `flow`: how packets become flows.

#define TIMEOUT_MAX_S 316224000  // ten years

const struct config_field config_fields_flow[] = {
	{{"flow.idle_timeout_s", PARAM_NUMBER, .max = TIMEOUT_MAX_S, .unit = "s", .def = "60",
		.help = "a flow ends after so long without a packet; 0: never"},
		.option = "--flow-idle-timeout", .as = CONFIG_SECONDS,
		.at = offsetof(struct options, limits.idle_us)},
	{{"flow.active_timeout_s", PARAM_NUMBER, .max = TIMEOUT_MAX_S, .unit = "s", .def = "120",
		.help = "a flow ends when it is so old; 0: never"},
		.option = "--flow-active-timeout", .as = CONFIG_SECONDS,
		.at = offsetof(struct options, limits.active_us)},
	{{"flow.tcp_end", PARAM_BOOL, .def = "true", .help = "end flows on FIN and RST"},
		.option = "--flow-tcp-end", .as = CONFIG_BOOL,
		.at = offsetof(struct options, limits.tcp_end)},
	{{"flow.capacity", PARAM_INTEGER, .min = 16, .max = 1 << 26, .unit = "flows",
		.def = "1048576", .help = "flows tracked, over all workers"},
		.restart = true, .option = "--flow-capacity", .as = CONFIG_U32,
		.at = offsetof(struct options, flow_capacity)},
	{{"flow.tunnels", PARAM_STRING, .choices = "off decapsulate", .def = "\"off\"",
		.help = "packets of tunnels: in the tunnel's flow, or in that of the packet within"},
		.restart = true, .option = "--flow-tunnels", .as = CONFIG_ENUM,
		.at = offsetof(struct options, tunnels)},
	{{"flow.fragments", PARAM_STRING, .choices = "off follow", .def = "\"off\"",
		.help = "later fragments: with ports 0, or in their first one's flow"},
		.restart = true, .option = "--flow-fragments", .as = CONFIG_BOOL,
		.at = offsetof(struct options, fragments_follow)},
	{{0}},
};
