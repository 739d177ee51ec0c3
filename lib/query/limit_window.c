/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/limit_window.h"

#include <errno.h>
#include <stdlib.h>

int
limit_window_init(struct limit_window *w, uint64_t length, uint64_t first)
{
	*w = (struct limit_window){
		.slices = calloc(length, sizeof(*w->slices)), .length = length, .first = first,
		.next = first,
	};
	return w->slices != NULL ? 0 : -ENOMEM;
}

void
limit_window_fini(struct limit_window *w)
{
	free(w->slices);
	*w = (struct limit_window){0};
}

static void
slice_put(struct limit_window *w, uint64_t index, uint64_t bytes)
{
	uint64_t *slice = &w->slices[index % w->length];

	w->sum += bytes - *slice;
	*slice = bytes;
}

void
limit_window_slide(struct limit_window *w, uint64_t index, uint64_t bytes)
{
	uint64_t gap = index - w->next;

	if (gap > w->length)
		w->next = index - w->length;
	while (w->next < index)
		slice_put(w, w->next++, 0);
	slice_put(w, w->next++, bytes);
}

enum limit_change
limit_level_next(const struct limit_level *l, const struct query_op *op, uint64_t sum, bool full,
	struct limit_level *ret)
{
	bool outside = operator_limit_outside(op, sum, sum) && (full || sum > op->max);
	uint64_t bound = operator_limit_bound(op, sum);

	*ret = *l;
	if (outside) {
		*ret = (struct limit_level){.raised = true, .bound = bound};
		return l->raised && l->bound == bound ? LIMIT_SAME : LIMIT_RAISED;
	}
	if (!l->raised || ++ret->inside < op->clear_after)
		return LIMIT_SAME;
	ret->raised = false;
	return LIMIT_CLEARED;
}
