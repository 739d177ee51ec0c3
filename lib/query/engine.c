/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/engine.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <rte_common.h>
#include <rte_prefetch.h>

#include "base/clock.h"
#include "query/result.h"

struct query {
	struct query_spec spec;
	struct dimension *dimension;
	struct window *window;
	uint64_t seq;
};

struct query_engine {
	uint64_t pane_us;
	uint64_t retain_slices;  // QUERY_T_MAX in panes
	size_t retain_bytes;
	struct query_parameters parameters;
	uint64_t index;          // slice that is being filled
	bool positioned;         // index is known
	bool started;            // a packet was seen
	struct dimension_names names;
	struct dimension dimensions[DIMENSIONS];
	struct query queries[QUERY_BUILTINS];
	struct rows rows;
	struct json_out json;
};

// Results are about `parameters` from now on.
static void
queries_specify(struct query_engine *e)
{
	for (unsigned int i = 0; i < QUERY_BUILTINS; i++)
		e->queries[i].spec = query_spec_builtin(i, &e->parameters);
}

// Queries over the same dimension share a window: they all have length T.
static int
queries_create(struct query_engine *e)
{
	queries_specify(e);
	for (unsigned int i = 0; i < QUERY_BUILTINS; i++) {
		struct query *q = &e->queries[i];

		q->dimension = &e->dimensions[q->spec.key];
		q->window = q->dimension->windows;
		if (q->window == NULL)
			q->window = dimension_add_window(q->dimension);
		if (q->window == NULL)
			return -ENOMEM;
	}
	return 0;
}

// One slice more than is retained: a new one is appended before the oldest leaves.
static int
dimensions_create(struct query_engine *e, const struct protocol_table *protocols)
{
	int rc = dimension_names_init(&e->names, protocols);

	for (unsigned int i = 0; i < DIMENSIONS && rc == 0; i++)
		rc = dimension_init(&e->dimensions[i], i, &e->names,
			(uint32_t)e->retain_slices + 1);
	return rc;
}

struct query_engine *
query_engine_create(uint64_t pane_us, const struct protocol_table *protocols,
	const struct query_parameters *p, struct error *err)
{
	struct query_engine *e;
	int rc;

	if (pane_us < QUERY_PANE_US_MIN || pane_us > QUERY_T_MAX * CLOCK_US_PER_S) {
		errno = -error_field(err, -EINVAL, "pane_ms",
			"pane_ms: %" PRIu64 " us found, from %" PRIu64 " us to %d s allowed",
			pane_us, QUERY_PANE_US_MIN, QUERY_T_MAX);
		return NULL;
	}
	rc = query_parameters_check_pane(p, pane_us, err);
	if (rc != 0) {
		errno = -rc;
		return NULL;
	}
	e = calloc(1, sizeof(*e));
	if (e == NULL) {
		rc = -ENOMEM;
		goto fail;
	}
	e->pane_us = pane_us;
	e->retain_slices = QUERY_T_MAX * CLOCK_US_PER_S / pane_us;
	e->retain_bytes = QUERY_RETAIN_BYTES;
	e->parameters = *p;
	rc = dimensions_create(e, protocols);
	if (rc == 0)
		rc = queries_create(e);
	if (rc == 0)
		return e;
fail:
	query_engine_free(e);
	errno = -error_set(err, rc, rc == -ENOMEM ? "no memory for the query engine" :
		"no random seed for the query engine");
	return NULL;
}

void
query_engine_free(struct query_engine *e)
{
	if (e == NULL)
		return;
	for (unsigned int i = 0; i < DIMENSIONS; i++)
		dimension_fini(&e->dimensions[i]);
	dimension_names_fini(&e->names);
	rows_free(&e->rows);
	json_out_free(&e->json);
	free(e);
}

int
query_engine_set_parameters(struct query_engine *e, const struct query_parameters *p)
{
	int rc = query_parameters_check_pane(p, e->pane_us, NULL);

	if (rc == 0)
		e->parameters = *p;
	return rc;
}

void
query_engine_set_retention(struct query_engine *e, size_t bytes)
{
	e->retain_bytes = bytes;
}

