/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/key_table.h"

#include <errno.h>
#include <sys/random.h>

#include <rte_common.h>
#include <rte_memory.h>

#include "base/mem.h"

// Two slots per id, and both counts fit 32 bits.
#define CAPACITY_MAX (UINT32_C(1) << 30)

static size_t
entries_bytes(uint32_t capacity)
{
	return ((size_t)capacity + 1) * sizeof(struct key_entry);
}

static size_t
references_bytes(uint32_t capacity)
{
	return ((size_t)capacity + 1) * sizeof(uint32_t);
}

// Half full when all ids are in use, and never one alone: a search ends at a bucket with room.
static uint32_t
buckets_count(uint32_t capacity)
{
	return RTE_MAX(capacity / KEY_BUCKET, 1U) * 2;
}

static size_t
buckets_bytes(uint32_t capacity)
{
	return buckets_count(capacity) * sizeof(struct key_bucket);
}

size_t
key_table_bytes(const struct key_table *t)
{
	return key_table_capacity_bytes(t->capacity);
}

size_t
key_table_capacity_bytes(uint32_t capacity)
{
	return entries_bytes(capacity) + references_bytes(capacity) + buckets_bytes(capacity);
}

int
key_table_init(struct key_table *t, uint32_t capacity)
{
	*t = (struct key_table){.capacity = capacity, .mask = buckets_count(capacity) - 1};
	if (getrandom(t->seed, sizeof(t->seed), 0) != sizeof(t->seed))
		return -EIO;
	t->seed[5] |= 1;
	t->entries = mem_table_alloc("query keys", entries_bytes(capacity), SOCKET_ID_ANY);
	t->references = mem_table_alloc("query keys", references_bytes(capacity), SOCKET_ID_ANY);
	t->buckets = mem_table_alloc("query keys", buckets_bytes(capacity), SOCKET_ID_ANY);
	if (t->entries == NULL || t->references == NULL || t->buckets == NULL) {
		key_table_fini(t);
		return -ENOMEM;
	}
	return 0;
}

void
key_table_fini(struct key_table *t)
{
	mem_table_free(t->entries, entries_bytes(t->capacity));
	mem_table_free(t->references, references_bytes(t->capacity));
	mem_table_free(t->buckets, buckets_bytes(t->capacity));
	*t = (struct key_table){0};
}

// Into the first bucket from its own on that has room.
static void
bucket_put(struct key_bucket *buckets, uint32_t mask, uint32_t hash, uint32_t id)
{
	struct key_bucket *b = &buckets[hash & mask];
	unsigned int slot;

	while (key_bucket_full(b))
		b = &buckets[(uint32_t)(b - buckets + 1) & mask];
	slot = (unsigned int)__builtin_ctz(key_bucket_match(b->id, KEY_NONE));
	b->hash[slot] = hash;
	b->id[slot] = id;
}

int
key_table_grow(struct key_table *t)
{
	uint32_t larger = t->capacity * 2;
	struct key_entry *entries;
	uint32_t *references;
	struct key_bucket *buckets;

	if (t->capacity >= CAPACITY_MAX)
		return -ENOMEM;
	references = mem_table_alloc("query keys", references_bytes(larger), SOCKET_ID_ANY);
	buckets = mem_table_alloc("query keys", buckets_bytes(larger), SOCKET_ID_ANY);
	if (references == NULL || buckets == NULL)
		goto fail;
	// Last, as it cannot be taken back.
	entries = mem_table_grow("query keys", t->entries, entries_bytes(t->capacity),
		entries_bytes(larger), SOCKET_ID_ANY);
	if (entries == NULL)
		goto fail;
	// Each page of them is about to be read and written, in no order: found by the kernel one by one,
	// they would be mapped twice, and every time all lcores interrupted.
	mem_table_prefault(buckets, buckets_bytes(larger));
	memcpy(references, t->references, references_bytes(t->capacity));
	for (uint32_t at = 0; at <= t->mask; at++)
		for (unsigned int i = 0; i < KEY_BUCKET && t->buckets[at].id[i] != KEY_NONE; i++)
			bucket_put(buckets, buckets_count(larger) - 1, t->buckets[at].hash[i],
				t->buckets[at].id[i]);
	mem_table_free(t->references, references_bytes(t->capacity));
	mem_table_free(t->buckets, buckets_bytes(t->capacity));
	t->entries = entries;
	t->references = references;
	t->buckets = buckets;
	t->capacity = larger;
	t->mask = buckets_count(larger) - 1;
	return 0;
fail:
	mem_table_free(buckets, buckets_bytes(larger));
	mem_table_free(references, references_bytes(larger));
	return -ENOMEM;
}

uint32_t
key_table_insert(struct key_table *t, const struct query_key *key, uint32_t hash)
{
	uint32_t id;

	if (t->free != KEY_NONE) {
		id = t->free;
		t->free = t->references[id] & ~KEY_FREE;
	} else if (t->used < t->capacity) {
		id = ++t->used;
	} else {
		return KEY_NONE;
	}
	t->live++;
	t->references[id] = 0;
	t->entries[id] = (struct key_entry){.key = *key};
	bucket_put(t->buckets, t->mask, hash, id);
	return id;
}

