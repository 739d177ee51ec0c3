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
#include "query/spec.h"

// Panes in, results out. The thread that created an engine owns it (the merge lcore): nothing here
// is locked. What other threads may ask is in spec.h, from their own copy of the parameters.
//
// Time goes by slices, one pane long; slice index = pane index. The owner folds what every worker
// sealed of a slice, in any order, then advances: the slice is closed, windows slide over it, every
// query is evaluated.

struct query_engine;

#define QUERY_PANE_US_MIN UINT64_C(100000)
// Slices are retained for an hour, so that T can grow, unless they take more than this.
#define QUERY_RETAIN_BYTES ((size_t)256 << 20)

/*
 * @param pane_us length of a pane; at least QUERY_PANE_US_MIN, T must be a multiple of it
 * @param protocols names protocols; must outlive the engine
 * @return NULL with errno set and err filled
 */
struct query_engine *query_engine_create(uint64_t pane_us, const struct protocol_table *protocols,
	const struct query_parameters *p, struct error *err);
void query_engine_free(struct query_engine *e);

// From the next slide on. A larger T uses the retained slices; results are not exact while it
// reaches back to traffic that is not retained. 0, or -EINVAL with nothing changed.
int query_engine_set_parameters(struct query_engine *e, const struct query_parameters *p);

// Bound on the memory of retained slices and their keys; slices within T are always kept.
void query_engine_set_retention(struct query_engine *e, size_t bytes);

/*
 * Add one worker's pane to the slice that is being filled; p is not needed afterwards.
 *
 * @return 0; -EINVAL: p is of another slice and was not folded; -ERANGE: nor was it, because the
 *         slice's end does not fit int64_t microseconds; -ENOMEM: p was folded, but some keys
 *         found no room, so results are not exact while the slice is in the window
 */
int query_engine_fold(struct query_engine *e, const struct pane *p);

// Takes over the reference to d.
typedef void (query_emit_fn)(struct document *d, void *arg);

/*
 * Every worker's pane `index` was folded, or was empty: close the slice and emit one result per
 * query, in the order of query_list(). Nothing is emitted before the first slice with a packet
 * (discarded ones count); until then any index may follow, then each is one more than the last.
 *
 * @return 0; -EINVAL: not the slice that is being filled, -ERANGE: its end does not fit int64_t
 *         microseconds (nothing was done in both cases); -ENOMEM: the slice's keys or some results
 *         are missing, `exact` and `seq` tell where
 */
int query_engine_advance(struct query_engine *e, uint64_t index, query_emit_fn *emit, void *arg);

/*
 * Go on with slice next_index as if all slices before it had been empty, without results for them:
 * a gap of T or more leaves all windows empty.
 *
 * @return 0; -EINVAL: next_index lies before the slice that is being filled; -EBUSY: that slice has
 *         traffic, advance first
 */
int query_engine_skip(struct query_engine *e, uint64_t next_index);

// No window holds traffic and none was folded since: every result until the next traffic would
// have no rows.
bool query_engine_windows_empty(const struct query_engine *e);

struct query_engine_stats {
	uint64_t keys[DIMENSIONS];         // in retained slices
	uint64_t window_keys[DIMENSIONS];  // with traffic in the window
	uint64_t slices;                   // retained with traffic
	uint64_t bytes;                    // of all tables
};

void query_engine_stats_get(const struct query_engine *e, struct query_engine_stats *ret);

#endif
