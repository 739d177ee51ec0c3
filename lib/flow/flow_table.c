/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/flow_table.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include <rte_atomic.h>
#include <rte_branch_prediction.h>
#include <rte_prefetch.h>
#include <rte_random.h>

#include "base/mem.h"

void
flow_hash_secret_init(struct flow_hash_secret *s, uint64_t seed)
{
	for (unsigned int i = 0; i < RTE_DIM(s->word); i++) {
		if (seed == 0) {
			s->word[i] = rte_rand();
		} else {
			// splitmix64: consecutive outputs of a counter through a mixer
			uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

			z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
			z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
			s->word[i] = z ^ (z >> 31);
		}
		s->word[i] |= 1;  // a factor of 0 would hide the other one
	}
}

static uint64_t
bucket_count(uint32_t capacity)
{
	uint64_t n = 16;

	while (n * 4 < capacity)
		n *= 2;
	return n;
}

/*
 * Steps in which buckets tell times: as small as lets a byte hold the time that a flood of two
 * million flows per second takes to go once through the table. A slower flood finds flows that are
 * further apart than a bucket can tell, and has the time to read more of them. At least 64 us, of
 * which 40 bits are two years.
 */
#define AGE_SHIFT_LEAST 6
#define AGE_STEPS_MAX ((UINT64_C(1) << 40) - 1)

static uint8_t
age_shift_of(uint32_t capacity)
{
	uint8_t shift = AGE_SHIFT_LEAST;

	while (UINT64_C(256) << shift < capacity / 2)
		shift++;
	return shift;
}

size_t
flow_table_bytes(uint32_t capacity)
{
	return bucket_count(capacity) * sizeof(struct flow_bucket) +
		(size_t)capacity * sizeof(struct flow);
}

static_assert(FLOWS_BY_NEED * sizeof(struct flow) % (2 << 20) == 0, "whole hugepages behind");

struct flow_table *
flow_table_create(const char *name, uint32_t capacity, uint64_t seed, int socket)
{
	struct flow_table *t;

	if (capacity < 16 || capacity > 1U << 26) {
		errno = EINVAL;
		return NULL;
	}
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	t->capacity = capacity;
	t->free_head = FLOW_NONE;
	t->expected = FLOW_NONE;
	t->age_shift = age_shift_of(capacity);
	t->age_epoch = UINT64_MAX;
	t->bucket_mask = bucket_count(capacity) - 1;
	t->buckets_bytes = (t->bucket_mask + 1) * sizeof(struct flow_bucket);
	t->flows_bytes = (size_t)capacity * sizeof(struct flow);
	flow_hash_secret_init(&t->secret, seed);
	t->buckets = mem_table_alloc(name, t->buckets_bytes, socket);
	t->flows = mem_table_alloc(name, t->flows_bytes, socket);
	if (t->buckets == NULL || t->flows == NULL) {
		flow_table_free(t);
		errno = ENOMEM;
		return NULL;
	}
	return t;
}

void
flow_table_free(struct flow_table *t)
{
	if (t == NULL)
		return;
	mem_table_free(t->buckets, t->buckets_bytes);
	mem_table_free(t->flows, t->flows_bytes);
	free(t);
}

// The buckets are used in no order, all of them from early on: they stay as they are.
void
flow_table_by_need(struct flow_table *t)
{
	mem_steps_begin(&t->steps, t->flows,
		RTE_MIN(t->capacity, FLOWS_BY_NEED) * sizeof(struct flow));
	t->expected = 0;
}

static struct flow_bucket *
second_bucket(const struct flow_table *t, uint64_t hash)
{
	// Other bits than the first bucket's and the signature's, never the same bucket.
	uint64_t first = hash & t->bucket_mask, step = (hash >> 22) | 1;

	return &t->buckets[(first + step) & t->bucket_mask];
}

static struct flow *
bucket_find(struct flow_table *t, const struct flow_bucket *b, const struct flow_key *key,
	uint64_t hash)
{
	unsigned int bits = flow_bucket_matches(b, flow_table_signature(hash));

	while (bits != 0) {
		struct flow *f = &t->flows[b->slot[__builtin_ctz(bits)]];

		if (flow_key_equal(&f->key, key))
			return f;
		bits &= bits - 1;
	}
	return NULL;
}

struct flow *
flow_table_find(struct flow_table *t, const struct flow_key *key, uint64_t hash)
{
	const struct flow_bucket *b = flow_table_first_bucket(t, hash);
	struct flow *f = bucket_find(t, b, key, hash);

	if (f == NULL && unlikely(b->spilled != 0))
		f = bucket_find(t, second_bucket(t, hash), key, hash);
	return f;
}

