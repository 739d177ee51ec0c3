/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/dimension.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>

#include "base/mem.h"
#include "query/array.h"

#define KEYS_INITIAL 1024  // power of two; the tables grow by doubling

static const struct dimension_ops *const dimensions[DIMENSIONS] = {
	[DIMENSION_PROTOCOL] = &dimension_protocol,
	[DIMENSION_IP] = &dimension_ip,
};

const struct dimension_ops *
dimension_ops_get(enum dimension_kind kind)
{
	return dimensions[kind];
}

// Everything that is indexed by key id, or lists ids, for as many ids as the key table will have.
static int
ids_reserve(struct dimension *d, uint32_t capacity)
{
	for (struct window *w = d->windows; w != NULL; w = w->next) {
		int rc = window_reserve(w, capacity);

		if (rc != 0)
			return rc;
	}
	if (capacity <= d->touched_capacity)
		return 0;
	if (array_grow((void **)&d->touched, d->touched_capacity * sizeof(*d->touched),
			capacity * sizeof(*d->touched), "query slice") != 0)
		return -ENOMEM;
	d->touched_capacity = capacity;
	return 0;
}

int
dimension_init(struct dimension *d, enum dimension_kind kind,
	const struct dimension_names *names, uint32_t slices)
{
	int rc;

	*d = (struct dimension){.ops = dimension_ops_get(kind), .names = names};
	rc = key_table_init(&d->keys, KEYS_INITIAL);
	if (rc != 0)
		return rc;
	rc = ids_reserve(d, KEYS_INITIAL);
	if (rc != 0)
		goto fail_keys;
	rc = history_init(&d->history, slices);
	if (rc != 0)
		goto fail_touched;
	return 0;
fail_touched:
	mem_table_free(d->touched, d->touched_capacity * sizeof(*d->touched));
fail_keys:
	key_table_fini(&d->keys);
	*d = (struct dimension){0};
	return rc;
}

void
dimension_fini(struct dimension *d)
{
	if (d->ops == NULL)
		return;
	while (d->windows != NULL) {
		struct window *w = d->windows;

		d->windows = w->next;
		window_free(w);
	}
	history_fini(&d->history);
	mem_table_free(d->touched, d->touched_capacity * sizeof(*d->touched));
	key_table_fini(&d->keys);
	*d = (struct dimension){0};
}

struct window *
dimension_add_window(struct dimension *d)
{
	struct window *w = window_create(d->keys.capacity);

	if (w == NULL)
		return NULL;
	w->tail = w->head = d->history.end;
	w->next = d->windows;
	d->windows = w;
	return w;
}

// The key's id, a new one if need be; KEY_NONE if memory ran out.
static uint32_t
key_get(struct dimension *d, const struct query_key *key, uint32_t hash)
{
	uint32_t id = key_table_find(&d->keys, key, hash);

	if (likely(id != KEY_NONE))
		return id;
	id = key_table_insert(&d->keys, key, hash);
	if (likely(id != KEY_NONE))
		return id;
	if (ids_reserve(d, d->keys.capacity * 2) != 0 || key_table_grow(&d->keys) != 0)
		return KEY_NONE;
	return key_table_insert(&d->keys, key, hash);
}

static int
contribution_add(struct dimension *d, const struct contribution *c, uint32_t hash)
{
	struct query_counts *open;
	uint32_t id;

	if (unlikely(query_counts_zero(&c->counts)))
		return 0;
	id = key_get(d, &c->key, hash);
	if (unlikely(id == KEY_NONE)) {
		d->lost = true;
		return -ENOMEM;
	}
	open = &d->keys.entries[id].open;
	if (query_counts_zero(open))
		d->touched[d->touched_count++] = id;
	query_counts_add(open, &c->counts);
	return 0;
}

