/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_DIMENSION_DISTINCT_H
#define WEIR_QUERY_DIMENSION_DISTINCT_H

#include "query/distinct.h"

// The sketches of one dimension: for each metric that counts different things, those of sliding
// windows and those of the window since the start, as far as a query asks for them. A dimension
// without any has none of this, and pays a comparison with NULL for each burst's key.

#define DISTINCT_METRICS (QUERY_METRIC_KINDS - QUERY_METRICS)

struct dimension_distinct {
	struct distinct *of[DISTINCT_METRICS][2];  // [1]: cumulative
};

// What a query needs of a dimension.
struct distinct_need {
	enum query_metric metric;
	uint64_t length;  // slices, 0 since the start
};

void dimension_distinct_free(struct dimension_distinct *d);

// NULL if nobody asked for it; d may be NULL.
struct distinct *dimension_distinct_find(const struct dimension_distinct *d,
	const struct distinct_need *need);

/*
 * Exactly what these needs ask for: what there is goes on, what nobody needs goes.
 *
 * @param d in and out, NULL for none
 * @param since first slice from which on everything will be counted
 * @param capacity largest key id
 * @return 0; -ENOMEM: some are missing
 */
int dimension_distinct_equip(struct dimension_distinct **d, struct distinct_pool *pool,
	const struct distinct_need *needs, unsigned int count, uint64_t since, uint32_t capacity);

// As in distinct.h, for all of them.
size_t dimension_distinct_bytes(const struct dimension_distinct *d);  // d may be NULL
int dimension_distinct_reserve(struct dimension_distinct *d, uint32_t capacity);
void dimension_distinct_open(struct dimension_distinct *d, uint64_t index);
void dimension_distinct_add(struct dimension_distinct *d, enum dimension_kind kind,
	const struct pane_delta *delta, unsigned int part, uint32_t id);
void dimension_distinct_forget(struct dimension_distinct *d, uint32_t id);
void dimension_distinct_close(struct dimension_distinct *d);

#endif
