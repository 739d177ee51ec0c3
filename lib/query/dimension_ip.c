/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/dimension.h"

#include <arpa/inet.h>
#include <string.h>

// Key `ip`: every packet counts for both of its ends, so both keys get the bytes of both
// directions, and a flow from an address to itself counts twice.

static unsigned int
ip_extract(const struct dimension_names *names, const struct pane_delta *deltas, unsigned int n,
	struct contribution *ret)
{
	(void)names;
	for (unsigned int i = 0; i < n; i++) {
		const struct pane_delta *d = &deltas[i];
		const struct query_counts counts = {.of = {
			[QUERY_METRIC_BYTES] = d->bytes[0] + d->bytes[1],
			[QUERY_METRIC_PACKETS] = d->packets[0] + d->packets[1],
			[QUERY_METRIC_FLOWS] = d->started != 0,
		}};

		for (unsigned int end = 0; end < 2; end++) {
			struct contribution *c = &ret[i * 2 + end];

			c->key = (struct query_key){.version = d->key.version};
			memcpy(c->key.addr[0], d->key.addr[end], sizeof(c->key.addr[0]));
			c->counts = counts;
		}
	}
	return n * 2;
}

// IPv4 before IPv6, then by number: big endian, so bytewise.
static int
ip_compare(const struct dimension_names *names, const struct query_key *a,
	const struct query_key *b)
{
	(void)names;
	if (a->version != b->version)
		return a->version < b->version ? -1 : 1;
	return memcmp(a->addr[0], b->addr[0], sizeof(a->addr[0]));
}

static const char *
ip_text(const struct dimension_names *names, const struct query_key *key, char *buf)
{
	(void)names;
	return key->version == 4 ?
		inet_ntop(AF_INET, key->addr[0] + 12, buf, DIMENSION_TEXT_LEN) :
		inet_ntop(AF_INET6, key->addr[0], buf, DIMENSION_TEXT_LEN);
}

const struct dimension_ops dimension_ip = {
	.name = "ip",
	.extract = ip_extract,
	.compare = ip_compare,
	.text = ip_text,
};