int
dimension_fold(struct dimension *d, const struct pane_delta *deltas, unsigned int n)
{
	struct contribution c[DIMENSION_BURST * DIMENSION_FANOUT];
	uint32_t hash[DIMENSION_BURST * DIMENSION_FANOUT];
	unsigned int count = d->ops->extract(d->names, deltas, n, c);
	int rc = 0;

	for (unsigned int i = 0; i < count; i++) {
		hash[i] = key_table_hash(&d->keys, &c[i].key);
		key_table_prefetch_slot(&d->keys, hash[i]);
	}
	for (unsigned int i = 0; i < count; i++)
		key_table_prefetch_entry(&d->keys, hash[i]);
	for (unsigned int i = 0; i < count; i++)
		if (unlikely(contribution_add(d, &c[i], hash[i]) != 0))
			rc = -ENOMEM;
	return rc;
}

void
dimension_fold_total(struct dimension *d, const struct query_counts *total, bool lost)
{
	query_counts_add(&d->total, total);
	d->lost |= lost;
}

bool
dimension_untouched(const struct dimension *d)
{
	return d->touched_count == 0 && !d->lost && query_counts_zero(&d->total);
}

// Move the open counts into the slice's items.
static void
items_take(struct dimension *d, struct slice_item *items)
{
	for (uint32_t i = 0; i < d->touched_count; i++) {
		uint32_t id = d->touched[i];
		struct key_entry *e = &d->keys.entries[id];

		if (i + 8 < d->touched_count)
			rte_prefetch0(&d->keys.entries[d->touched[i + 8]]);
		items[i] = (struct slice_item){
			.bytes = e->open.of[QUERY_METRIC_BYTES],
			.packets = e->open.of[QUERY_METRIC_PACKETS],
			.flows = (uint32_t)e->open.of[QUERY_METRIC_FLOWS],
			.id = id,
		};
		d->keys.references[id]++;
		e->open = (struct query_counts){0};
	}
}

// No memory for the slice: its keys go as if they had not come.
static void
items_drop(struct dimension *d)
{
	for (uint32_t i = 0; i < d->touched_count; i++) {
		d->keys.entries[d->touched[i]].open = (struct query_counts){0};
		if (d->keys.references[d->touched[i]] == 0)
			key_table_remove(&d->keys, d->touched[i]);
	}
}

int
dimension_close(struct dimension *d, uint64_t index)
{
	struct slice s = {.index = index, .total = d->total, .lost = d->lost};
	int rc = 0;

	if (dimension_untouched(d))
		return 0;
	if (d->touched_count > 0) {
		s.items = malloc(d->touched_count * sizeof(*s.items));
		if (s.items == NULL) {
			items_drop(d);
			s.lost = true;
			rc = -ENOMEM;
		} else {
			items_take(d, s.items);
			s.count = d->touched_count;
		}
	}
	history_push(&d->history, &s);
	d->touched_count = 0;
	d->total = (struct query_counts){0};
	d->lost = false;
	return rc;
}

bool
dimension_forget_oldest(struct dimension *d)
{
	const struct slice *s = history_oldest(&d->history);

	if (d->history.base == d->history.end)
		return false;
	for (const struct window *w = d->windows; w != NULL; w = w->next)
		if (w->tail == d->history.base && !window_empty(w))
			return false;
	for (uint32_t i = 0; i < s->count; i++) {
		if (i + 8 < s->count)
			rte_prefetch0(&d->keys.references[s->items[i + 8].id]);
		key_table_release(&d->keys, s->items[i].id);
	}
	history_pop(&d->history);
	return true;
}

size_t
dimension_retained_bytes(const struct dimension *d)
{
	return d->history.bytes + (size_t)d->keys.live * KEY_BYTES;
}

size_t
dimension_bytes(const struct dimension *d)
{
	size_t sum = d->history.bytes + d->history.capacity * sizeof(*d->history.ring) +
		d->touched_capacity * sizeof(*d->touched) + key_table_bytes(&d->keys);

	for (const struct window *w = d->windows; w != NULL; w = w->next)
		sum += window_bytes(w);
	return sum;
}
