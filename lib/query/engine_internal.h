/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_ENGINE_INTERNAL_H
#define WEIR_QUERY_ENGINE_INTERNAL_H

#include "base/clock.h"
#include "query/compare.h"
#include "query/dimension.h"
#include "query/engine.h"
#include "query/limit_watch.h"
#include "query/retained_log.h"

// What the files of the engine share.

struct query {
	struct query_spec spec;
	struct dimension *dimension;
	struct window *window;  // NULL while it is paused, unless it is cumulative
	struct window *earlier[COMPARISONS];  // that it is compared with, NULL where it is not
	struct alerts *alerts;  // of operator limit
	uint64_t seq;
};

struct query_engine {
	uint64_t pane_us;
	uint64_t retain_slices;  // an hour in panes
	size_t retain_bytes;
	size_t slices_bytes;
	uint32_t key_budget;
	uint64_t index;          // slice that is being filled
	uint64_t start_index;    // slice of the first packet, when started
	bool positioned;         // index is known
	bool started;            // a packet was seen
	bool folded;             // something was folded into that slice
	bool scoped;             // some dimension looks at where ends are
	bool unread;             // nobody reads results
	struct dimension_names names;
	struct key_names key_names;
	const struct network_set *networks;
	struct limit_watch *limits;      // NULL until there is a limits table
	struct dimension *limit_pairs;   // retained for dry runs of limits, or NULL
	// Twice, as those of a new set are made before those of the old one go.
	struct dimension *dimensions[2 * QUERY_SET_MAX];
	unsigned int dimension_count;
	struct query *queries[QUERY_SET_MAX];
	unsigned int query_count;
	struct operator_view views[QUERY_SET_MAX];  // of the slide that is being evaluated
	struct distinct_pool distinct;
	struct retained_log log;
	struct rows rows;
	struct json_out json;
};

// Slices that a dimension may have to retain: the longest window, as far back as rows are compared
// with, and the one that is added before the oldest goes.
static inline uint32_t
retained_slices(uint64_t pane_us)
{
	return (uint32_t)(2 * QUERY_T_MAX * CLOCK_US_PER_S / pane_us) + 1;
}

static inline uint64_t
query_slide_slices(const struct query_engine *e, const struct query *q)
{
	return q->spec.slide_us / e->pane_us;
}

// End of a slice in microseconds; -ERANGE if it does not fit int64_t, which no clock reaches but
// the time stamps of a capture may.
int engine_slice_end_us(const struct query_engine *e, uint64_t index, uint64_t *ret_us);

// Slide all windows, so that they end with slice `index`.
void engine_slide(struct query_engine *e, uint64_t index);

// Slide the windows, and evaluate the queries whose slide ends with slice `index`.
int engine_evaluate(struct query_engine *e, uint64_t index, uint64_t end_us, query_emit_fn *emit,
	void *arg);

// A query whose window ends with slice `index`, by itself.
int engine_evaluate_one(struct query_engine *e, struct query *q, uint64_t index,
	query_emit_fn *emit, void *arg);

// What a query answers whose window ends with slice `index`, for nobody but the caller; NULL if memory
// ran out.
struct document *engine_answer(struct query_engine *e, const struct query *q, uint64_t index);

// Where the ends of each of n deltas are (ENDS_*).
void engine_ends_find(const struct query_engine *e, const struct pane_delta *deltas, unsigned int n,
	uint8_t *ret_ends);

void query_free(struct query *q);

// Metrics that count different things, engine_distinct.c. Give the dimensions what the queries ask
// for, and take away what they do not; 0 or -ENOMEM.
int engine_distinct_equip(struct query_engine *e);
// What is folded from now on is of slice e->index.
void engine_distinct_open(struct query_engine *e);
// The sketches that a query is answered from; NULL if there are none.
struct distinct *engine_distinct_find(const struct query_engine *e, const struct query *q);
// Fill the values of a view, whose window has been slid; 0 or -ENOMEM.
int engine_distinct_view(struct operator_view *v, const struct distinct *d);

// The dimension of this spec, made if need be. NULL: there are too many, or memory ran out.
struct dimension *engine_dimension_get(struct query_engine *e, const struct dimension_spec *spec);
// The same, NULL if there is none.
struct dimension *engine_dimension_find(const struct query_engine *e,
	const struct dimension_spec *spec);
// Dimensions and windows that nothing uses any more go.
void engine_unused_drop(struct query_engine *e);

#endif
