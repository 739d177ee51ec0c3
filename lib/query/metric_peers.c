/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "query/metric.h"

// Different addresses at the other end. Of a sender's key that is the destination, of a receiver's
// the source, of an address or subnet what it talked with. Keys that name no end (a protocol, a
// VLAN, the total) have both: how many hosts.

static const char *
peers_refusal(enum dimension_kind kind)
{
	return kind == DIMENSION_IP_PAIR || kind == DIMENSION_FLOW ? "both ends are in the key" : NULL;
}

static struct metric_thing
address_thing(const struct pane_delta *delta, unsigned int end)
{
	struct metric_thing t = {.kind = delta->key.version};

	memcpy(t.word, delta->key.addr[end], sizeof(t.word));
	return t;
}

static unsigned int
peers_things(enum dimension_kind kind, const struct pane_delta *delta, unsigned int part,
	struct metric_thing ret[METRIC_THINGS_MAX])
{
	unsigned int source = delta->fwd_swapped != 0;

	switch (kind) {
	case DIMENSION_IP:
	case DIMENSION_SUBNET:
		ret[0] = address_thing(delta, part ^ 1);
		return 1;
	case DIMENSION_SRC_IP:
	case DIMENSION_SRC_PORT:
	case DIMENSION_SRC_MAC:
		ret[0] = address_thing(delta, source ^ 1);
		return part == 0;
	case DIMENSION_DST_IP:
	case DIMENSION_DST_PORT:
	case DIMENSION_DST_MAC:
		ret[0] = address_thing(delta, source);
		return part == 0;
	default:
		ret[0] = address_thing(delta, 0);
		ret[1] = address_thing(delta, 1);
		return 2;
	}
}

const struct metric_ops metric_peers = {
	.name = "peers",
	.refusal = peers_refusal,
	.things = peers_things,
};
