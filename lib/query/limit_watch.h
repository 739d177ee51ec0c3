/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_LIMIT_WATCH_H
#define WEIR_QUERY_LIMIT_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "pane/pane.h"
#include "query/alert.h"
#include "query/limit_stats.h"
#include "query/limit_table.h"

// The limits table at work: deltas in, alerts out. Part of the query engine, and of its thread.
//
// A delta costs two look-ups of classes and the intersection of two of them for each direction
// (limit_match.h): its bytes are added to the rows in both. When the slice is closed, each limit's
// window slides. Nothing depends on how many addresses there are.
//
// Windows are exact sums of slices. A limit's window begins with the slice in which its row comes
// to hold; max_bytes counts from then on, min_bytes when a whole window has passed. A row that
// takes the place of another one with the same ends and window goes on with that one's sums. Alerts
// are raised and cleared as those of queries are (alert.h), with each slice.

#define LIMIT_QUERY_NAME "limits"  // `query` of these alerts

struct limit_watch;

// Where alerts go.
struct limit_output {
	struct json_out *json;
	query_emit_fn *emit;
	void *arg;
};

struct limit_watch *limit_watch_create(uint64_t pane_us);  // NULL if memory ran out
void limit_watch_free(struct limit_watch *w);              // NULL is fine

/*
 * Have this table from the slice that is being filled on, with a reference of its own; limits that
 * come into being begin with slice `first`; `ran`: there may have been traffic before it, so that
 * their sums are not exact until a window has passed. Alerts of limits that are gone are cleared at
 * at_us.
 *
 * @return 0; -ENOMEM: memory ran out: the table that was is still in force, or some alerts were not
 *         told. Again is right in both cases
 */
int limit_watch_apply(struct limit_watch *w, struct limit_table *t, uint64_t first, bool ran,
	uint64_t at_us, const struct limit_output *out);

// False: there is nothing to fold for.
bool limit_watch_active(const struct limit_watch *w);
void limit_watch_fold(struct limit_watch *w, const struct pane_delta *deltas, unsigned int n);
// Detail of the slice that is being filled was lost: sums with it are not exact.
void limit_watch_lose(struct limit_watch *w);

// Close slice `index`; those that were left out since the last one had no traffic. 0, or -ENOMEM:
// some limits are not watched or some alerts are missing, and come with a later slice.
int limit_watch_close(struct limit_watch *w, uint64_t index, const struct limit_output *out);

// No traffic is in any window and none is being folded, and slices without traffic would change
// nothing more, unless a row's effective date comes.
bool limit_watch_settled(const struct limit_watch *w);

void limit_watch_stats_get(const struct limit_watch *w, struct limit_stats *ret);

#endif
