/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_ENGINE_H
#define WEIR_QUERY_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/document.h"
#include "base/error.h"
#include "packet/protocol.h"
#include "pane/pane.h"
#include "query/alert.h"
#include "query/key_budget.h"
#include "query/key_label.h"
#include "query/limit_stats.h"
#include "query/query_set.h"

// Panes in, results and alerts out. The thread that created an engine owns it (the merge lcore):
// nothing here is locked. What is asked comes as a query set from the control thread.
//
// Time goes by slices, one pane long; slice index = pane index. The owner folds what every worker
// sealed of a slice, in any order, then advances: the slice is closed, windows slide over it, every
// query whose slide ends there is evaluated. Queries that are equal in key, scope, filter and
// prefixes share a dimension, so folding costs by dimension and not by query.

struct query_engine;
struct limit_row;
struct limit_table;

#define QUERY_PANE_US_MIN UINT64_C(100000)
// Slices are retained for an hour, for windows to come, unless they take more than this.
#define QUERY_RETAIN_BYTES ((size_t)256 << 20)
// What all slices take at most, those that windows need among them.
#define QUERY_SLICES_BYTES QUERY_RETAIN_BYTES

/*
 * An engine without queries.
 *
 * @param pane_us length of a pane; at least QUERY_PANE_US_MIN
 * @param protocols names protocols; must outlive the engine
 * @return NULL with errno set and err filled
 */
struct query_engine *query_engine_create(uint64_t pane_us, const struct protocol_table *protocols,
	struct error *err);
void query_engine_free(struct query_engine *e);

// Nobody reads results: those that raise no alerts are not made. Everything else is as it would be.
// Before the first slide.
void query_engine_set_unread(struct query_engine *e);

/*
 * Have the queries of this set from the next slide on. Those that stay go on undisturbed. One whose
 * window changes, or that comes to a dimension which others use, is answered from the retained
 * slices; results are not exact while a window reaches back to traffic that is not retained. Alerts
 * of queries that go are cleared: emit gets them.
 *
 * Nothing of s but its networks is used afterwards; they are until the next call.
 *
 * @return 0; -ENOMEM: queries that found no room give no results, try again
 */
int query_engine_apply(struct query_engine *e, const struct query_set *s, query_emit_fn *emit,
	void *arg);

// Rows and alerts from now on have the names that these give; they are used until the next call.
void query_engine_set_names(struct query_engine *e, const struct key_names *names);

/*
 * Have this limits table from the slice that is being filled on (limit_watch.h).
 *
 * @param retain keep slices of pairs of addresses, so that query_trial_of_row() can be asked
 * @return 0; -ENOMEM: not all of it is in force, try again
 */
int query_engine_set_limits(struct query_engine *e, struct limit_table *t, bool retain,
	query_emit_fn *emit, void *arg);

// Slice `index` has passed before the first packet: limits with a minimum see it. Indices ascend.
int query_engine_pass_idle(struct query_engine *e, uint64_t index, query_emit_fn *emit, void *arg);

// Bound on the memory of retained slices and their keys, for those that no window needs.
void query_engine_set_retention(struct query_engine *e, size_t bytes);

// Bound on the memory of what is kept to answer queries that nobody had asked (retained_log.h); 0, as
// at first: nothing is. Before the first pane; 0 or -ENOMEM.
int query_engine_set_log(struct query_engine *e, size_t bytes);

// Bound on the memory of metrics that count different things (distinct.h). Before the first query.
void query_engine_set_distinct(struct query_engine *e, size_t bytes);
// Have those metrics hash under secret words: for live input. Before the first query; 0 or -EIO.
int query_engine_hide_distinct(struct query_engine *e);

/*
 * Before the first query: the most keys of each dimension (KEY_BUDGET_MIN to KEY_BUDGET_MAX,
 * KEY_BUDGET_DEFAULT if never called), and the most memory of the slices that windows need. What is
 * beyond either makes results approximate, with bounds (dimension_thin.h).
 */
void query_engine_set_budget(struct query_engine *e, uint32_t keys, size_t slices_bytes);

// What an engine with these queries keeps at most; and what it keeps besides where limits retain the
// slices of pairs of addresses.
size_t query_engine_bytes_most(const struct query_set *s, uint32_t keys);
size_t query_engine_pairs_bytes_most(const struct query_set *s, uint32_t keys);

/*
 * Add one worker's pane to the slice that is being filled; p is not needed afterwards.
 *
 * @return 0; -EINVAL: p is of another slice and was not folded; -ERANGE: nor was it, because the
 *         slice's end does not fit int64_t microseconds; -ENOMEM: p was folded, but some keys
 *         found no room, so results are not exact while the slice is in the window
 */
int query_engine_fold(struct query_engine *e, const struct pane *p);

/*
 * Every worker's pane `index` was folded, or was empty: close the slice and emit one result for each
 * query whose slide ends with it, in the order of the set, after the query's alerts. Nothing is
 * emitted before the first slice with a packet (discarded ones count); until then any index may
 * follow, then each is one more than the last.
 *
 * @return 0; -EINVAL: not the slice that is being filled, -ERANGE: its end does not fit int64_t
 *         microseconds (nothing was done in both cases); -ENOMEM: the slice's keys or some results
 *         are missing, `exact` and `seq` tell where
 */
int query_engine_advance(struct query_engine *e, uint64_t index, query_emit_fn *emit, void *arg);

/*
 * Go on with slice next_index as if all slices before it had been empty, without results for them:
 * a gap of a window's length or more leaves it empty.
 *
 * @return 0; -EINVAL: next_index lies before the slice that is being filled; -EBUSY: that slice has
 *         traffic, advance first
 */
int query_engine_skip(struct query_engine *e, uint64_t next_index);

// The run is over: queries that slide by more than a pane get the slide that the last slice was in,
// at its full length.
int query_engine_finish(struct query_engine *e, query_emit_fn *emit, void *arg);

// No window but cumulative ones holds traffic and none was folded since: every other result until
// the next traffic would have no rows.
bool query_engine_windows_empty(const struct query_engine *e);

struct dimension_stats {
	enum dimension_kind kind;
	enum query_scope scope;
	char filter[64];       // its beginning
	uint32_t queries;      // that share it
	uint64_t keys;         // in retained slices and cumulative windows
	uint64_t window_keys;  // with traffic in the largest window
	uint64_t slices;       // retained with traffic
	uint64_t bytes;
	uint64_t budget;       // most keys
	uint64_t drops;        // how often keys were dropped for others
	struct query_counts error;  // what a value in a window may be too high by; 0 while exact
};

struct query_engine_stats {
	uint32_t queries;
	uint32_t raised;       // alerts
	struct limit_stats limits;
	uint64_t slices;       // retained with traffic, of the dimension that has most
	uint64_t bytes;        // of all tables
	uint64_t log_bytes;    // of what is kept for previews, among them
	uint64_t log_from_us;  // since when all is kept there, 0 if nothing is
	uint64_t distinct_bytes;      // of what counts different things, among them
	uint64_t distinct_bytes_max;  // that it may take
	uint64_t distinct_lost;       // things that found no room
	uint32_t count;
	struct dimension_stats dimension[QUERY_SET_MAX];
};

void query_engine_stats_get(const struct query_engine *e, struct query_engine_stats *ret);

#endif
