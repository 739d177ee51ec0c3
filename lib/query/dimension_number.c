/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "query/dimension_kinds.h"

// Keys that are a number: IP protocol, the port that a packet comes from or goes to (0 where the
// protocol has none), and `total`, which has one key.

static inline uint32_t
ip_proto_number(const struct dimension *d, const struct pane_delta *delta)
{
	(void)d;
	return delta->key.proto;
}

static inline void
src_port_fill(const struct dimension *d, const struct pane_delta *delta, unsigned int dir,
	struct query_key *key)
{
	(void)d;
	key->number = rte_be_to_cpu_16(delta->key.port[delta_source(delta, dir)]);
}

static inline void
dst_port_fill(const struct dimension *d, const struct pane_delta *delta, unsigned int dir,
	struct query_key *key)
{
	(void)d;
	key->number = rte_be_to_cpu_16(delta->key.port[delta_source(delta, dir) ^ 1]);
}

static inline uint32_t
total_number(const struct dimension *d, const struct pane_delta *delta)
{
	(void)d;
	(void)delta;
	return 0;
}


DIMENSION_NUMBERS_OF(ip_proto)
DIMENSION_EXTRACT(src_port_extract, extract_directions, src_port_fill)
DIMENSION_EXTRACT(dst_port_extract, extract_directions, dst_port_fill)
DIMENSION_NUMBERS_OF(total)

static int
number_compare(const struct dimension *d, const struct query_key *a, const struct query_key *b)
{
	(void)d;
	return a->number < b->number ? -1 : a->number > b->number;
}

static const char *
number_text(const struct dimension *d, const struct query_key *key, char *buf)
{
	(void)d;
	snprintf(buf, DIMENSION_TEXT_LEN, "%u", key->number);
	return buf;
}

static const char *
total_text(const struct dimension *d, const struct query_key *key, char *buf)
{
	(void)d;
	(void)key;
	(void)buf;
	return "total";
}

const struct dimension_ops dimension_ip_proto = {
	.name = "ip_proto",
	.extract = ip_proto_extract,
	.numbers = ip_proto_numbers,
	.compare = number_compare,
	.text = number_text,
};

const struct dimension_ops dimension_src_port = {
	.name = "src_port",
	.extract = src_port_extract,
	.compare = number_compare,
	.text = number_text,
};

const struct dimension_ops dimension_dst_port = {
	.name = "dst_port",
	.extract = dst_port_extract,
	.compare = number_compare,
	.text = number_text,
};

const struct dimension_ops dimension_total = {
	.name = "total",
	.extract = total_extract,
	.numbers = total_numbers,
	.compare = number_compare,
	.text = total_text,
};
