/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_LIMIT_TABLE_H
#define WEIR_QUERY_LIMIT_TABLE_H

#include <stdint.h>

#include "query/limit_match.h"
#include "query/limit_row.h"

// The limits table: what the control thread makes, publishes and replaces as a whole. A table never
// changes. Whoever holds a reference may read it, on any thread.
//
// Rows with one name are one limit, as it is from its dates on: the row with the newest effective
// date that is not in the future holds. All rows are in the matcher, as which of them hold changes
// with the clock.

struct limit_table {
	uint32_t references;
	uint64_t version;   // no two tables have the same
	uint32_t count;
	struct limit_classes *classes;
	struct limit_row row[];  // by name, then by effective date
};

/*
 * A table of the rows of a file and of those that clients set, each list with one row for a name and
 * date. Where both have one, the client's counts.
 *
 * @return NULL with what is wrong in errors: there are too many rows, their windows take too much,
 *         or memory ran out
 */
struct limit_table *limit_table_create(const struct limit_rows *file, const struct limit_rows *rpc,
	uint64_t pane_us, uint64_t version, struct error_list *errors);

// NULL is fine for both.
struct limit_table *limit_table_get(struct limit_table *t);
void limit_table_put(struct limit_table *t);

// Rows of one name lie together: the first one behind those of row `at`.
uint32_t limit_table_next(const struct limit_table *t, uint32_t at);

#define LIMIT_NONE UINT32_MAX

// Of the rows [first, end) of one name, the one that holds at a moment, or LIMIT_NONE.
uint32_t limit_table_holding(const struct limit_table *t, uint32_t first, uint32_t end,
	uint64_t at_us);

#endif
