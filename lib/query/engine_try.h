/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_ENGINE_TRY_H
#define WEIR_QUERY_ENGINE_TRY_H

#include "query/engine.h"

// Dry runs over the slices that are retained: the alerts that a query with operator limit, or a row
// of the limits table, would have raised and cleared. The engine's thread; in steps, so that no slide
// waits. What the engine forgets between them makes the answer inexact.

struct query_trial;

/*
 * A row is looked at in the slices of pairs of addresses, or, with one end, in those of that end. The
 * query's metric is one that is summed up.
 *
 * @return NULL with errno ENOENT: no query has this key, scope and filter, so nothing of it is
 *         retained; EAGAIN: no slice was closed yet; ENOMEM
 */
struct query_trial *query_trial_of_query(struct query_engine *e, const struct query_spec *spec);
struct query_trial *query_trial_of_row(struct query_engine *e, const struct limit_row *row);
// Before the engine is. NULL is fine.
void query_trial_free(struct query_trial *t);

// Go on for about so many items of slices and windows. True: there is no more to do.
bool query_trial_step(struct query_trial *t, uint64_t items);

/*
 * When all is done: {"from_us", "to_us", "windows", "exact", "alerts": [...], "more": alerts that were
 * too many}, an alert document; NULL if memory ran out.
 */
struct document *query_trial_result(struct query_trial *t);

#endif
