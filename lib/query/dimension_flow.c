/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "query/dimension_kinds.h"

// Key `flow`: both directions of a conversation, "6 10.0.0.1:1234 - 192.0.2.7:443" and its VLAN
// tags if it has some ("... vlan 100.200"). The end with the smaller address and port is first,
// whoever began, so a conversation is one key for as long as it lasts.

static inline void
flow_fill(const struct dimension *d, const struct pane_delta *delta, unsigned int part,
	struct query_key *key)
{
	(void)d;
	(void)part;
	memcpy(key->addr, delta->key.addr, sizeof(key->addr));
	key->port[0] = delta->key.port[0];
	key->port[1] = delta->key.port[1];
	key->proto = delta->key.proto;
	key->form = delta->key.version;
	key_vlan_set(key, &delta->key);
}

DIMENSION_EXTRACT(flow_extract, extract_once, flow_fill)

static int
number_compare(unsigned int a, unsigned int b)
{
	return a < b ? -1 : a > b;
}

// IPv4 before IPv6; then first address, first port, second address, second port, protocol, tags.
static int
flow_compare(const struct dimension *d, const struct query_key *a, const struct query_key *b)
{
	int order = number_compare(key_version(a), key_version(b));

	(void)d;
	for (unsigned int end = 0; end < 2 && order == 0; end++) {
		order = memcmp(a->addr[end], b->addr[end], sizeof(a->addr[end]));
		if (order == 0)
			order = number_compare(rte_be_to_cpu_16(a->port[end]),
				rte_be_to_cpu_16(b->port[end]));
	}
	if (order == 0)
		order = number_compare(a->proto, b->proto);
	return order != 0 ? order : key_vlan_compare(a, b);
}

static int
end_text(const struct query_key *key, unsigned int end, char *buf, size_t size)
{
	uint8_t version = key_version(key);
	char a[INET6_ADDRSTRLEN];

	address_text(version, key->addr[end], a, sizeof(a));
	return snprintf(buf, size, version == 4 ? "%s:%u" : "[%s]:%u", a,
		rte_be_to_cpu_16(key->port[end]));
}

static const char *
flow_text(const struct dimension *d, const struct query_key *key, char *buf)
{
	char a[64], b[64], tags[32];

	(void)d;
	end_text(key, 0, a, sizeof(a));
	end_text(key, 1, b, sizeof(b));
	key_vlan_text(key, tags, sizeof(tags));
	if (key->form >> 4 != 0)
		snprintf(buf, DIMENSION_TEXT_LEN, "%u %s - %s vlan %s", key->proto, a, b, tags);
	else
		snprintf(buf, DIMENSION_TEXT_LEN, "%u %s - %s", key->proto, a, b);
	return buf;
}

const struct dimension_ops dimension_flow = {
	.name = "flow",
	.extract = flow_extract,
	.compare = flow_compare,
	.text = flow_text,
};