static uint64_t
bucket_epoch(const struct flow_bucket *b)
{
	return (uint64_t)b->epoch_high << 32 | b->epoch;
}

static void
bucket_epoch_set(struct flow_bucket *b, uint64_t epoch)
{
	b->epoch = (uint32_t)epoch;
	b->epoch_high = (uint8_t)(epoch >> 32);
}

// The entry of `bits` that was seen first by what the bucket knows, of several the lowest; bits is
// not 0. Without branches: how many there are, and which, cannot be foreseen.
static inline unsigned int
bucket_first(const struct flow_bucket *b, unsigned int bits)
{
#ifdef __SSE4_1__
	const __m128i one_each = _mm_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128);
	__m128i seen = _mm_cvtepu8_epi16(_mm_loadl_epi64((const void *)b->seen));
	__m128i others = _mm_cmpeq_epi16(_mm_and_si128(_mm_set1_epi16((short)bits), one_each),
		_mm_setzero_si128());

	return (unsigned int)_mm_extract_epi16(_mm_minpos_epu16(_mm_or_si128(seen, others)), 1);
#else
	unsigned int first = UINT_MAX;

	for (unsigned int i = 0; i < FLOW_BUCKET_ENTRIES; i++) {
		unsigned int order = (unsigned int)b->seen[i] << 3 | i;

		first = RTE_MIN(first, (bits & 1U << i) != 0 ? order : UINT_MAX);
	}
	return first % FLOW_BUCKET_ENTRIES;
#endif
}

// Steps from the table's epoch to us. What a bucket cannot hold is told as earlier than it is.
static uint64_t
age_step(struct flow_table *t, uint64_t us)
{
	uint64_t step = us >> t->age_shift;

	if (unlikely(step < t->age_epoch))
		t->age_epoch = step;  // the first flow; if time went back, buckets' times do, too
	return RTE_MIN(step - t->age_epoch, AGE_STEPS_MAX);
}

// The flow of this entry is seen at us or later. Too late for a byte, it is noted as early as a byte
// can say, which is true as well.
static void
bucket_note(struct flow_table *t, struct flow_bucket *b, unsigned int entry, uint64_t us)
{
	unsigned int others = b->used & ~(1U << entry);
	uint64_t step = age_step(t, us);

	if (others == 0 || step < bucket_epoch(b)) {
		memset(b->seen, 0, sizeof(b->seen));
		bucket_epoch_set(b, step);
	} else if (step - bucket_epoch(b) > UINT8_MAX) {
		uint8_t least = b->seen[bucket_first(b, others)];

		for (unsigned int bits = others; bits != 0; bits &= bits - 1)
			b->seen[__builtin_ctz(bits)] -= least;
		bucket_epoch_set(b, bucket_epoch(b) + least);
	}
	b->seen[entry] = (uint8_t)RTE_MIN(step - bucket_epoch(b), (uint64_t)UINT8_MAX);
}

static uint64_t
bucket_seen_us(const struct flow_table *t, const struct flow_bucket *b, unsigned int entry)
{
	return (t->age_epoch + bucket_epoch(b) + b->seen[entry]) << t->age_shift;
}

// The flow of a bucket that was seen first, if that was before *oldest was; of two that were seen
// at once, the one that comes first.
static void
bucket_oldest(struct flow_table *t, struct flow_bucket *b, struct flow **oldest)
{
	unsigned int unread = b->used, at = FLOW_BUCKET_ENTRIES;

	while (unread != 0) {
		unsigned int i = bucket_first(b, unread);
		struct flow *f = &t->flows[b->slot[i]];
		uint64_t us;

		if (*oldest != NULL && bucket_seen_us(t, b, i) > flow_seen_us(*oldest))
			return;
		us = flow_seen_us(f);
		bucket_note(t, b, i, us);
		unread &= ~(1U << i);
		if (*oldest == NULL || us < flow_seen_us(*oldest) ||
			(us == flow_seen_us(*oldest) && i < at && at != FLOW_BUCKET_ENTRIES)) {
			*oldest = f;
			at = i;
		}
	}
}

