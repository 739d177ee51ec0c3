/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_DIMENSION_H
#define WEIR_QUERY_DIMENSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pane/pane.h"
#include "query/counts.h"
#include "query/key_table.h"
#include "query/names.h"
#include "query/slice.h"
#include "query/window.h"

// A dimension is one way to tell packets apart (by address, by protocol, ...). Deltas are folded
// into its open slice; closing the slice appends it to the history and windows are slid over that.

enum dimension_kind {
	DIMENSION_PROTOCOL,
	DIMENSION_IP,
	DIMENSIONS,
};

// A key and what one delta adds to it.
struct contribution {
	struct query_key key;
	struct query_counts counts;
};

#define DIMENSION_BURST 32  // deltas folded together
#define DIMENSION_FANOUT 2  // keys that one delta counts for, at most

#define DIMENSION_TEXT_LEN 64

struct dimension_ops {
	const char *name;  // `key` of a query
	// Contributions of up to DIMENSION_BURST deltas; returns their number.
	unsigned int (*extract)(const struct dimension_names *names,
		const struct pane_delta *deltas, unsigned int n,
		struct contribution ret[DIMENSION_BURST * DIMENSION_FANOUT]);
	// Order of result rows: <0, 0, >0. 0 only for keys that print the same.
	int (*compare)(const struct dimension_names *names, const struct query_key *a,
		const struct query_key *b);
	// The key as result rows show it; buf has DIMENSION_TEXT_LEN bytes and need not be used.
	const char *(*text)(const struct dimension_names *names, const struct query_key *key,
		char *buf);
};

extern const struct dimension_ops dimension_protocol;
extern const struct dimension_ops dimension_ip;

const struct dimension_ops *dimension_ops_get(enum dimension_kind kind);

struct dimension {
	const struct dimension_ops *ops;
	const struct dimension_names *names;
	struct key_table keys;
	// The slice that is being filled: counts are in the keys' entries.
	uint32_t *touched;          // ids of keys that have some
	uint32_t touched_capacity;
	uint32_t touched_count;
	struct query_counts total;
	bool lost;
	struct history history;
	struct window *windows;
};

/*
 * @param names must outlive d
 * @param slices how many the history may have to hold
 * @return 0, -ENOMEM or -EIO; d is clean after a failure
 */
int dimension_init(struct dimension *d, enum dimension_kind kind,
	const struct dimension_names *names, uint32_t slices);
void dimension_fini(struct dimension *d);

// A window over this dimension, owned by it; NULL if memory ran out.
struct window *dimension_add_window(struct dimension *d);

// Fold up to DIMENSION_BURST deltas. -ENOMEM: some keys found no room, the slice is marked lost.
int dimension_fold(struct dimension *d, const struct pane_delta *deltas, unsigned int n);

// Add to the open slice's totals (each packet once).
void dimension_fold_total(struct dimension *d, const struct query_counts *total, bool lost);

// True while nothing was folded into the open slice.
bool dimension_untouched(const struct dimension *d);

// Close the open slice as `index`. -ENOMEM: it could not be kept, which the windows will know.
int dimension_close(struct dimension *d, uint64_t index);

// Drop the oldest slice unless a window needs it: false then, or if there is none.
bool dimension_forget_oldest(struct dimension *d);

// Bytes of retained slices and of the keys they hold.
size_t dimension_retained_bytes(const struct dimension *d);
// All memory of the dimension.
size_t dimension_bytes(const struct dimension *d);

#endif
