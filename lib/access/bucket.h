/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_ACCESS_BUCKET_H
#define WEIR_ACCESS_BUCKET_H

#include <stdint.h>

// Token buckets by name, in a table of fixed size: how often something may happen for each name. A
// full bucket holds `burst`; each use takes one, one comes back after each `refill_us`. When all places
// are taken, the name that was quiet longest gives way: its bucket counts as full again, so there have
// to be places for all names that matter. Names are kept as keyed hashes. One thread.

struct bucket_table;

struct bucket_rate {
	uint32_t places;
	uint32_t burst;
	uint64_t refill_us;
};

struct bucket_table *bucket_table_create(const struct bucket_rate *rate);  // NULL: out of memory
void bucket_table_free(struct bucket_table *t);                          // NULL is fine

// Take one from the bucket of this name. 0; or the microseconds until there is one, and none is taken.
uint64_t bucket_take(struct bucket_table *t, const char *name, uint64_t now_us);
// Give it back: what it was taken for did not happen.
void bucket_give(struct bucket_table *t, const char *name, uint64_t now_us);

#endif