struct flow *
flow_table_victim(struct flow_table *t, uint64_t hash)
{
	struct flow_bucket *first = flow_table_first_bucket(t, hash);
	struct flow_bucket *second = second_bucket(t, hash);
	struct flow *oldest = NULL;

	if (likely(t->count < t->capacity && (first->used != 0xff || second->used != 0xff)))
		return NULL;
	bucket_oldest(t, first, &oldest);
	bucket_oldest(t, second, &oldest);
	// All slots taken and none of them here: the next bucket that has one gives it up.
	for (struct flow_bucket *b = first; oldest == NULL;) {
		b = &t->buckets[((uint64_t)(b - t->buckets) + 1) & t->bucket_mask];
		bucket_oldest(t, b, &oldest);
	}
	return oldest;
}

static __rte_noinline void
slots_expect(struct flow_table *t)
{
	if (t->steps.present == t->steps.bytes) {
		t->expected = FLOW_NONE;
		return;
	}
	mem_steps_next(&t->steps);
	t->expected = (uint32_t)(t->steps.present / sizeof(struct flow));
}

static uint32_t
slot_take(struct flow_table *t)
{
	uint32_t slot = t->free_head;

	if (slot == FLOW_NONE) {
		if (unlikely(t->fresh == t->expected))
			slots_expect(t);
		return t->fresh++;
	}
	t->free_head = t->flows[slot].timer_next;
	return slot;
}

void
flow_table_prefetch_second(const struct flow_table *t, uint64_t hash)
{
	rte_prefetch0(second_bucket(t, hash));
}

static void
bucket_oldest_prefetch(const struct flow_table *t, const struct flow_bucket *b)
{
	if (b->used != 0)
		rte_prefetch0(&t->flows[b->slot[bucket_first(b, b->used)]].key);
}

void
flow_table_prefetch_candidates(const struct flow_table *t, uint64_t hash)
{
	bucket_oldest_prefetch(t, flow_table_first_bucket(t, hash));
	bucket_oldest_prefetch(t, second_bucket(t, hash));
}

void
flow_table_prefetch_victim(struct flow_table *t, uint64_t hash)
{
	const struct flow *f = flow_table_victim(t, hash);

	for (size_t at = RTE_CACHE_LINE_SIZE; f != NULL && at < FLOW_HOT_BYTES; at += RTE_CACHE_LINE_SIZE)
		rte_prefetch0((const uint8_t *)f + at);
}

// The hot part, line by line: of all at once the compiler makes a string instruction, which takes longer to start
// than this takes.
static inline void
flow_clear(struct flow *f)
{
	for (size_t at = 0; at < FLOW_HOT_BYTES; at += RTE_CACHE_LINE_SIZE) {
		memset((uint8_t *)f + at, 0, RTE_CACHE_LINE_SIZE);
		rte_compiler_barrier();
	}
}

struct flow *
flow_table_insert(struct flow_table *t, const struct flow_key *key, uint64_t hash, uint64_t now_us)
{
	struct flow_bucket *b = flow_table_first_bucket(t, hash);
	unsigned int entry;
	uint32_t slot;
	struct flow *f;

	if (b->used == 0xff) {
		b->spilled++;
		b = second_bucket(t, hash);
	}
	entry = (unsigned int)__builtin_ctz(~(unsigned int)b->used);
	slot = slot_take(t);
	b->used |= (uint8_t)(1U << entry);
	b->signature[entry] = flow_table_signature(hash);
	b->slot[entry] = slot;
	bucket_note(t, b, entry, now_us);
	t->count++;
	f = &t->flows[slot];
	flow_clear(f);
	f->key = *key;
	f->timer_next = FLOW_NONE;
	f->timer_prev = FLOW_NONE;
	f->timer_slot = FLOW_TIMER_NONE;
	return f;
}

static bool
bucket_remove(struct flow_bucket *b, uint32_t slot)
{
	for (unsigned int i = 0; i < FLOW_BUCKET_ENTRIES; i++) {
		if ((b->used & 1U << i) != 0 && b->slot[i] == slot) {
			b->used &= (uint8_t)~(1U << i);
			return true;
		}
	}
	return false;
}

void
flow_table_remove(struct flow_table *t, struct flow *f)
{
	uint64_t hash = flow_hash(&t->secret, &f->key);
	struct flow_bucket *first = flow_table_first_bucket(t, hash);
	uint32_t slot = flow_table_slot(t, f);

	if (!bucket_remove(first, slot)) {
		bucket_remove(second_bucket(t, hash), slot);
		first->spilled--;
	}
	f->key.version = 0;
	f->timer_next = t->free_head;
	t->free_head = slot;
	t->count--;
}