static bool
slice_untouched(const struct query_engine *e)
{
	for (unsigned int i = 0; i < DIMENSIONS; i++)
		if (!dimension_untouched(&e->dimensions[i]))
			return false;
	return true;
}

// End of a slice in microseconds; -ERANGE if it does not fit int64_t, which no clock reaches but
// the time stamps of a capture may.
static int
slice_end_us(const struct query_engine *e, uint64_t index, uint64_t *ret_us)
{
	uint64_t us;

	if (index == UINT64_MAX || __builtin_mul_overflow(index + 1, e->pane_us, &us) ||
			us > INT64_MAX)
		return -ERANGE;
	*ret_us = us;
	return 0;
}

// True if `index` may be the slice that is being filled, and makes it so.
static bool
index_take(struct query_engine *e, uint64_t index)
{
	if (e->positioned && index != e->index && (e->started || !slice_untouched(e)))
		return false;
	e->index = index;
	e->positioned = true;
	return true;
}

static int
deltas_fold(struct query_engine *e, const struct pane_delta *deltas, unsigned int n)
{
	int rc = 0;

	for (unsigned int i = 0; i < DIMENSIONS; i++)
		if (dimension_fold(&e->dimensions[i], deltas, n) != 0)
			rc = -ENOMEM;
	return rc;
}

// Flows that started in n deltas; brings in the lines of the ones that follow.
static uint64_t
deltas_count_started(const struct pane_delta *deltas, unsigned int n, unsigned int ahead)
{
	uint64_t started = 0;

	for (unsigned int i = 0; i < n; i++)
		started += deltas[i].started != 0;
	for (unsigned int i = n; i < n + ahead; i++) {
		rte_prefetch0(&deltas[i]);
		rte_prefetch0(&deltas[i].key);
	}
	return started;
}

// Packets and bytes of the totals are the pane's own: they hold where deltas were lost, too.
int
query_engine_fold(struct query_engine *e, const struct pane *p)
{
	struct query_counts total = {.of = {
		[QUERY_METRIC_BYTES] = p->flow_bytes,
		[QUERY_METRIC_PACKETS] = p->flow_packets,
	}};
	bool lost = p->lost_packets > 0 || p->lost_bytes > 0;
	uint64_t end_us;
	int rc = slice_end_us(e, p->index, &end_us);

	if (rc != 0)
		return rc;
	if (!index_take(e, p->index))
		return -EINVAL;
	e->started |= p->packets > 0;
	for (uint32_t i = 0; i < p->count; i += DIMENSION_BURST) {
		unsigned int n = RTE_MIN(p->count - i, (uint32_t)DIMENSION_BURST);
		unsigned int ahead = RTE_MIN(p->count - i - n, (uint32_t)DIMENSION_BURST);

		total.of[QUERY_METRIC_FLOWS] += deltas_count_started(&p->deltas[i], n, ahead);
		if (deltas_fold(e, &p->deltas[i], n) != 0)
			rc = -ENOMEM;
	}
	for (unsigned int i = 0; i < DIMENSIONS; i++)
		dimension_fold_total(&e->dimensions[i], &total, lost);
	return rc;
}

// All windows end with slice `index`.
static void
windows_slide(struct query_engine *e, uint64_t index)
{
	uint64_t length = e->parameters.T * CLOCK_US_PER_S / e->pane_us;

	for (unsigned int i = 0; i < DIMENSIONS; i++) {
		struct dimension *d = &e->dimensions[i];

		for (struct window *w = d->windows; w != NULL; w = w->next)
			window_slide(w, &d->history, index, length);
	}
}

// The largest dimension's oldest slice, or another one's where windows need all of that.
static bool
oldest_forget(struct query_engine *e, unsigned int largest)
{
	bool forgotten = dimension_forget_oldest(&e->dimensions[largest]);

	for (unsigned int i = 0; i < DIMENSIONS && !forgotten; i++)
		forgotten = dimension_forget_oldest(&e->dimensions[i]);
	return forgotten;
}

static size_t
retained_bytes(const struct query_engine *e, unsigned int *ret_largest)
{
	size_t sum = 0, most = 0;

	for (unsigned int i = 0; i < DIMENSIONS; i++) {
		size_t bytes = dimension_retained_bytes(&e->dimensions[i]);

		sum += bytes;
		if (bytes > most) {
			most = bytes;
			*ret_largest = i;
		}
	}
	return sum;
}

