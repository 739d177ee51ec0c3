/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_LIMIT_WINDOW_H
#define WEIR_QUERY_LIMIT_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "query/operator.h"

// One limit from slice to slice: the sum of the last slices, and whether it is outside its bounds.

struct limit_window {
	uint64_t *slices;   // ring: bytes of slice i at i % length
	uint64_t length;
	uint64_t first;     // slice that it began with
	uint64_t next;      // the one that comes next
	uint64_t sum;
};

int limit_window_init(struct limit_window *w, uint64_t length, uint64_t first);  // 0 or -ENOMEM
void limit_window_fini(struct limit_window *w);

// Slice `index`, not before w->next, had so many bytes; those between had none.
void limit_window_slide(struct limit_window *w, uint64_t index, uint64_t bytes);

// Has a whole window passed since it began?
static inline bool
limit_window_full(const struct limit_window *w)
{
	return w->next - w->first >= w->length;
}

// Of an alert: what was said of it last.
struct limit_level {
	bool raised;
	uint64_t bound;    // that it was outside of
	uint32_t inside;   // windows since then
};

enum limit_change {
	LIMIT_SAME,
	LIMIT_RAISED,
	LIMIT_CLEARED,
};

/*
 * The level after a window with this sum; `full` as above.
 *
 * @param ret the new level, to be kept when what changed was told
 */
enum limit_change limit_level_next(const struct limit_level *l, const struct query_op *op,
	uint64_t sum, bool full, struct limit_level *ret);

#endif
