/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_VALUES_H
#define WEIR_QUERY_VALUES_H

#include <stdint.h>

#include "query/counts.h"
#include "query/window.h"

// The values of one metric in a window, in the order of its items: either a member of the items'
// counts, or numbers that were computed for them. Which of the two is only a matter of where the
// first one is and how far apart they are, so that readers have no case to tell.

struct values {
	const uint8_t *first;
	uint32_t stride;  // bytes
	uint32_t count;
};

// Of a metric that windows sum up; good until the window changes.
static inline struct values
values_of_window(const struct window *w, enum query_metric m)
{
	return (struct values){
		.first = (const uint8_t *)w->items + offsetof(struct window_item, counts.of) +
			m * sizeof(uint64_t),
		.stride = sizeof(struct window_item),
		.count = w->count,
	};
}

static inline uint64_t
values_get(const struct values *v, uint32_t i)
{
	return *(const uint64_t *)(const void *)(v->first + (size_t)i * v->stride);
}

#endif
