/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_DIMENSION_SPEC_H
#define WEIR_QUERY_DIMENSION_SPEC_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "query/scope.h"

// What a dimension is made from. Queries that are equal in all of it share one.

enum dimension_kind {
	DIMENSION_PROTOCOL,
	DIMENSION_IP_PROTO,
	DIMENSION_IP,
	DIMENSION_SRC_IP,
	DIMENSION_DST_IP,
	DIMENSION_IP_PAIR,
	DIMENSION_SRC_DST_IP,
	DIMENSION_FLOW,
	DIMENSION_SRC_PORT,
	DIMENSION_DST_PORT,
	DIMENSION_VLAN,
	DIMENSION_SRC_MAC,
	DIMENSION_DST_MAC,
	DIMENSION_SUBNET,
	DIMENSION_TOTAL,
	DIMENSION_KINDS,
};

#define QUERY_FILTER_LEN 1024

struct dimension_spec {
	enum dimension_kind kind;
	enum query_scope scope;
	uint8_t prefix4;                // of subnet, else 0
	uint8_t prefix6;
	char filter[QUERY_FILTER_LEN];  // pcap-filter(7), "" for none
};

static inline bool
dimension_spec_equal(const struct dimension_spec *a, const struct dimension_spec *b)
{
	return a->kind == b->kind && a->scope == b->scope && a->prefix4 == b->prefix4 &&
		a->prefix6 == b->prefix6 && strcmp(a->filter, b->filter) == 0;
}

#endif
