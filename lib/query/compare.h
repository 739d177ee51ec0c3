/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_COMPARE_H
#define WEIR_QUERY_COMPARE_H

#include "query/compare_spec.h"
#include "query/operator.h"

// Rows against earlier windows: which place a key had and what its value was. The place of a key is
// its place in the order of rows among all keys of a window that are not 0, whether they are rows
// or not; 1 is first. Finding the places of r rows among n keys takes n binary searches over r.

struct rank {
	uint64_t rank;   // 0: the key is not there
	uint64_t value;
};

// One array for each window, an element for each row; NULL where it is not asked for or not known.
struct compare {
	struct rank *now;
	struct rank *earlier[COMPARISONS];
	uint64_t start_us[COMPARISONS];
};

/*
 * The places of rows' keys in a window of their dimension.
 *
 * @return 0 with *ret allocated, or -ENOMEM
 */
int ranks_find(const struct dimension *d, const struct window *w, enum query_metric metric,
	const struct rows *rows, struct rank **ret);

void compare_free(struct compare *c);

// The member `compare` of a result, and what it adds to row number `at`.
void compare_write(struct json_out *o, const struct query_compare *asked, const struct compare *c,
	uint64_t window_us);
void compare_row_write(struct json_out *o, const struct compare *c, uint32_t at);

#endif
