/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_WINDOW_H
#define WEIR_QUERY_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "query/counts.h"
#include "query/key_table.h"
#include "query/slice.h"

// The sum of the last slices of a dimension, kept by adding the new slice and subtracting those
// that are too old. Keys with traffic lie densely in `items`, so evaluation reads memory in order
// and costs what has traffic; `where` finds a key's item by its id. An item whose counts are all
// zero leaves: the last one takes its place.
//
// A window with a lag is there to be compared with. It takes what is retained, but retains nothing
// itself: `exact` says whether all of it was there.
//
// A cumulative window (length 0) only adds. It outlives the slices that it took, so it holds its
// keys itself.
//
// Where slices have floors (slice.h), a key may have been more than was counted: by the sum of the
// floors, less, for each slice that holds it, what that slice is sure of (floor less the item's own
// error): the item's credit. Without floors all credits are 0 and nobody reads them.

struct window_item {
	struct query_counts counts;
	uint32_t id;
};

struct window {
	struct window *next;        // of the same dimension
	uint64_t length;            // slices; 0: all since the start
	uint64_t lag;               // slices that it ends before the others, for comparison with them
	bool apart;                 // of a dry run: slides by itself, and retains nothing
	struct key_table *held;     // where a cumulative window holds its keys, else NULL
	bool missed;                // cumulative: slices were gone before it began
	struct window_item *items;
	struct query_counts *credits;  // by item; 0 beyond `count`
	uint32_t *where;            // by key id: item + 1, 0 if the key has no traffic
	uint32_t capacity;          // largest id
	uint32_t count;
	uint64_t tail;              // positions [tail, head) of the history are in
	uint64_t head;
	uint64_t first;             // slice that it begins with
	uint32_t lost;              // slices in it that lost detail
	bool exact;
	bool approximate;           // `floor` is not zero
	struct query_counts floor;  // bound for keys that are not among the items
	struct query_counts total;  // each packet once
};

struct window *window_create(uint32_t capacity, uint64_t length, uint64_t lag);  // or NULL: no memory
void window_free(struct window *w);
int window_reserve(struct window *w, uint32_t capacity);  // ids up to capacity; 0 or -ENOMEM
size_t window_bytes(const struct window *w);
size_t window_capacity_bytes(uint32_t capacity);  // of a window for so many keys

// Make w the sum of slices (index - length, index], or of all up to index, from what h retains, where
// index is less by w's lag. Cannot fail.
void window_slide(struct window *w, const struct history *h, uint64_t index);

// The most that the key of item `at` can have.
static inline uint64_t
window_value(const struct window *w, uint32_t at, enum query_metric m)
{
	uint64_t counted = w->items[at].counts.of[m];

	return w->approximate ? counted + w->floor.of[m] - w->credits[at].of[m] : counted;
}

// The window has no items any more of keys whose mark is `gone`. A cumulative one raises its floor to
// what they may have been; for others window_raise() follows.
void window_purge(struct window *w, const uint8_t *marks, uint8_t gone);
// The floor of slice s, which is in the window, has risen.
void window_raise(struct window *w, const struct slice *s, const struct query_counts *rise);

// The oldest slice of h goes: take it out of w, which has a lag or is apart, and does without.
void window_forget_oldest(struct window *w, const struct history *h);

static inline bool
window_empty(const struct window *w)
{
	return w->tail == w->head;
}

// Is the slice at this position of the history, the oldest, still to be added or subtracted?
static inline bool
window_needs(const struct window *w, uint64_t position)
{
	return w->lag == 0 && !w->apart && (w->head <= position ||
		(w->length != 0 && w->tail == position && !window_empty(w)));
}

#endif