// The last slot that is taken moves to where one is given up.
static void
slot_clear(struct key_bucket *b, unsigned int slot)
{
	unsigned int last = KEY_BUCKET - 1;

	while (b->id[last] == KEY_NONE)
		last--;
	b->hash[slot] = b->hash[last];
	b->id[slot] = b->id[last];
	b->hash[last] = 0;
	b->id[last] = KEY_NONE;
}

// A slot of a bucket that passed for one that may lie before it, KEY_BUCKET if there is none.
static unsigned int
slot_from_before(const struct key_bucket *b, uint32_t mask, uint32_t at, uint32_t before)
{
	unsigned int slot = 0;

	for (; slot < KEY_BUCKET && b->id[slot] != KEY_NONE; slot++)
		if (((at - b->hash[slot]) & mask) >= ((at - before) & mask))
			return slot;
	return KEY_BUCKET;
}

// A bucket that was full has room: keys behind it that would not be found any more move into it.
static void
bucket_refill(struct key_bucket *buckets, uint32_t mask, uint32_t hole)
{
	bool full = true;

	for (uint32_t at = (hole + 1) & mask; full; at = (at + 1) & mask) {
		struct key_bucket *b = &buckets[at];
		unsigned int slot = slot_from_before(b, mask, at, hole);

		full = key_bucket_full(b);
		if (slot == KEY_BUCKET)
			continue;
		buckets[hole].hash[KEY_BUCKET - 1] = b->hash[slot];
		buckets[hole].id[KEY_BUCKET - 1] = b->id[slot];
		slot_clear(b, slot);
		hole = at;
	}
}

static void
id_free(struct key_table *t, uint32_t id)
{
	t->references[id] = KEY_FREE | t->free;
	t->free = id;
	t->live--;
	t->removals++;
}

void
key_table_remove(struct key_table *t, uint32_t id)
{
	uint32_t at = key_table_hash(t, &t->entries[id].key) & t->mask;
	unsigned int match;
	bool full;

	while ((match = key_bucket_match(t->buckets[at].id, id)) == 0)
		at = (at + 1) & t->mask;
	full = key_bucket_full(&t->buckets[at]);
	slot_clear(&t->buckets[at], (unsigned int)__builtin_ctz(match));
	if (full)
		bucket_refill(t->buckets, t->mask, at);
	id_free(t, id);
}

static void
marks_prefetch(const struct key_bucket *b, const uint8_t *marks)
{
	for (unsigned int i = 0; i < KEY_BUCKET; i++)
		rte_prefetch0(&marks[b->id[i]]);
}

/*
 * Keys that stay in the bucket that their hash names move together there. Others are taken out and put
 * back, and land where they were or before that: from behind a bucket with room on, all in front of
 * them have their place already.
 */
static void
bucket_purge(struct key_bucket *buckets, uint32_t mask, uint32_t at, const uint8_t *marks, uint8_t gone)
{
	struct key_bucket *b = &buckets[at], old = *b;
	unsigned int kept = 0, others = 0;

	*b = (struct key_bucket){.id = {KEY_NONE}};
	for (unsigned int i = 0; i < KEY_BUCKET; i++) {
		unsigned int stays = old.id[i] != KEY_NONE && marks[old.id[i]] != gone;
		unsigned int home = (old.hash[i] & mask) == at;

		b->hash[kept] = old.hash[i] & -(stays & home);
		b->id[kept] = old.id[i] & -(stays & home);
		kept += stays & home;
		others |= (stays & ~home) << i;
	}
	for (; others != 0; others &= others - 1) {
		unsigned int i = (unsigned int)__builtin_ctz(others);

		bucket_put(buckets, mask, old.hash[i], old.id[i]);
	}
}

static void
buckets_purge(struct key_bucket *buckets, uint32_t mask, const uint8_t *marks, uint8_t gone)
{
	uint32_t start = 0;

	while (key_bucket_full(&buckets[start]))
		start++;
	for (uint32_t i = 1; i <= mask + 1; i++) {
		marks_prefetch(&buckets[(start + i + 2) & mask], marks);
		bucket_purge(buckets, mask, (start + i) & mask, marks, gone);
	}
}

// From the last one on, so that the first ones are used again first: tables stay dense in front.
void
key_table_purge(struct key_table *t, const uint8_t *marks, uint8_t gone)
{
	buckets_purge(t->buckets, t->mask, marks, gone);
	for (uint32_t id = t->used; id > 0; id--)
		if (key_table_live(t, id) && marks[id] == gone)
			id_free(t, id);
}

void
key_table_release(struct key_table *t, uint32_t id)
{
	if (--t->references[id] == 0)
		key_table_remove(t, id);
}
