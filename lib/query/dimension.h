/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_DIMENSION_H
#define WEIR_QUERY_DIMENSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pane/pane.h"
#include "query/counts.h"
#include "query/dimension_spec.h"
#include "query/distinct.h"
#include "query/key_budget.h"
#include "query/key_table.h"
#include "query/names.h"
#include "query/slice.h"
#include "query/window.h"

// A dimension is one way to tell packets apart (by address, by protocol, ...), of the packets that
// its scope and filter let through. Deltas are folded into its open slice; closing the slice appends
// it to the history and windows are slid over that.

struct dimension;

// A key and what one delta adds to it.
struct contribution {
	struct query_key key;
	uint8_t delta;  // of those that were extracted from
	uint8_t part;   // the end or the direction of it that the key is of, 0 where it is of all
	struct query_counts counts;
};

#define DIMENSION_BURST 16  // deltas whose contributions are extracted together
#define DIMENSION_CHUNK 256 // deltas that are folded into one dimension before the next one
#define DIMENSION_NUMBERS 512
#define DIMENSION_FANOUT 2  // keys that one delta counts for, at most

#define DIMENSION_TEXT_LEN 192  // a flow of IPv6 with four VLAN tags takes 137

struct dimension_ops {
	const char *name;  // `key` of a query
	// Contributions of up to DIMENSION_BURST deltas, of which only the directions in `select`
	// (SELECT_FWD, SELECT_REV) count; returns their number.
	unsigned int (*extract)(const struct dimension *d, const struct pane_delta *deltas,
		const uint8_t *select, unsigned int n,
		struct contribution ret[DIMENSION_BURST * DIMENSION_FANOUT]);
	// Where a key is a number, one for each delta, and numbers are few: those of n deltas. NULL
	// elsewhere.
	void (*numbers)(const struct dimension *d, const struct pane_delta *deltas, unsigned int n,
		uint32_t *ret);
	// Order of result rows: <0, 0, >0. 0 only for keys that print the same.
	int (*compare)(const struct dimension *d, const struct query_key *a,
		const struct query_key *b);
	// The key as result rows show it; buf has DIMENSION_TEXT_LEN bytes and need not be used.
	const char *(*text)(const struct dimension *d, const struct query_key *key, char *buf);
};

const struct dimension_ops *dimension_ops_get(enum dimension_kind kind);

struct dimension {
	struct dimension_spec spec;
	const struct dimension_ops *ops;
	const struct dimension_names *names;
	uint64_t filter_bit;        // that a delta's filter_mask must have, 0 for all
	uint32_t filter_since;      // version of the filters from which on that bit is meant
	uint32_t queries;           // that use it
	uint32_t budget;            // most keys that it may have, in all slices and windows
	uint64_t drops;             // how often keys were dropped (dimension_thin.h)
	struct key_table keys;
	// Where keys are numbers: the id of the last one that had this remainder.
	uint32_t by_number[DIMENSION_NUMBERS];
	// The slice that is being filled: counts are in the keys' entries. Three tables in one piece,
	// for as many keys as the key table has.
	uint32_t *touched;          // ids of keys that have some
	float *scores;              // by id; of use while keys are dropped
	uint8_t *entered;           // by id: number of the floor that held when the key came
	uint32_t touched_capacity;
	uint32_t touched_count;
	uint32_t floor;             // number of the floor that holds now
	struct query_counts floors[SLICE_FLOORS];
	struct query_counts total;
	bool lost;
	struct history history;
	struct window *windows;
	uint32_t trials;            // dry runs that look at it: it stays
	struct dimension_distinct *distinct;  // NULL unless a query counts different things
};

/*
 * @param names must outlive d
 * @param slices how many the history may have to hold
 * @param budget most keys, KEY_BUDGET_MIN to KEY_BUDGET_MAX
 * @return NULL with errno set
 */
struct dimension *dimension_create(const struct dimension_spec *spec,
	const struct dimension_names *names, uint32_t slices, uint32_t budget);
void dimension_free(struct dimension *d);

// The only key of DIMENSION_TOTAL, always there.
#define DIMENSION_TOTAL_ID 1

// The window of `length` slices (0: all since the start), `lag` slices behind, over this dimension,
// owned by it; made if need be. NULL if memory ran out. dimension_drop_window() when nobody uses it any more.
struct window *dimension_window(struct dimension *d, uint64_t length, uint64_t lag);
// One from the oldest slice on that only the caller slides.
struct window *dimension_window_apart(struct dimension *d, uint64_t length);
void dimension_drop_window(struct dimension *d, struct window *w);

// Fold n deltas, at most DIMENSION_CHUNK; ends (ENDS_*) of each, for the scope. -ENOMEM: some keys
// found no room, the slice is marked lost. In dimension_fold.c.
int dimension_fold(struct dimension *d, const struct pane_delta *deltas, const uint8_t *ends,
	unsigned int n);

// A key that the dimension does not have gets an id in the open slice, for which others may have to go
// (dimension_thin.h); KEY_NONE if memory ran out.
uint32_t dimension_enter(struct dimension *d, const struct query_key *key, uint32_t hash);

// All packets count, so that the open slice's totals are the pane's own.
static inline bool
dimension_takes_all(const struct dimension *d)
{
	return d->filter_bit == 0 && d->spec.scope == QUERY_SCOPE_ALL;
}

// A pane is through: its own totals (used where all packets count), and whether detail was lost in
// it that may have been for this dimension.
void dimension_fold_total(struct dimension *d, const struct query_counts *total, bool lost);

// Close the open slice as `index`. -ENOMEM: it could not be kept, which the windows will know.
int dimension_close(struct dimension *d, uint64_t index);

// Drop the oldest slice unless a window needs it: false then, or if there is none.
bool dimension_forget_oldest(struct dimension *d);

// How many slices its windows reach back, at most.
uint64_t dimension_reach(const struct dimension *d);

// Bytes of retained slices and of the keys that only they hold.
size_t dimension_retained_bytes(const struct dimension *d);
// All memory of the dimension.
size_t dimension_bytes(const struct dimension *d);
// The most that its tables take with so many keys, slices and windows, slices' items aside.
size_t dimension_bytes_most(uint32_t budget, uint32_t slices, uint32_t windows);

#endif
