/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/sketch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define REGISTER_SHIFT (64 - HLL_PRECISION)
#define ALLOCATOR_BYTES 16  // what malloc() takes besides

static uint64_t *
entries(struct sketch *s)
{
	return s->size == 0 ? &s->one : s->list;
}

static const uint64_t *
entries_const(const struct sketch *s)
{
	return s->size == 0 ? &s->one : s->list;
}

static uint32_t
entry_time(uint64_t e)
{
	return (uint32_t)(e & SKETCH_TIME_MAX);
}

static uint64_t
entry_hash(uint64_t e)
{
	return e >> SKETCH_TIME_BITS;
}

static uint64_t
entry_make(uint64_t hash, uint32_t time)
{
	return hash << SKETCH_TIME_BITS | time;
}

static uint64_t
entry_register(uint64_t e)
{
	return e >> REGISTER_SHIFT;
}

// The smallest hash with the same register and rank.
static uint64_t
hash_canonical(uint64_t hash)
{
	unsigned int rank = hll_rank(hash);
	uint64_t above = hash >> HLL_REST_BITS << HLL_REST_BITS;

	return rank == HLL_RANK_MAX ? above : above | UINT64_C(1) << (HLL_REST_BITS - rank);
}

static size_t
list_bytes(unsigned int size)
{
	return size == 0 ? 0 : (sizeof(uint64_t) << size) + ALLOCATOR_BYTES;
}

// Room for 1 << size entries; those that there are fit.
static int
sketch_resize(struct sketch *s, struct sketch_memory *m, unsigned int size)
{
	size_t before = list_bytes(s->size), after = list_bytes(size);
	uint64_t *list = NULL;

	if (after > before && m->used + (after - before) > m->limit)
		return -ENOMEM;
	if (size > 0) {
		list = malloc(sizeof(*list) << size);
		if (list == NULL)
			return -ENOMEM;
		memcpy(list, entries(s), s->count * sizeof(*list));
	}
	if (s->size > 0) {
		uint64_t one = s->list[0];

		free(s->list);
		s->one = one;
	}
	if (size > 0)
		s->list = list;
	s->size = (uint8_t)size;
	m->used += after - before;
	return 0;
}

// Give memory back where a quarter is enough. What cannot be done now stays as it is.
static void
sketch_shrink(struct sketch *s, struct sketch_memory *m)
{
	unsigned int size = s->size;

	while (size > 0 && (uint32_t)s->count * 4 <= UINT32_C(1) << size)
		size--;
	if (s->count <= 1)
		size = 0;
	if (size != s->size)
		sketch_resize(s, m, size);
}

void
sketch_clear(struct sketch *s, struct sketch_memory *m)
{
	if (s->size > 0)
		free(s->list);
	m->used -= list_bytes(s->size);
	*s = (struct sketch){0};
}

void
sketch_purge(struct sketch *s, struct sketch_memory *m, uint32_t oldest, uint32_t shift)
{
	uint64_t *e = entries(s);
	uint16_t kept = 0;

	if (s->count == 0)
		return;
	if (s->newest < oldest) {
		sketch_clear(s, m);
		return;
	}
	for (uint16_t i = 0; i < s->count; i++)
		if (entry_time(e[i]) >= oldest)
			e[kept++] = e[i] - shift;
	s->count = kept;
	s->newest -= shift;
	sketch_shrink(s, m);
}

// The first of n sorted entries that is not below `e`.
static uint16_t
entries_find(const uint64_t *list, uint16_t n, uint64_t e)
{
	const uint64_t *base = list;

	if (n == 0)
		return 0;
	while (n > 1) {
		uint16_t half = n / 2;

		base += base[half - 1] < e ? half : 0;
		n = (uint16_t)(n - half);
	}
	return (uint16_t)(base - list + (*base < e));
}

// Entries [at, end) make room for `room` ones, and those behind move. 0 or -ENOMEM.
static int
entries_splice(struct sketch *s, struct sketch_memory *m, uint16_t at, uint16_t end, uint16_t room)
{
	uint32_t count = (uint32_t)s->count - (end - at) + room;
	uint64_t *e;

	if (count > UINT32_C(1) << s->size && sketch_resize(s, m, s->size + 1U) != 0)
		return -ENOMEM;
	e = entries(s);
	if (end - at != room)
		memmove(&e[at + room], &e[end], (size_t)(s->count - end) * sizeof(*e));
	s->count = (uint16_t)count;
	return 0;
}

