/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/dimension.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "base/mem.h"
#include "query/dimension_distinct.h"
#include "query/dimension_kinds.h"
#include "query/dimension_thin.h"

#define KEYS_INITIAL 1024  // power of two; the tables grow by doubling

static const struct dimension_ops *const dimensions[DIMENSION_KINDS] = {
	[DIMENSION_PROTOCOL] = &dimension_protocol,
	[DIMENSION_IP_PROTO] = &dimension_ip_proto,
	[DIMENSION_IP] = &dimension_ip,
	[DIMENSION_SRC_IP] = &dimension_src_ip,
	[DIMENSION_DST_IP] = &dimension_dst_ip,
	[DIMENSION_IP_PAIR] = &dimension_ip_pair,
	[DIMENSION_SRC_DST_IP] = &dimension_src_dst_ip,
	[DIMENSION_FLOW] = &dimension_flow,
	[DIMENSION_SRC_PORT] = &dimension_src_port,
	[DIMENSION_DST_PORT] = &dimension_dst_port,
	[DIMENSION_VLAN] = &dimension_vlan,
	[DIMENSION_SRC_MAC] = &dimension_src_mac,
	[DIMENSION_DST_MAC] = &dimension_dst_mac,
	[DIMENSION_SUBNET] = &dimension_subnet,
	[DIMENSION_TOTAL] = &dimension_total,
};

const struct dimension_ops *
dimension_ops_get(enum dimension_kind kind)
{
	return dimensions[kind];
}

static size_t
touched_bytes(uint32_t capacity)
{
	return ((size_t)capacity + 1) * (sizeof(uint32_t) + sizeof(float) + sizeof(uint8_t));
}

static int
touched_reserve(struct dimension *d, uint32_t capacity)
{
	uint32_t *larger;
	float *scores;
	uint8_t *entered;

	if (capacity <= d->touched_capacity)
		return 0;
	larger = mem_table_alloc("query slice", touched_bytes(capacity), SOCKET_ID_ANY);
	if (larger == NULL)
		return -ENOMEM;
	scores = (float *)(larger + capacity + 1);
	entered = (uint8_t *)(scores + capacity + 1);
	if (d->touched != NULL) {
		memcpy(larger, d->touched, d->touched_count * sizeof(*larger));
		memcpy(entered, d->entered, d->touched_capacity + 1);
		mem_table_free(d->touched, touched_bytes(d->touched_capacity));
	}
	d->touched = larger;
	d->scores = scores;
	d->entered = entered;
	d->touched_capacity = capacity;
	return 0;
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
	if (d->distinct != NULL && dimension_distinct_reserve(d->distinct, capacity) != 0)
		return -ENOMEM;
	return touched_reserve(d, capacity);
}

// The one key of `total` is there without packets as well: a limit may ask for some.
static int
total_key_insert(struct dimension *d)
{
	const struct query_key key = {0};
	uint32_t id;

	if (d->spec.kind != DIMENSION_TOTAL)
		return 0;
	id = key_table_insert(&d->keys, &key, key_table_hash(&d->keys, &key));
	if (id != DIMENSION_TOTAL_ID)
		return -ENOMEM;
	key_table_hold(&d->keys, id);
	return 0;
}

struct dimension *
dimension_create(const struct dimension_spec *spec, const struct dimension_names *names,
	uint32_t slices, uint32_t budget)
{
	struct dimension *d = calloc(1, sizeof(*d));
	int rc;

	if (d == NULL)
		return NULL;
	d->spec = *spec;
	d->ops = dimension_ops_get(spec->kind);
	d->names = names;
	d->budget = budget;
	rc = key_table_init(&d->keys, KEYS_INITIAL);
	if (rc == 0)
		rc = ids_reserve(d, KEYS_INITIAL);
	if (rc == 0)
		rc = history_init(&d->history, slices);
	if (rc == 0)
		rc = total_key_insert(d);
	if (rc == 0)
		return d;
	dimension_free(d);
	errno = -rc;
	return NULL;
}

void
dimension_free(struct dimension *d)
{
	if (d == NULL)
		return;
	while (d->windows != NULL) {
		struct window *w = d->windows;

		d->windows = w->next;
		window_free(w);
	}
	dimension_distinct_free(d->distinct);
	history_fini(&d->history);
	mem_table_free(d->touched, touched_bytes(d->touched_capacity));
	key_table_fini(&d->keys);
	free(d);
}

static struct window *
window_add(struct dimension *d, uint64_t length, uint64_t lag)
{
	struct window *w = window_create(d->keys.capacity, length, lag);

	if (w == NULL)
		return NULL;
	if (length == 0) {
		w->held = &d->keys;
		w->missed = d->history.forgotten_end > 0;
	}
	w->next = d->windows;
	d->windows = w;
	return w;
}

struct window *
dimension_window(struct dimension *d, uint64_t length, uint64_t lag)
{
	struct window *w;

	for (w = d->windows; w != NULL; w = w->next)
		if (w->length == length && w->lag == lag && !w->apart)
			return w;
	w = window_add(d, length, lag);
	if (w != NULL)  // one with a lag comes from the past, others go back to it
		w->tail = w->head = lag > 0 ? d->history.base : d->history.end;
	return w;
}

