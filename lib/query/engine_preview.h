/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_ENGINE_PREVIEW_H
#define WEIR_QUERY_ENGINE_PREVIEW_H

#include "query/engine.h"
#include "query/filter.h"

// Answers of queries that are not installed, over what is retained: the window that ends with the last
// closed slice. Where a query looks at the same key, scope and filter, its slices answer at once.
// Else the engine's log is folded into a dimension of the preview's own, in steps, so that no slide
// waits for it. The engine's thread; at most one at a time keeps memory within what is announced.

struct query_preview;

/*
 * @param filter the program of the spec's filter, the caller's; used until the preview is freed. NULL
 *               where the spec has none
 * @return NULL with errno ENOENT: nothing is retained that could tell; EAGAIN: no slice was closed
 *         yet; ENOMEM
 */
struct query_preview *query_preview_begin(struct query_engine *e, const struct query_spec *spec,
	const struct filter *filter);
// NULL is fine.
void query_preview_free(struct query_preview *v);

// Go on with at least `deltas` of the log; where different things are counted, until a slice was closed.
// True: there is no more to do.
bool query_preview_step(struct query_preview *v, uint32_t deltas);
// Does it wait for a slice to be closed? Then steps do nothing.
bool query_preview_waits(const struct query_preview *v);

// When all is done: a result document with seq 0 and one reference, or NULL with errno ENOMEM, or
// ENOENT if the queries that it looked at went meanwhile.
struct document *query_preview_result(struct query_preview *v);

// What a preview and a log of log_bytes take at most.
size_t query_preview_bytes_most(uint32_t keys, size_t log_bytes);

#endif
