/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_KEY_TABLE_H
#define WEIR_QUERY_KEY_TABLE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <rte_prefetch.h>
#include <rte_vect.h>

#include "query/counts.h"

// The keys of one dimension, each with a small number (id) for as long as something holds it: the
// slice that is being filled or a retained one. Slices and windows refer to keys by id, so a key
// is hashed and compared once per delta; adding a slice to a window, subtracting it and evaluating
// never hash.
//
// Open addressing by buckets of eight slots, one cache line (half full at most): a key is in the bucket
// that its hash names, or, where that is full, in the next one that was not. The keys themselves are in
// a second table. The hash is seeded at random per table and keys are compared whole.

// Room for what any dimension distinguishes: one or two ends, ports or a number, VLAN tags. Unused
// parts are zero. 44 bytes without padding, compared and hashed as words.
struct query_key {
	uint8_t addr[2][16];  // IPv4-mapped for version 4, as in struct flow_key; MACs at their start
	union {
		rte_be16_t port[2];
		uint32_t number;  // protocol id, port, ...
	};
	uint8_t vlan[6];      // up to four ids of 12 bits, outermost first
	uint8_t proto;
	uint8_t form;         // low half: 4 or 6 where there are addresses; high half: VLAN tags
};
static_assert(sizeof(struct query_key) == 44, "five words and a half");

// One cache line, so that folding a delta touches one bucket and one line per key. What the slice that
// is being filled has counted: flows in 32 bits for the reason in slice.h.
struct key_entry {
	uint64_t open_bytes;
	uint64_t open_packets;
	uint32_t open_flows;
	struct query_key key;
} __attribute__((aligned(64)));
static_assert(sizeof(struct key_entry) == 64, "a key entry is one cache line");

#define KEY_NONE 0  // ids start at 1

// In `references` of an id that is not in use, with the next one of those.
#define KEY_FREE (UINT32_C(1) << 31)

#define KEY_BUCKET 8

// Slots that are taken come first, so a bucket is full if its last one is. Eight hashes are compared
// at once and nothing is guessed about which: at 4 of 8 a key is elsewhere one time in fifty.
struct key_bucket {
	uint32_t hash[KEY_BUCKET];
	uint32_t id[KEY_BUCKET];  // KEY_NONE: empty
} __attribute__((aligned(64)));
static_assert(sizeof(struct key_bucket) == 64, "a bucket is one cache line");

struct key_table {
	struct key_entry *entries;  // by id
	uint32_t *references;       // by id: slices and windows that hold it; KEY_FREE: see there
	struct key_bucket *buckets;
	uint32_t mask;              // buckets - 1
	uint32_t capacity;          // ids 1 ... capacity
	uint32_t used;              // ids ever given out
	uint32_t live;
	uint32_t free;              // first free id
	uint64_t removals;          // ids that went: a guess from before one may be of a key that is gone
	uint64_t seed[7];
};

// What one key costs, in both tables at the usual load: for bounds on memory.
#define KEY_BYTES (sizeof(struct key_entry) + sizeof(uint32_t) + \
	2 * sizeof(struct key_bucket) / KEY_BUCKET)

int key_table_init(struct key_table *t, uint32_t capacity);  // 0, -ENOMEM or -EIO (no seed)
void key_table_fini(struct key_table *t);
int key_table_grow(struct key_table *t);  // doubles; 0 or -ENOMEM with t as it was
size_t key_table_bytes(const struct key_table *t);
size_t key_table_capacity_bytes(uint32_t capacity);  // of a table for so many keys

static inline uint64_t
key_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// Word i of a key, in memory order, and its last four bytes: one load each, where copying all of
// them would go through the stack.
static inline uint64_t
query_key_word(const struct query_key *key, unsigned int i)
{
	uint64_t w;

	memcpy(&w, (const char *)key + i * sizeof(w), sizeof(w));
	return w;
}

static inline uint32_t
query_key_tail(const struct query_key *key)
{
	uint32_t tail;

	memcpy(&tail, (const char *)key + 40, sizeof(tail));
	return tail;
}