struct window *
dimension_window_apart(struct dimension *d, uint64_t length)
{
	struct window *w = window_add(d, length, 0);

	if (w == NULL)
		return NULL;
	w->apart = true;
	w->tail = w->head = d->history.base;
	return w;
}

// A window or slice that held the key is gone; the last one takes it along, unless the open slice has
// it.
static void
key_let_go(struct dimension *d, uint32_t id)
{
	if (d->touched_count > 0 && key_entry_open(&d->keys.entries[id]))
		d->keys.references[id]--;
	else
		key_table_release(&d->keys, id);
}

static void
window_release(struct dimension *d, const struct window *w)
{
	for (uint32_t i = 0; w->held != NULL && i < w->count; i++)
		key_let_go(d, w->items[i].id);
}

void
dimension_drop_window(struct dimension *d, struct window *w)
{
	struct window **at = &d->windows;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	window_release(d, w);
	window_free(w);
}

uint32_t
dimension_enter(struct dimension *d, const struct query_key *key, uint32_t hash)
{
	uint32_t id;

	if (unlikely(d->keys.live >= d->budget))
		dimension_make_room(d);
	id = key_table_insert(&d->keys, key, hash);
	if (unlikely(id == KEY_NONE)) {
		if (ids_reserve(d, d->keys.capacity * 2) != 0 || key_table_grow(&d->keys) != 0)
			return KEY_NONE;
		id = key_table_insert(&d->keys, key, hash);
	}
	d->entered[id] = (uint8_t)d->floor;
	if (d->distinct != NULL)
		dimension_distinct_forget(d->distinct, id);
	return id;
}

void
dimension_fold_total(struct dimension *d, const struct query_counts *total, bool lost)
{
	if (dimension_takes_all(d))
		query_counts_add(&d->total, total);
	d->lost |= lost;
}

// Nothing was folded into the open slice.
static bool
untouched(const struct dimension *d)
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
			.bytes = e->open_bytes,
			.packets = e->open_packets,
			.flows = e->open_flows,
			.id = id & ((1U << SLICE_ID_BITS) - 1),
			.entered = d->entered[id],
		};
		key_table_hold(&d->keys, id);
		key_entry_close(e);
	}
}

// No memory for the slice: its keys go as if they had not come.
static void
items_drop(struct dimension *d)
{
	for (uint32_t i = 0; i < d->touched_count; i++) {
		key_entry_close(&d->keys.entries[d->touched[i]]);
		if (d->keys.references[d->touched[i]] == 0)
			key_table_remove(&d->keys, d->touched[i]);
	}
}

int
dimension_close(struct dimension *d, uint64_t index)
{
	struct slice s = {.index = index, .total = d->total, .lost = d->lost};
	uint32_t floors = d->floor > 0 ? d->floor + 1 : 0;
	int rc = 0;

	if (d->distinct != NULL)
		dimension_distinct_close(d->distinct);
	if (untouched(d))
		return 0;
	s.floor = d->floors[d->floor];
	if (d->touched_count > 0) {
		if (slice_reserve(&s, floors, d->touched_count) != 0) {
			items_drop(d);
			s.lost = true;
			rc = -ENOMEM;
		} else {
			memcpy(s.memory, d->floors, floors * sizeof(d->floors[0]));
			items_take(d, s.items);
			s.count = d->touched_count;
		}
	}
	if (d->floor > 0)
		memset(d->entered, 0, d->keys.used + 1);
	d->floor = 0;
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
		if (window_needs(w, d->history.base))
			return false;
	for (struct window *w = d->windows; w != NULL; w = w->next)
		if (w->lag > 0 || w->apart)
			window_forget_oldest(w, &d->history);
	for (uint32_t i = 0; i < s->count; i++) {
		if (i + 8 < s->count)
			rte_prefetch0(&d->keys.references[s->items[i + 8].id]);
		key_let_go(d, s->items[i].id);
	}
	history_pop(&d->history);
	return true;
}

uint64_t
dimension_reach(const struct dimension *d)
{
	uint64_t reach = 0;

	for (const struct window *w = d->windows; w != NULL; w = w->next)
		reach = RTE_MAX(reach, w->lag + w->length);
	return reach;
}

size_t
dimension_retained_bytes(const struct dimension *d)
{
	uint32_t held = 0;

	for (const struct window *w = d->windows; w != NULL; w = w->next)
		if (w->held != NULL)
			held = w->count;
	return d->history.bytes + (size_t)(d->keys.live - held) * KEY_BYTES;
}

size_t
dimension_bytes_most(uint32_t budget, uint32_t slices, uint32_t windows)
{
	uint32_t capacity = rte_align32pow2(RTE_MAX(budget, (uint32_t)KEYS_INITIAL));
	size_t tables = touched_bytes(capacity) + key_table_capacity_bytes(capacity) +
		windows * window_capacity_bytes(capacity);

	// While a table is copied into one of twice the size, both are there.
	return slices * sizeof(struct slice) + tables + tables / 2;
}

size_t
dimension_bytes(const struct dimension *d)
{
	size_t sum = d->history.bytes + d->history.capacity * sizeof(*d->history.ring) +
		touched_bytes(d->touched_capacity) + key_table_bytes(&d->keys) +
		dimension_distinct_bytes(d->distinct);

	for (const struct window *w = d->windows; w != NULL; w = w->next)
		sum += window_bytes(w);
	return sum;
}
