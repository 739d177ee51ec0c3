/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_RETAINED_LOG_H
#define WEIR_QUERY_RETAINED_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pane/pane.h"
#include "query/counts.h"

// What was folded, kept in compact form so that a question nobody asked at the time can be answered
// later: every delta of every pane, oldest first, in chunks, as many as the bound allows. When all
// are full the oldest goes. One thread (the merge lcore); chunks are allocated as they are needed.
//
// Usual IPv4 deltas take 48 of a pane delta's 128 bytes, IPv6 ones 72.

#define RETAINED_CHUNK_BYTES ((size_t)256 << 10)

struct retained_chunk;

struct retained_log {
	struct retained_chunk **chunks;  // ring, by number
	uint64_t capacity;               // most chunks; 0: nothing is kept
	uint64_t base;                   // numbers [base, end) are retained
	uint64_t end;
	size_t bytes;                    // that chunks take
	uint64_t forgotten_end;          // index + 1 of the newest slice of which something is gone
	struct retained_part *part;      // that is being written, NULL before the first
};

// A pane as it was, or the piece of it that is in one chunk.
struct retained_part {
	uint64_t index;
	struct query_counts total;  // the pane's own; all 0 but in one of its parts
	uint32_t filter_version;    // as in struct pane
	uint32_t count;             // deltas that follow
	uint64_t lost;              // boolean: the pane lost detail
};

// Where somebody reads.
struct retained_cursor {
	uint64_t chunk;
	size_t offset;
	struct retained_part part;  // that the next deltas are of
	uint32_t left;              // of them
};

// At most `bytes`, rounded down to whole chunks. 0 or -ENOMEM.
int retained_log_init(struct retained_log *l, size_t bytes);
void retained_log_fini(struct retained_log *l);

// A pane begins, its deltas follow; index never goes back. Without memory something is forgotten,
// which forgotten_end tells.
void retained_log_begin(struct retained_log *l, const struct pane *p);
void retained_log_add(struct retained_log *l, const struct pane_delta *deltas, unsigned int n);
// The pane is through: what it counted in all.
void retained_log_end(struct retained_log *l, const struct query_counts *total);

// Forget chunks that hold nothing of slice `first` or later.
void retained_log_trim(struct retained_log *l, uint64_t first);

// At the oldest chunk that has something of slice `first` or later.
struct retained_cursor retained_log_seek(const struct retained_log *l, uint64_t first);

/*
 * The next part; its deltas are to be read, or are passed over by the next call.
 *
 * @return false: there is none
 */
bool retained_log_next(const struct retained_log *l, struct retained_cursor *c);
// Up to n deltas of the part; their number, 0 at its end. filter_mask as it was in the pane.
unsigned int retained_log_read(const struct retained_log *l, struct retained_cursor *c,
	struct pane_delta *ret, unsigned int n);

#endif
