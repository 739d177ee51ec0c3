/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_memory.h>
#include <rte_prefetch.h>

#include "base/mem.h"

#define PREFETCH_WHERE 16
#define PREFETCH_ITEM 8

static size_t
items_bytes(uint32_t capacity)
{
	return (size_t)capacity * sizeof(struct window_item);
}

static size_t
credits_bytes(uint32_t capacity)
{
	return (size_t)capacity * sizeof(struct query_counts);
}

static size_t
where_bytes(uint32_t capacity)
{
	return ((size_t)capacity + 1) * sizeof(uint32_t);
}

struct window *
window_create(uint32_t capacity, uint64_t length, uint64_t lag)
{
	struct window *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	if (window_reserve(w, capacity) != 0) {
		window_free(w);
		return NULL;
	}
	w->length = length;
	w->lag = lag;
	w->exact = true;
	return w;
}

void
window_free(struct window *w)
{
	if (w == NULL)
		return;
	mem_table_free(w->items, items_bytes(w->capacity));
	mem_table_free(w->credits, credits_bytes(w->capacity));
	mem_table_free(w->where, where_bytes(w->capacity));
	free(w);
}

size_t
window_bytes(const struct window *w)
{
	return window_capacity_bytes(w->capacity);
}

size_t
window_capacity_bytes(uint32_t capacity)
{
	return items_bytes(capacity) + credits_bytes(capacity) + where_bytes(capacity);
}

int
window_reserve(struct window *w, uint32_t capacity)
{
	const struct {
		void **table;
		size_t from, to, used;
	} tables[] = {
		{(void **)&w->items, items_bytes(w->capacity), items_bytes(capacity),
			items_bytes(w->count)},
		{(void **)&w->credits, credits_bytes(w->capacity), credits_bytes(capacity),
			w->approximate ? credits_bytes(w->count) : 0},
		{(void **)&w->where, where_bytes(w->capacity), where_bytes(capacity),
			where_bytes(w->capacity)},
	};
	void *larger[RTE_DIM(tables)];
	unsigned int n = 0;

	if (capacity <= w->capacity)
		return 0;
	while (n < RTE_DIM(tables)) {
		larger[n] = mem_table_alloc("query window", tables[n].to, SOCKET_ID_ANY);
		if (larger[n] == NULL)
			break;
		n++;
	}
	if (n < RTE_DIM(tables)) {
		while (n-- > 0)
			mem_table_free(larger[n], tables[n].to);
		return -ENOMEM;
	}
	for (unsigned int i = 0; i < n; i++) {
		if (*tables[i].table != NULL)
			memcpy(larger[i], *tables[i].table, tables[i].used);
		mem_table_free(*tables[i].table, tables[i].from);
		*tables[i].table = larger[i];
	}
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
	if (unlikely(w->approximate)) {
		w->credits[at] = w->credits[w->count];
		w->credits[w->count] = (struct query_counts){0};
	}
}

static void
floor_add(struct window *w, const struct query_counts *rise)
{
	query_counts_add(&w->floor, rise);
	w->approximate = !query_counts_zero(&w->floor);
}

// What slice s is sure of, for an item of it.
static struct query_counts
item_credit(const struct slice *s, const struct slice_item *item)
{
	struct query_counts credit = s->floor, error = slice_item_error(s, item);

	query_counts_subtract(&credit, &error);
	return credit;
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
	bool credited = !query_counts_zero(&s->floor);

	for (uint32_t i = 0; i < s->count; i++) {
		struct query_counts c = slice_item_counts(&s->items[i]);
		uint32_t id = s->items[i].id;

		slice_prefetch(w, s, i);
		if (w->where[id] == 0) {
			w->items[w->count] = (struct window_item){.counts = c, .id = id};
			w->where[id] = ++w->count;
			if (w->held != NULL)
				key_table_hold(w->held, id);
		} else {
			query_counts_add(&w->items[w->where[id] - 1].counts, &c);
		}
		if (unlikely(credited)) {
			c = item_credit(s, &s->items[i]);
			query_counts_add(&w->credits[w->where[id] - 1], &c);
		}
	}
	floor_add(w, &s->floor);
	query_counts_add(&w->total, &s->total);
	w->lost += s->lost;
}

static void
slice_subtract(struct window *w, const struct slice *s)
{
	bool credited = !query_counts_zero(&s->floor);

	for (uint32_t i = 0; i < s->count; i++) {
		struct query_counts c = slice_item_counts(&s->items[i]);
		uint32_t at;

		slice_prefetch(w, s, i);
		at = w->where[s->items[i].id] - 1;
		query_counts_subtract(&w->items[at].counts, &c);
		if (unlikely(credited)) {
			c = item_credit(s, &s->items[i]);
			query_counts_subtract(&w->credits[at], &c);
		}
		if (query_counts_zero(&w->items[at].counts))
			item_remove(w, at);
	}
	query_counts_subtract(&w->floor, &s->floor);
	w->approximate = !query_counts_zero(&w->floor);
	query_counts_subtract(&w->total, &s->total);
	w->lost -= s->lost;
}

// The most that a key which goes can have had.
static void
goner_raise(const struct window *w, uint32_t at, struct query_counts *most)
{
	struct query_counts value;

	for (unsigned int m = 0; m < QUERY_METRICS; m++)
		value.of[m] = window_value(w, at, m);
	query_counts_raise(most, &value);
}

void
window_purge(struct window *w, const uint8_t *marks, uint8_t gone)
{
	struct query_counts most = w->floor;

	for (uint32_t at = w->count; at-- > 0;) {
		if (marks[w->items[at].id] != gone)
			continue;
		goner_raise(w, at, &most);
		item_remove(w, at);
	}
	if (w->length != 0)
		return;
	query_counts_subtract(&most, &w->floor);
	for (uint32_t at = 0; at < w->count; at++)
		query_counts_add(&w->credits[at], &most);
	floor_add(w, &most);
}

void
window_raise(struct window *w, const struct slice *s, const struct query_counts *rise)
{
	for (uint32_t i = 0; i < s->count; i++) {
		slice_prefetch(w, s, i);
		query_counts_add(&w->credits[w->where[s->items[i].id] - 1], rise);
	}
	floor_add(w, rise);
}

void
window_forget_oldest(struct window *w, const struct history *h)
{
	if (w->length == 0)
		w->missed |= w->head <= h->base;
	else if (!window_empty(w) && w->tail == h->base)
		slice_subtract(w, history_at(h, w->tail++));
}

void
window_slide(struct window *w, const struct history *h, uint64_t index)
{
	uint64_t first;

	if (index < w->lag) {
		w->exact = false;
		return;
	}
	index -= w->lag;
	first = w->length != 0 && index >= w->length ? index - w->length + 1 : 0;
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
	while (w->head < h->end && history_at(h, w->head)->index <= index) {
		const struct slice *s = history_at(h, w->head++);

		if (s->index >= first)
			slice_add(w, s);
		else
			w->tail = w->head;
	}
	w->exact = w->lost == 0 && !w->approximate &&
		(w->length != 0 ? h->forgotten_end <= first : !w->missed);
}
