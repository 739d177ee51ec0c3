/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_SKETCH_H
#define WEIR_QUERY_SKETCH_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "query/hyperloglog.h"

// The different things that one key met, and when it last met them, so that any window that ends
// now can be answered and nothing has to be subtracted.
//
// One entry of 64 bits is a hash and a time (number of a slice), the hash above. Entries lie sorted.
// Most keys meet one or two things: a single entry lies in the sketch itself.
//
// List: up to SKETCH_LIST_MAX hashes, each with the time when it was last met. Windows count them,
// which is exact (two of a thousand things share a hash with probability 5 in 10^7).
//
// Registers: a list that would be longer becomes a sliding HyperLogLog (Chabchoub, Hebrail: Sliding
// HyperLogLog, ICDMW 2010). Of each register those (rank, time) stay that are the largest rank of
// some window that ends now: rank falls as time rises. A window's largest rank is that of the first
// one that is young enough. An entry is the smallest hash of its register and rank, so the same
// order sorts by register and by rank downwards.
//
// Which entries there are depends on what was met in which slice, and not on the order within one.

#define SKETCH_LIST_MAX 1024
#define SKETCH_TIME_BITS (64 - HLL_HASH_BITS)
#define SKETCH_TIME_MAX ((UINT32_C(1) << SKETCH_TIME_BITS) - 1)

// What the entries of many sketches may take together.
struct sketch_memory {
	size_t used;
	size_t limit;
};

struct sketch {
	union {
		uint64_t one;    // size 0
		uint64_t *list;  // of 1 << size entries
	};
	uint16_t count;
	uint8_t size;
	bool registers;
	uint32_t newest;         // time of the youngest entry
};
static_assert(sizeof(struct sketch) == 16, "every key has one");
static_assert(HLL_REGISTERS * HLL_RANK_MAX <= UINT16_MAX, "count holds every register and rank");

/*
 * A thing is met.
 *
 * @param hash HLL_HASH_BITS bits
 * @param time not before that of any earlier call, at most SKETCH_TIME_MAX
 * @param oldest no window will begin before this time any more
 * @return 1; 0 if windows had it at this time already, be it through a thing with the same register
 *         and a rank not lower; -ENOMEM: there is no memory, or no more is allowed, and the thing
 *         is not counted
 */
int sketch_add(struct sketch *s, struct sketch_memory *m, uint64_t hash, uint32_t time,
	uint32_t oldest);

// Things met at time `first` or later: exact, or an estimate where the sketch has registers.
uint64_t sketch_count(const struct sketch *s, uint32_t first);

// Forget what is older than `oldest`, then let times be less by `shift` (at most oldest).
void sketch_purge(struct sketch *s, struct sketch_memory *m, uint32_t oldest, uint32_t shift);

// Forget everything.
void sketch_clear(struct sketch *s, struct sketch_memory *m);

#endif
