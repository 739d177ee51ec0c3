/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_memory.h>
#include <rte_prefetch.h>

#include "base/mem.h"
#include "query/array.h"

#define PREFETCH_WHERE 16
#define PREFETCH_ITEM 8

static size_t
items_bytes(uint32_t capacity)
{
	return (size_t)capacity * sizeof(struct window_item);
}

static size_t
where_bytes(uint32_t capacity)
{
	return ((size_t)capacity + 1) * sizeof(uint32_t);
}

struct window *
window_create(uint32_t capacity, uint64_t length)
{
	struct window *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	if (window_reserve(w, capacity) != 0) {
		window_free(w);
		return NULL;
	}
	w->length = length;
	w->exact = true;
	return w;
}

void
window_free(struct window *w)
{
	if (w == NULL)
		return;
	mem_table_free(w->items, items_bytes(w->capacity));
	mem_table_free(w->where, where_bytes(w->capacity));
	free(w);
}

size_t
window_bytes(const struct window *w)
{
	return items_bytes(w->capacity) + where_bytes(w->capacity);
}

int
window_reserve(struct window *w, uint32_t capacity)
{
	void *items;

	if (capacity <= w->capacity)
		return 0;
	items = mem_table_alloc("query window", items_bytes(capacity), SOCKET_ID_ANY);
	if (items == NULL)
		return -ENOMEM;
	if (array_grow((void **)&w->where, where_bytes(w->capacity), where_bytes(capacity),
			"query window") != 0) {
		mem_table_free(items, items_bytes(capacity));
		return -ENOMEM;
	}
	if (w->count > 0)
		memcpy(items, w->items, items_bytes(w->count));
	mem_table_free(w->items, items_bytes(w->capacity));
	w->items = items;
	w->capacity = capacity;
	return 0;
}

static void
item_remove(struct window *w, uint32_t at)
{
	w->where[w->items[at].id] = 0;
	if (at != --w->count) {
		w->items[at] = w->items[w->count];
		w->where[w->items[at].id] = at + 1;
	}
}

static void
slice_prefetch(const struct window *w, const struct slice *s, uint32_t at)
{
	uint32_t item;

	if (at + PREFETCH_WHERE < s->count)
		rte_prefetch0(&w->where[s->items[at + PREFETCH_WHERE].id]);
	if (at + PREFETCH_ITEM >= s->count)
		return;
	item = w->where[s->items[at + PREFETCH_ITEM].id];
	if (item != 0)
		rte_prefetch0(&w->items[item - 1]);
}

static void
slice_add(struct window *w, const struct slice *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		struct query_counts c = slice_item_counts(&s->items[i]);
		uint32_t id = s->items[i].id;

		slice_prefetch(w, s, i);
		if (w->where[id] == 0) {
			w->items[w->count] = (struct window_item){.counts = c, .id = id};
			w->where[id] = ++w->count;
			if (w->held != NULL)
				key_table_hold(w->held, id);
			continue;
		}
		query_counts_add(&w->items[w->where[id] - 1].counts, &c);
	}
	query_counts_add(&w->total, &s->total);
	w->lost += s->lost;
}

static void
slice_subtract(struct window *w, const struct slice *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		struct query_counts c = slice_item_counts(&s->items[i]);
		uint32_t at;

		slice_prefetch(w, s, i);
		at = w->where[s->items[i].id] - 1;
		query_counts_subtract(&w->items[at].counts, &c);
		if (query_counts_zero(&w->items[at].counts))
			item_remove(w, at);
	}
	query_counts_subtract(&w->total, &s->total);
	w->lost -= s->lost;
}

void
window_slide(struct window *w, const struct history *h, uint64_t index)
{
	uint64_t first = w->length != 0 && index >= w->length ? index - w->length + 1 : 0;

	w->first = first;
	// Slices at the tail are gone: of an empty window, or of a cumulative one, which has their sum.
	if (w->tail < h->base) {
		w->tail = h->base;
		w->head = RTE_MAX(w->head, h->base);
	}
	while (w->tail > h->base && history_at(h, w->tail - 1)->index >= first)
		slice_add(w, history_at(h, --w->tail));
	while (w->tail < w->head && history_at(h, w->tail)->index < first)
		slice_subtract(w, history_at(h, w->tail++));
	while (w->head < h->end) {
		const struct slice *s = history_at(h, w->head++);

		if (s->index >= first)
			slice_add(w, s);
		else
			w->tail = w->head;
	}
	w->exact = w->lost == 0 && (w->length != 0 ? h->forgotten_end <= first : !w->missed);
}