static inline uint32_t
key_table_hash(const struct key_table *t, const struct query_key *key)
{
	return (uint32_t)key_mix(
		key_mix(query_key_word(key, 0) ^ t->seed[0], query_key_word(key, 1) ^ t->seed[1]) ^
		key_mix(query_key_word(key, 2) ^ t->seed[2], query_key_word(key, 3) ^ t->seed[3]) ^
		key_mix(query_key_word(key, 4) ^ t->seed[4], query_key_tail(key) ^ t->seed[6]),
		t->seed[5]);
}

static inline bool
query_key_equal(const struct query_key *a, const struct query_key *b)
{
	uint64_t differs = query_key_tail(a) ^ query_key_tail(b);

	for (unsigned int i = 0; i < 5; i++)
		differs |= query_key_word(a, i) ^ query_key_word(b, i);
	return differs == 0;
}

static inline bool
key_entry_open(const struct key_entry *e)
{
	return (e->open_bytes | e->open_packets | e->open_flows) != 0;
}

static inline void
key_entry_close(struct key_entry *e)
{
	e->open_bytes = 0;
	e->open_packets = 0;
	e->open_flows = 0;
}

static inline void
key_table_prefetch_bucket(const struct key_table *t, uint32_t hash)
{
	rte_prefetch0(&t->buckets[hash & t->mask]);
}

// Bit i: value i is `wanted`.
static inline unsigned int
key_bucket_match(const uint32_t values[KEY_BUCKET], uint32_t wanted)
{
#ifdef __SSE2__
	const __m128i *v = (const __m128i *)values, w = _mm_set1_epi32((int)wanted);
	__m128i four = _mm_cmpeq_epi32(_mm_load_si128(v), w);
	__m128i more = _mm_cmpeq_epi32(_mm_load_si128(v + 1), w);

	return (unsigned int)_mm_movemask_epi8(_mm_packs_epi16(_mm_packs_epi32(four, more),
		_mm_setzero_si128()));
#else
	unsigned int match = 0;

	for (unsigned int i = 0; i < KEY_BUCKET; i++)
		match |= (unsigned int)(values[i] == wanted) << i;
	return match;
#endif
}

static inline bool
key_bucket_full(const struct key_bucket *b)
{
	return b->id[KEY_BUCKET - 1] != KEY_NONE;
}

// The id of the first key in question that has this hash, most likely the one that is looked for;
// KEY_NONE: there is none. Touches buckets only, whose line is there by now.
static inline uint32_t
key_table_guess(const struct key_table *t, uint32_t hash)
{
	const struct key_bucket *b = &t->buckets[hash & t->mask];
	unsigned int match = key_bucket_match(b->hash, hash);

	while (unlikely(match == 0 && key_bucket_full(b))) {
		b = &t->buckets[(uint32_t)(b - t->buckets + 1) & t->mask];
		match = key_bucket_match(b->hash, hash);
	}
	return match != 0 ? b->id[__builtin_ctz(match)] : KEY_NONE;
}

// A new key; KEY_NONE when all ids are in use (then grow).
uint32_t key_table_insert(struct key_table *t, const struct query_key *key, uint32_t hash);

static inline uint32_t
key_table_find(const struct key_table *t, const struct query_key *key, uint32_t hash)
{
	for (uint32_t at = hash & t->mask;; at = (at + 1) & t->mask) {
		const struct key_bucket *b = &t->buckets[at];
		unsigned int match = key_bucket_match(b->hash, hash);

		for (; match != 0; match &= match - 1) {
			uint32_t id = b->id[__builtin_ctz(match)];

			if (id != KEY_NONE && query_key_equal(&t->entries[id].key, key))
				return id;
		}
		if (!key_bucket_full(b))
			return KEY_NONE;
	}
}

// What holds a key besides the open slice: a retained slice, a cumulative window.
static inline void
key_table_hold(struct key_table *t, uint32_t id)
{
	t->references[id]++;
}

// One that held the key is gone; the last one takes the key with it.
void key_table_release(struct key_table *t, uint32_t id);
// Drop a key that nothing holds.
void key_table_remove(struct key_table *t, uint32_t id);

static inline bool
key_table_live(const struct key_table *t, uint32_t id)
{
	return (t->references[id] & KEY_FREE) == 0;
}

// Drop all keys whose mark, by id, is `gone`, whatever held them. Many at a time: one pass over the
// buckets, whose memory is read in order.
void key_table_purge(struct key_table *t, const uint8_t *marks, uint8_t gone);

#endif
