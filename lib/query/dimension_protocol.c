/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/dimension_kinds.h"

// Key `protocol`: the application protocol that the flow's first packet was given.

static inline uint32_t
protocol_number(const struct dimension *d, const struct pane_delta *delta)
{
	return dimension_names_canonical(d->names, delta->app);
}

DIMENSION_NUMBERS_OF(protocol)

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
	.numbers = protocol_numbers,
	.compare = protocol_compare,
	.text = protocol_text,
};
