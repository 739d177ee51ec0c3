/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "query/dimension_kinds.h"

// Keys src_mac, dst_mac: the Ethernet addresses of the flow's first packet, which change places in
// the reverse direction. All zero where the link type has none.

static inline void
mac_fill(const uint8_t mac[6], struct query_key *key)
{
	memcpy(key->addr[0], mac, 6);
}

static inline void
src_fill(const struct dimension *d, const struct pane_delta *delta, unsigned int dir,
	struct query_key *key)
{
	(void)d;
	mac_fill(dir == 0 ? delta->src_mac : delta->dst_mac, key);
}

static inline void
dst_fill(const struct dimension *d, const struct pane_delta *delta, unsigned int dir,
	struct query_key *key)
{
	(void)d;
	mac_fill(dir == 0 ? delta->dst_mac : delta->src_mac, key);
}

DIMENSION_EXTRACT(src_extract, extract_directions, src_fill)
DIMENSION_EXTRACT(dst_extract, extract_directions, dst_fill)

static int
mac_compare(const struct dimension *d, const struct query_key *a, const struct query_key *b)
{
	(void)d;
	return memcmp(a->addr[0], b->addr[0], 6);
}

static const char *
mac_text(const struct dimension *d, const struct query_key *key, char *buf)
{
	const uint8_t *m = key->addr[0];

	(void)d;
	snprintf(buf, DIMENSION_TEXT_LEN, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3],
		m[4], m[5]);
	return buf;
}

const struct dimension_ops dimension_src_mac = {
	.name = "src_mac",
	.extract = src_extract,
	.compare = mac_compare,
	.text = mac_text,
};

const struct dimension_ops dimension_dst_mac = {
	.name = "dst_mac",
	.extract = dst_extract,
	.compare = mac_compare,
	.text = mac_text,
};
