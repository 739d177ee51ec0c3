/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/dimension.h"

#include <string.h>

// Key `protocol`: the application protocol that the flow's first packet was given.

static unsigned int
protocol_extract(const struct dimension_names *names, const struct pane_delta *deltas,
	unsigned int n, struct contribution *ret)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct pane_delta *d = &deltas[i];

		ret[i] = (struct contribution){
			.key = {.number = dimension_names_canonical(names, d->app)},
			.counts = {.of = {
				[QUERY_METRIC_BYTES] = d->bytes[0] + d->bytes[1],
				[QUERY_METRIC_PACKETS] = d->packets[0] + d->packets[1],
				[QUERY_METRIC_FLOWS] = d->started != 0,
			}},
		};
	}
	return n;
}

static int
protocol_compare(const struct dimension_names *names, const struct query_key *a,
	const struct query_key *b)
{
	return strcmp(protocol_name(names->protocols, a->number),
		protocol_name(names->protocols, b->number));
}

static const char *
protocol_text(const struct dimension_names *names, const struct query_key *key, char *buf)
{
	(void)buf;
	return protocol_name(names->protocols, key->number);
}

const struct dimension_ops dimension_protocol = {
	.name = "protocol",
	.extract = protocol_extract,
	.compare = protocol_compare,
	.text = protocol_text,
};
