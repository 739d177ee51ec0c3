/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_VALUES_H
#define WEIR_QUERY_VALUES_H

#include <stdint.h>

#include "query/counts.h"
#include "query/window.h"

// The values of one metric in a window, in the order of its items: either a member of the items'
// counts, or numbers that were computed for them. Which of the two is only a matter of where the
// first one is and how far apart they are, so that readers have no case to tell.
//
// In an approximate window (window.h) a value is the most that the key can have, and comes with what
// it may have less.

struct values {
	const uint8_t *first;
	uint32_t stride;         // bytes
	uint32_t count;
	uint64_t floor;          // the most that a key which is not in the window can have
	const uint8_t *credits;  // of the items, in steps of credit_stride; NULL: values are exact
	uint32_t credit_stride;
};

// Of a metric that windows sum up; good until the window changes.
static inline struct values
values_of_window(const struct window *w, enum query_metric m)
{
	struct values v = {
		.first = (const uint8_t *)w->items + offsetof(struct window_item, counts.of) +
			m * sizeof(uint64_t),
		.stride = sizeof(struct window_item),
		.count = w->count,
	};

	if (w->approximate) {
		v.floor = w->floor.of[m];
		v.credits = (const uint8_t *)&w->credits[0].of[m];
		v.credit_stride = sizeof(w->credits[0]);
	}
	return v;
}

static inline uint64_t
values_error(const struct values *v, uint32_t i)
{
	if (v->credits == NULL)
		return 0;
	return v->floor - *(const uint64_t *)(const void *)(v->credits +
		(size_t)i * v->credit_stride);
}

static inline uint64_t
values_get(const struct values *v, uint32_t i)
{
	return *(const uint64_t *)(const void *)(v->first + (size_t)i * v->stride) +
		values_error(v, i);
}

#endif
