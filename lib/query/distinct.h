/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_DISTINCT_H
#define WEIR_QUERY_DISTINCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "query/metric.h"
#include "query/sketch.h"
#include "query/window.h"

// The metrics of a dimension that count different things. There is a sketch for each key, by its id,
// and one for all keys together, which is the total. Deltas are counted as they are folded, at the
// time of the open slice. Windows are evaluated from the sketches: nothing is in slices.
//
// Two sets of sketches at most for each metric: one for all sliding windows, which forgets what
// the longest of them does not reach, and one for the window since the start, which forgets nothing.

// For an engine: what the entries of all sketches may take, and the words that things are hashed under.
struct distinct_pool {
	struct sketch_memory memory;
	uint64_t lost;     // things that found no room
	uint64_t seed[4];
};

// Besides 16 bytes for each key, a list of 10 things takes 144, full registers 16 to 64 KiB.
#define DISTINCT_BYTES ((size_t)128 << 20)

// The seed that is used unless there is another: results of captures are the same in every run.
void distinct_pool_init(struct distinct_pool *pool, size_t limit);
// A secret one, so that nobody can send what hashes alike; 0 or -EIO.
int distinct_pool_randomize(struct distinct_pool *pool);

struct distinct;

/*
 * @param cumulative for the window since the start, else for sliding ones
 * @param since first slice from which on everything will be counted
 * @return NULL if memory ran out
 */
struct distinct *distinct_create(struct distinct_pool *pool, enum query_metric metric,
	bool cumulative, uint64_t since);
void distinct_free(struct distinct *d);

// Room for key ids up to capacity; 0 or -ENOMEM.
int distinct_reserve(struct distinct *d, uint32_t capacity);
// Sliding: the longest window that will be asked for, in slices.
void distinct_set_length(struct distinct *d, uint64_t length);

// Things are of slice `index` from now on; not before that of an earlier call.
void distinct_open(struct distinct *d, uint64_t index);
// A delta counts for a key; part as in struct metric_ops.
void distinct_add(struct distinct *d, enum dimension_kind kind, const struct pane_delta *delta,
	unsigned int part, uint32_t id);
// The id has another key from now on.
void distinct_forget(struct distinct *d, uint32_t id);
// The open slice is over: some of what no window reaches any more goes, all of it if memory is short.
void distinct_close(struct distinct *d);

// Things in slices from `first` on: of a key, and of all keys together.
uint64_t distinct_key_count(const struct distinct *d, uint32_t id, uint64_t first);
uint64_t distinct_total_count(const struct distinct *d, uint64_t first);
// How far a key's count may be off to either side: see hll_error(); 0 where a list was counted.
uint64_t distinct_key_error(const struct distinct *d, uint32_t id, uint64_t value);
// Bytes of the sketches themselves, one for each id, which are not the pool's.
size_t distinct_bytes(const struct distinct *d);
// Nothing of the slices from `first` on is missing.
bool distinct_complete(const struct distinct *d, uint64_t first);


#endif
