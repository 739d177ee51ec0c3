/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/dimension_kinds.h"

// Key `protocol`: the application protocol that the flow's first packet was given.

static inline void
protocol_fill(const struct dimension *d, const struct pane_delta *delta, unsigned int part,
	struct query_key *key)
{
	(void)part;
	key->number = dimension_names_canonical(d->names, delta->app);
}

DIMENSION_EXTRACT(protocol_extract, extract_once, protocol_fill)

static const char *
protocol_text(const struct dimension *d, const struct query_key *key, char *buf)
{
	(void)buf;
	return protocol_name(d->names->protocols, (uint16_t)key->number);
}

static int
protocol_compare(const struct dimension *d, const struct query_key *a, const struct query_key *b)
{
	return strcmp(protocol_text(d, a, NULL), protocol_text(d, b, NULL));
}

const struct dimension_ops dimension_protocol = {
	.name = "protocol",
	.extract = protocol_extract,
	.compare = protocol_compare,
	.text = protocol_text,
};