static int
register_add(struct sketch *s, struct sketch_memory *m, uint64_t hash, uint32_t time, uint32_t oldest)
{
	uint64_t now = entry_make(hash_canonical(hash), time), *e = entries(s);
	uint16_t at = entries_find(e, s->count, entry_register(now) << REGISTER_SHIFT);
	uint16_t end = at, young, higher;

	while (end < s->count && entry_register(e[end]) == entry_register(now))
		end++;
	if (end > at && entry_time(e[end - 1]) == time &&
			entry_hash(e[end - 1]) <= entry_hash(now))
		return 0;
	for (young = at; young < end && entry_time(e[young]) < oldest; young++)
		;
	for (higher = young; higher < end && entry_hash(e[higher]) < entry_hash(now); higher++)
		;
	// What is too old or not of a higher rank goes: entries [young, higher) stay, before the new one.
	if (higher - young == end - at) {
		if (entries_splice(s, m, end, end, 1) != 0)
			return -ENOMEM;
		entries(s)[end] = now;
		return 1;
	}
	memmove(&e[at], &e[young], (size_t)(higher - young) * sizeof(*e));
	at = (uint16_t)(at + (higher - young));
	e[at] = now;
	entries_splice(s, m, (uint16_t)(at + 1), end, 0);  // nothing grows
	return 1;
}

// From a list to registers, in place: entries that are left out only make room.
static void
sketch_convert(struct sketch *s)
{
	uint64_t *e = entries(s);
	uint16_t kept = 0;

	s->registers = true;
	for (uint16_t i = 0; i < s->count; i++) {
		uint64_t next = entry_make(hash_canonical(entry_hash(e[i])), entry_time(e[i]));

		// Ranks fall: one that is not younger than those above it is no window's largest.
		if (kept > 0 && entry_register(e[kept - 1]) == entry_register(next)) {
			if (entry_time(e[kept - 1]) >= entry_time(next))
				continue;
			if (entry_hash(e[kept - 1]) == entry_hash(next))
				kept--;
		}
		e[kept++] = next;
	}
	s->count = kept;
}

static int
list_add(struct sketch *s, struct sketch_memory *m, uint64_t hash, uint32_t time, uint32_t oldest)
{
	uint16_t at = entries_find(entries(s), s->count, entry_make(hash, 0));

	if (at < s->count && entry_hash(entries(s)[at]) == hash) {
		bool again = entry_time(entries(s)[at]) == time;

		entries(s)[at] = entry_make(hash, time);
		return !again;
	}
	if (s->count == SKETCH_LIST_MAX) {
		sketch_purge(s, m, oldest, 0);
		if (s->count == SKETCH_LIST_MAX) {
			sketch_convert(s);
			return register_add(s, m, hash, time, oldest);
		}
		at = entries_find(entries(s), s->count, entry_make(hash, 0));
	}
	if (entries_splice(s, m, at, at, 1) != 0)
		return -ENOMEM;
	entries(s)[at] = entry_make(hash, time);
	return 1;
}

int
sketch_add(struct sketch *s, struct sketch_memory *m, uint64_t hash, uint32_t time, uint32_t oldest)
{
	int rc;

	if (s->count > 0 && s->newest < oldest)
		sketch_clear(s, m);
	rc = s->registers ? register_add(s, m, hash, time, oldest) :
		list_add(s, m, hash, time, oldest);
	if (rc > 0)
		s->newest = time;
	return rc;
}

static uint64_t
registers_count(const struct sketch *s, uint32_t first)
{
	uint32_t of[HLL_RANK_MAX + 1] = {HLL_REGISTERS};
	uint64_t taken = UINT64_MAX;
	const uint64_t *e = entries_const(s);

	for (uint16_t i = 0; i < s->count; i++) {
		if (entry_register(e[i]) == taken || entry_time(e[i]) < first)
			continue;
		taken = entry_register(e[i]);
		of[hll_rank(entry_hash(e[i]))]++;
		of[0]--;
	}
	return of[0] == HLL_REGISTERS ? 0 : hll_estimate(of);
}

uint64_t
sketch_count(const struct sketch *s, uint32_t first)
{
	const uint64_t *e = entries_const(s);
	uint64_t count = 0;

	if (s->count == 0 || s->newest < first)
		return 0;
	if (s->registers)
		return registers_count(s, first);
	for (uint16_t i = 0; i < s->count; i++)
		count += entry_time(e[i]) >= first;
	return count;
}
