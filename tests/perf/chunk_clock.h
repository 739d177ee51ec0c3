/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TESTS_CHUNK_CLOCK_H
#define WEIR_TESTS_CHUNK_CLOCK_H

#include <stdint.h>
#include <stdlib.h>

#include <rte_common.h>
#include <rte_cycles.h>

#define CHUNKS 25

// Cycles of the work between preparations, in CHUNKS equal parts, of which the median counts: a part in
// which something else ran does not.
struct chunk_clock {
	uint64_t per_chunk;      // packets
	uint64_t packets;        // measured so far
	uint64_t cycles[CHUNKS];
	uint64_t begun;          // 0: stopped
};

static inline void
clock_begin(struct chunk_clock *c)
{
	c->begun = rte_rdtsc();
}

// The work on n packets is done.
static inline void
clock_end(struct chunk_clock *c, unsigned int n)
{
	c->cycles[RTE_MIN(c->packets / c->per_chunk, (uint64_t)CHUNKS - 1)] +=
		rte_rdtsc() - c->begun;
	c->packets += n;
	c->begun = 0;
}

static inline int
cycles_compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static inline double
clock_ns_per_packet(struct chunk_clock *c)
{
	qsort(c->cycles, CHUNKS, sizeof(c->cycles[0]), cycles_compare);
	return (double)c->cycles[CHUNKS / 2] * 1e9 / (double)rte_get_tsc_hz() /
		(double)c->per_chunk;
}

#endif