// Slices leave the history by age and, the largest dimension's first, by memory.
static void
history_trim(struct query_engine *e, uint64_t index)
{
	unsigned int largest = 0;

	for (unsigned int i = 0; i < DIMENSIONS; i++) {
		struct dimension *d = &e->dimensions[i];

		while (history_count(&d->history) > 0 &&
				history_oldest(&d->history)->index + e->retain_slices <= index)
			dimension_forget_oldest(d);
	}
	while (retained_bytes(e, &largest) > e->retain_bytes)
		if (!oldest_forget(e, largest))
			break;
}

static int
query_evaluate(struct query_engine *e, struct query *q, const struct operator_view *v,
	uint64_t end_us, query_emit_fn *emit, void *arg)
{
	const struct query_result result = {
		.spec = &q->spec, .seq = q->seq, .end_us = end_us, .view = v, .rows = &e->rows,
	};
	struct document *d;

	if (operator_evaluate(v, &q->spec.op, &e->rows) != 0)
		return -ENOMEM;
	d = query_result_document(&result, &e->json);
	if (d == NULL)
		return -ENOMEM;
	emit(d, arg);
	return 0;
}

// Neighbours in the list that look at the same numbers share their moments.
static int
queries_evaluate(struct query_engine *e, uint64_t end_us, query_emit_fn *emit, void *arg)
{
	struct operator_view v = {0};
	int rc = 0;

	for (unsigned int i = 0; i < QUERY_BUILTINS; i++) {
		struct query *q = &e->queries[i];

		q->seq++;  // also where memory runs out: readers see that one is missing
		if (v.window != q->window || v.metric != q->spec.metric) {
			v = (struct operator_view){
				.dimension = q->dimension,
				.window = q->window,
				.metric = q->spec.metric,
			};
			distribution_moments(&v.distribution, v.window, v.metric);
		}
		if ((operator_ops_get(q->spec.op.kind)->stats &&
				distribution_order(&v.distribution, v.window, v.metric) != 0) ||
				query_evaluate(e, q, &v, end_us, emit, arg) != 0)
			rc = -ENOMEM;
	}
	return rc;
}

int
query_engine_advance(struct query_engine *e, uint64_t index, query_emit_fn *emit, void *arg)
{
	uint64_t end_us;
	int rc = slice_end_us(e, index, &end_us);

	if (rc != 0)
		return rc;
	if (!index_take(e, index))
		return -EINVAL;
	for (unsigned int i = 0; i < DIMENSIONS; i++)
		if (dimension_close(&e->dimensions[i], index) != 0)
			rc = -ENOMEM;
	queries_specify(e);
	windows_slide(e, index);
	history_trim(e, index);
	e->index = index + 1;
	if (e->started && queries_evaluate(e, end_us, emit, arg) != 0)
		rc = -ENOMEM;
	return rc;
}

int
query_engine_skip(struct query_engine *e, uint64_t next_index)
{
	if (!slice_untouched(e))
		return -EBUSY;
	if (e->positioned && e->started && next_index < e->index)
		return -EINVAL;
	e->index = next_index;
	e->positioned = true;
	if (next_index > 0) {
		windows_slide(e, next_index - 1);
		history_trim(e, next_index - 1);
	}
	return 0;
}

bool
query_engine_windows_empty(const struct query_engine *e)
{
	for (unsigned int i = 0; i < DIMENSIONS; i++)
		for (const struct window *w = e->dimensions[i].windows; w != NULL; w = w->next)
			if (!window_empty(w))
				return false;
	return slice_untouched(e);
}

void
query_engine_stats_get(const struct query_engine *e, struct query_engine_stats *ret)
{
	struct query_engine_stats s = {.bytes = sizeof(*e) + e->json.cap};

	for (unsigned int i = 0; i < DIMENSIONS; i++) {
		const struct dimension *d = &e->dimensions[i];

		s.keys[i] = d->keys.live;
		s.window_keys[i] = d->windows->count;
		s.slices = RTE_MAX(s.slices, (uint64_t)history_count(&d->history));
		s.bytes += dimension_bytes(d);
	}
	*ret = s;
}
