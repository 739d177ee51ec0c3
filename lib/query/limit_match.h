/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_LIMIT_MATCH_H
#define WEIR_QUERY_LIMIT_MATCH_H

#include <stdint.h>

#include "query/limit_row.h"

// Which rows of the limits table a packet counts for, at a cost that hardly depends on how many
// rows there are.
//
// The ends of all rows' prefixes cut the addresses into ranges within which all addresses are
// alike: they match the same rows as source, and the same rows as destination. Such a set of rows
// is a class. An address gives its two classes with one binary search, and a packet's rows are
// those in both its source's class of sources and its destination's class of destinations.
// Overlapping prefixes need no care, other than with a longest-prefix match (rte_lpm, rte_fib),
// which gives one answer where several rows may match. Immutable.

struct limit_classes;

// Class 0 is the one without rows.
struct limit_class {
	uint16_t source;
	uint16_t destination;
};

struct limit_classes *limit_classes_create(const struct limit_row *rows, uint32_t count);  // or NULL
void limit_classes_free(struct limit_classes *c);

// addr as in struct flow_key: version 4 addresses are IPv4-mapped.
struct limit_class limit_classes_find(const struct limit_classes *c, uint8_t version,
	const uint8_t addr[16]);

// The rows of both classes in ascending order; ret has room for all rows. Gives their number.
uint32_t limit_classes_rows(const struct limit_classes *c, uint16_t source, uint16_t destination,
	uint16_t *ret);

#endif
