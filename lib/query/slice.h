/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_SLICE_H
#define WEIR_QUERY_SLICE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "query/counts.h"

// What one dimension saw in one pane length of time, over all workers: the keys with traffic and
// their counts. A dimension retains its slices in a ring (struct history), oldest first, so that
// windows can subtract them and so that a larger window can be had at once. Slices without traffic
// are not stored; indices say where they are.

// Beyond a dimension's budget of keys, keys are dropped from it (dimension_thin.h). What a slice may
// have counted of a key that it does not hold is at most its floor; what it may have missed of a key
// that it holds, because the key had been dropped and came back, is at most the floor that held when
// the key came: that of the item's `entered`.

// How often the floor of one slice is noted; number 0 is a floor of 0.
#define SLICE_FLOORS 255
// Bits of a key's id in a slice.
#define SLICE_ID_BITS 24

// 24 bytes. A flow that starts costs one delta of 128 bytes, so 2^32 of them in one slice would
// take half a terabyte of panes: 32 bits hold the flows of a key, also when each counts twice.
struct slice_item {
	uint64_t bytes;
	uint64_t packets;
	uint32_t id : SLICE_ID_BITS;  // key, held by a reference
	uint32_t entered : 8;
	uint32_t flows;
};
static_assert(sizeof(struct slice_item) == 24, "slices are what retention costs");

struct slice {
	uint64_t index;
	struct query_counts total;
	bool lost;       // some detail is missing in items or in total's flows
	uint32_t count;
	struct slice_item *items;
	struct query_counts floor;    // bound for keys that are not among the items
	struct query_counts *floors;  // by `entered`; NULL: all 0
	void *memory;                 // floors, then items
	size_t bytes;                 // of it
};

static inline struct query_counts
slice_item_counts(const struct slice_item *i)
{
	return (struct query_counts){.of = {
		[QUERY_METRIC_BYTES] = i->bytes,
		[QUERY_METRIC_PACKETS] = i->packets,
		[QUERY_METRIC_FLOWS] = i->flows,
	}};
}

// What the slice may have missed of an item's key.
static inline struct query_counts
slice_item_error(const struct slice *s, const struct slice_item *i)
{
	return s->floors != NULL ? s->floors[i->entered] : (struct query_counts){0};
}

// Memory for `floors` floors and `count` items; 0 or -ENOMEM. Items and floors are the caller's to
// fill, and s->count.
int slice_reserve(struct slice *s, uint32_t floors, uint32_t count);

/*
 * Drop the items of keys whose mark is `gone`, raising the floor to what they may have been.
 *
 * @return by how much the floor rose
 */
struct query_counts slice_purge(struct slice *s, const uint8_t *marks, uint8_t gone);

struct history {
	struct slice *ring;
	uint32_t capacity;
	uint64_t base;   // positions [base, end) are retained; a slice keeps its position
	uint64_t end;
	size_t bytes;    // of items and floors
	uint64_t forgotten_end;  // index + 1 of the newest slice that had traffic and is gone
};

int history_init(struct history *h, uint32_t capacity);  // 0 or -ENOMEM
void history_fini(struct history *h);

static inline struct slice *
history_at(const struct history *h, uint64_t position)
{
	return &h->ring[position % h->capacity];
}

static inline const struct slice *
history_oldest(const struct history *h)
{
	return history_at(h, h->base);
}

static inline uint32_t
history_count(const struct history *h)
{
	return (uint32_t)(h->end - h->base);
}

// Append a slice, taking over its items. There is room: see history_init()'s caller.
void history_push(struct history *h, const struct slice *s);
// Drop the oldest slice; the caller has released its keys.
void history_pop(struct history *h);
// Note that traffic of slice `index` is not, or no longer, retained.
void history_forget(struct history *h, uint64_t index);

#endif
