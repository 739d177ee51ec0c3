/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_byteorder.h>

#include "query/metric.h"

// Different destination ports of flows' first packets, each with its IP protocol: 53 over UDP and
// over TCP are two. Flows without ports have none, and port 0 is none.

static const char *
ports_refusal(enum dimension_kind kind)
{
	return kind == DIMENSION_DST_PORT || kind == DIMENSION_FLOW ? "the port is in the key" : NULL;
}

static unsigned int
ports_things(enum dimension_kind kind, const struct pane_delta *delta, unsigned int part,
	struct metric_thing ret[METRIC_THINGS_MAX])
{
	unsigned int source = delta->fwd_swapped != 0;
	uint16_t port = rte_be_to_cpu_16(delta->key.port[source ^ 1]);

	if (port == 0 || (part != 0 && metric_kind_directed(kind)))
		return 0;
	ret[0] = (struct metric_thing){.word = {port}, .kind = delta->key.proto};
	return 1;
}

const struct metric_ops metric_ports = {
	.name = "ports",
	.refusal = ports_refusal,
	.things = ports_things,
};
