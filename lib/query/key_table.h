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

#include "query/counts.h"

// The keys of one dimension, each with a small number (id) for as long as something holds it: the
// slice that is being filled or a retained one. Slices and windows refer to keys by id, so a key
// is hashed and compared once per delta; adding a slice to a window, subtracting it and evaluating
// never hash.
//
// Open addressing with linear probing over slots of 8 bytes (half full at most), the keys
// themselves in a second table. The hash is seeded at random per table and keys are compared whole.

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

// One cache line, so that folding a delta touches one slot and one line per key. What the slice that
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

struct key_slot {
	uint32_t hash;
	uint32_t id;  // KEY_NONE: empty
};

struct key_table {
	struct key_entry *entries;  // by id
	uint32_t *references;       // by id: slices and windows that hold it; KEY_FREE: see there
	struct key_slot *slots;
	uint32_t mask;              // slots - 1
	uint32_t capacity;          // ids 1 ... capacity
	uint32_t used;              // ids ever given out
	uint32_t live;
	uint32_t free;              // first free id
	uint64_t seed[7];
};

// What one key costs, in both tables at the usual load: for bounds on memory.
#define KEY_BYTES (sizeof(struct key_entry) + sizeof(uint32_t) + 2 * sizeof(struct key_slot))

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
key_table_prefetch_slot(const struct key_table *t, uint32_t hash)
{
	rte_prefetch0(&t->slots[hash & t->mask]);
}

// The slot's line is there by now: its first candidate's key is what will be compared.
static inline void
key_table_prefetch_entry(const struct key_table *t, uint32_t hash)
{
	rte_prefetch0(&t->entries[t->slots[hash & t->mask].id]);
}

// A new key; KEY_NONE when all ids are in use (then grow).
uint32_t key_table_insert(struct key_table *t, const struct query_key *key, uint32_t hash);

static inline uint32_t
key_table_find(const struct key_table *t, const struct query_key *key, uint32_t hash)
{
	uint32_t at = hash & t->mask;

	while (t->slots[at].id != KEY_NONE) {
		uint32_t id = t->slots[at].id;

		if (t->slots[at].hash == hash && query_key_equal(&t->entries[id].key, key))
			return id;
		at = (at + 1) & t->mask;
	}
	return KEY_NONE;
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
// slots, whose memory is read in order.
void key_table_purge(struct key_table *t, const uint8_t *marks, uint8_t gone);

#endif
