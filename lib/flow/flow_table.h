/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_FLOW_FLOW_TABLE_H
#define WEIR_FLOW_FLOW_TABLE_H

#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_vect.h>

#include "base/mem.h"
#include "flow/flow.h"
#include "flow/flow_hash.h"

/*
 * The flows of one worker. Single owner, no locks, no allocation after creation.
 *
 * Buckets of 8 entries, one cache line each: a 16-bit signature and the flow's slot number. A flow
 * lives in its first bucket, or in its second one (another part of the hash) when the first is
 * full; `spilled` counts, per first bucket, the flows that did not fit, so that a miss reads the
 * second bucket only when it may matter. There are between 2 and 4 flows of capacity per bucket:
 * at full load a bucket holds up to 4 of 8 on average, and both of a flow's buckets are full for
 * about one flow in a thousand or fewer. Then, and when all slots are taken, the least recently
 * seen flow of the two buckets is evicted.
 *
 * Which one that is stands in the flows, and reading those of two buckets would cost a flood of new
 * flows a line of memory each. So a bucket knows of each of its flows a time at which, or after
 * which, it was seen: `seen` steps after its `epoch`. It is written when the flow is inserted and
 * when somebody looks; packets do not touch it. Whoever looks for the oldest reads flows in this
 * order until the next one cannot be older: mostly one flow, and never another than by reading all.
 */
#define FLOW_BUCKET_ENTRIES 8

struct flow_bucket {
	uint16_t signature[FLOW_BUCKET_ENTRIES];
	uint32_t slot[FLOW_BUCKET_ENTRIES];
	uint8_t used;          // bit i: entry i is taken
	uint8_t epoch_high;
	uint16_t spilled;
	uint32_t epoch;        // steps after the table's; 40 bits with epoch_high
	uint8_t seen[FLOW_BUCKET_ENTRIES];
} __rte_cache_aligned;
static_assert(sizeof(struct flow_bucket) == 64, "a bucket is one cache line");

struct flow_table {
	struct flow_bucket *buckets;
	struct flow *flows;
	uint64_t bucket_mask;
	uint32_t capacity;
	uint32_t fresh;        // slots from here on were never used
	uint32_t expected;     // those below it have their memory; FLOW_NONE: that is nobody's concern
	struct mem_steps steps;  // where it is somebody's
	uint32_t free_head;    // list of freed slots through timer_next
	uint32_t count;
	uint8_t age_shift;     // steps of buckets' times are 2^age_shift us
	uint64_t age_epoch;    // the first of them, from which buckets count
	struct flow_hash_secret secret;
	size_t buckets_bytes;
	size_t flows_bytes;
};

// Memory that a table of this capacity takes when full, in bytes.
size_t flow_table_bytes(uint32_t capacity);

/*
 * @param capacity flows, 16 .. 2^26
 * @param seed 0: hash seeded at random
 * @return NULL with errno set
 */
struct flow_table *flow_table_create(const char *name, uint32_t capacity, uint64_t seed,
	int socket);
void flow_table_free(struct flow_table *t);

// The run may use a small part of the table: the memory of its first FLOWS_BY_NEED flows is to be taken
// bit by bit, ahead of them. Before the first flow.
void flow_table_by_need(struct flow_table *t);

#define FLOWS_BY_NEED (UINT32_C(1) << 17)  // 56 MiB: a table that holds more of them is worth hugepages

static inline uint16_t
flow_table_signature(uint64_t hash)
{
	return (uint16_t)(hash >> 48);
}

static inline struct flow_bucket *
flow_table_first_bucket(const struct flow_table *t, uint64_t hash)
{
	return &t->buckets[hash & t->bucket_mask];
}

// The flow whose key it is, or NULL.
struct flow *flow_table_find(struct flow_table *t, const struct flow_key *key, uint64_t hash);

// All eight signatures at once.
typedef uint16_t flow_signature_vector __attribute__((vector_size(16)));

// Bit i: entry i of v is all ones; the others are 0.
static inline unsigned int
flow_signature_bits(flow_signature_vector v)
{
#ifdef __SSE2__
	return (unsigned int)_mm_movemask_epi8(_mm_packs_epi16((__m128i)v, _mm_setzero_si128()));
#else
	uint64_t half[2];

	v &= (flow_signature_vector){1, 2, 4, 8, 16, 32, 64, 128};
	memcpy(half, &v, sizeof(half));
	half[0] |= half[1];
	half[0] |= half[0] >> 32;
	half[0] |= half[0] >> 16;
	return (unsigned int)half[0] & 0xff;
#endif
}

// Bits of the used entries whose signature matches.
static inline unsigned int
flow_bucket_matches(const struct flow_bucket *b, uint16_t signature)
{
	flow_signature_vector v;

	memcpy(&v, b->signature, sizeof(v));
	return flow_signature_bits((flow_signature_vector)(v == signature)) & b->used;
}

/*
 * A guess by signature in the first bucket, for prefetching: a slot number or FLOW_NONE. The
 * flow's key has to be compared before the guess is believed.
 */
static inline uint32_t
flow_table_guess(const struct flow_table *t, uint64_t hash)
{
	const struct flow_bucket *b = flow_table_first_bucket(t, hash);
	unsigned int bits = flow_bucket_matches(b, flow_table_signature(hash));

	return likely(bits != 0) ? b->slot[__builtin_ctz(bits)] : FLOW_NONE;
}

/*
 * A flow that has to go before `hash` can be inserted, or NULL if there is room. The caller ends
 * and removes it.
 */
struct flow *flow_table_victim(struct flow_table *t, uint64_t hash);

// Are all slots taken, so that each new flow needs a victim?
static inline bool
flow_table_is_full(const struct flow_table *t)
{
	return t->count == t->capacity;
}

// What flow_table_victim() will read, in the order in which it can be known: the second bucket; the
// flows of both that are the oldest by what the buckets know; the rest of the victim.
void flow_table_prefetch_second(const struct flow_table *t, uint64_t hash);
void flow_table_prefetch_candidates(const struct flow_table *t, uint64_t hash);
void flow_table_prefetch_victim(struct flow_table *t, uint64_t hash);

// Insert a key that is not in the table, after flow_table_victim() gave NULL. The new flow has its
// key set and its hot part is zero otherwise; it is seen at now_us or later, as flow_seen_us() has it. Never NULL.
struct flow *flow_table_insert(struct flow_table *t, const struct flow_key *key, uint64_t hash,
	uint64_t now_us);

// Take a flow out; its key's version becomes 0 so that stale references do not match.
void flow_table_remove(struct flow_table *t, struct flow *f);

static inline uint32_t
flow_table_slot(const struct flow_table *t, const struct flow *f)
{
	return (uint32_t)(f - t->flows);
}

#endif
