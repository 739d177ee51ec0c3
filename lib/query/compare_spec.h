/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_COMPARE_SPEC_H
#define WEIR_QUERY_COMPARE_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json_out.h"

// What a query's rows are compared with: earlier windows of the same length.

enum comparison {
	COMPARE_PREVIOUS,  // the window that ended when this one began
	COMPARE_PERIOD,    // the one that ended a period ago
	COMPARISONS,
};

// `compare` of a query.
struct query_compare {
	bool previous;
	uint64_t period_us;  // 0: not
};

static inline bool
query_compares(const struct query_compare *c)
{
	return c->previous || c->period_us != 0;
}

// How much earlier that window ended, 0 where there is no such comparison.
static inline uint64_t
query_compare_lag_us(const struct query_compare *c, uint64_t window_us, enum comparison which)
{
	if (which == COMPARE_PERIOD)
		return c->period_us;
	return c->previous ? window_us : 0;
}

// The member `compare` of a query's JSON, if it compares.
void query_compare_write(struct json_out *o, const struct query_compare *c);

#endif
