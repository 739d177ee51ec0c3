/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_HISTOGRAM_H
#define WEIR_BASE_HISTOGRAM_H

#include <assert.h>
#include <stdint.h>

// Counts of whole numbers by size, log-linear: numbers below 16 have a bucket each, and every power
// of two above is cut into 16 equal parts. So any 64-bit number has a bucket, its width is at most a
// sixteenth of the number, and adding one costs a few instructions. One thread writes, any reads.

#define HISTOGRAM_PART_BITS 4
#define HISTOGRAM_PARTS (1u << HISTOGRAM_PART_BITS)
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_PART_BITS + 1) * HISTOGRAM_PARTS)

struct histogram {
	uint64_t count[HISTOGRAM_BUCKETS];
	uint64_t max;  // exact
};
static_assert(sizeof(struct histogram) < 8192, "one per worker: small beside its tables");

// What a reader wants to know. Quantiles are the upper ends of their buckets, but never above max:
// too large by a sixteenth at most. All are 0 while nothing was added.
struct histogram_summary {
	uint64_t count;
	uint64_t p50;
	uint64_t p99;
	uint64_t p999;
	uint64_t max;
};

static inline unsigned int
histogram_bucket(uint64_t v)
{
	unsigned int top;

	if (v < HISTOGRAM_PARTS)
		return (unsigned int)v;
	top = 63U - (unsigned int)__builtin_clzll(v);
	return (top - HISTOGRAM_PART_BITS + 1) * HISTOGRAM_PARTS +
		(unsigned int)(v >> (top - HISTOGRAM_PART_BITS)) % HISTOGRAM_PARTS;
}

// The writer.
static inline void
histogram_add(struct histogram *h, uint64_t v)
{
	uint64_t *count = &h->count[histogram_bucket(v)];

	__atomic_store_n(count, *count + 1, __ATOMIC_RELAXED);
	if (v > h->max)
		__atomic_store_n(&h->max, v, __ATOMIC_RELAXED);
}

// The largest number of a bucket.
uint64_t histogram_bucket_end(unsigned int bucket);

// sum += h; any thread, sum is the caller's.
void histogram_sum(struct histogram *sum, const struct histogram *h);

// Any thread. What is added meanwhile may be in it or not.
void histogram_summarize(const struct histogram *h, struct histogram_summary *ret);

#endif
