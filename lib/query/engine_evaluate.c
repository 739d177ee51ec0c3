/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>

#include "query/engine_internal.h"
#include "query/result.h"

static bool
query_matters(const struct query_engine *e, const struct query *q)
{
	return e->started && !q->spec.paused && (!e->unread || q->alerts != NULL);
}

// A slide of the query ends with this slice, and somebody is to know of it.
static bool
query_due(const struct query_engine *e, const struct query *q, uint64_t index)
{
	return (index + 1) % query_slide_slices(e, q) == 0 && query_matters(e, q);
}

// Windows begin before the first packet where they are longer than the run; cumulative ones begin
// with its slice.
static int64_t
start_us(const struct query_engine *e, const struct query_spec *s, uint64_t end_us)
{
	return s->window_us != 0 ? (int64_t)end_us - (int64_t)s->window_us :
		(int64_t)(e->start_index * e->pane_us);
}

// What the query asks for, and its moments, into a new view; 0 or -ENOMEM.
static int
view_begin(const struct query_engine *e, const struct query *q, struct operator_view *v)
{
	*v = (struct operator_view){
		.dimension = q->dimension, .window = q->window, .metric = q->spec.metric,
	};
	if (query_metric_distinct(v->metric)) {
		if (engine_distinct_view(v, engine_distinct_find(e, q)) != 0)
			return -ENOMEM;
	} else {
		v->values = values_of_window(v->window, v->metric);
		v->total = v->window->total.of[v->metric];
	}
	distribution_moments(&v->distribution, &v->values);
	return 0;
}

static void
views_end(struct query_engine *e, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		free(e->views[i].counted);
}

// Count and moments of the keys in a query's window, from a query before it that looked at the same
// numbers or anew. NULL if memory ran out; views_end() when done.
static struct operator_view *
view_get(struct query_engine *e, const struct query *q, unsigned int *count)
{
	struct operator_view *v;

	for (unsigned int i = 0; i < *count; i++)
		if (e->views[i].window == q->window && e->views[i].metric == q->spec.metric)
			return &e->views[i];
	v = &e->views[*count];
	if (view_begin(e, q, v) != 0)
		return NULL;
	(*count)++;
	return v;
}

static int
view_order(struct operator_view *v)
{
	int rc;

	if (v->ordered)
		return 0;
	rc = distribution_order(&v->distribution, &v->values);
	v->ordered = rc == 0;
	return rc;
}

// The ranks of the rows, now and in the windows that they are compared with. Those are known if all
// of them was measured and is retained.
static int
compare_fill(const struct query_engine *e, const struct query *q, struct compare *ret)
{
	int rc = 0;

	if (!query_compares(&q->spec.compare) || q->window->lag != 0)
		return 0;
	rc = ranks_find(q->dimension, q->window, q->spec.metric, &e->rows, &ret->now);
	for (unsigned int i = 0; i < COMPARISONS && rc == 0; i++) {
		const struct window *w = q->earlier[i];

		if (w == NULL || !w->exact || w->first < e->start_index)
			continue;
		ret->start_us[i] = w->first * e->pane_us;
		rc = ranks_find(q->dimension, w, q->spec.metric, &e->rows, &ret->earlier[i]);
	}
	return rc;
}

// retained_from_us: NULL where it is not told.
static struct document *
result_make(struct query_engine *e, const struct query *q, struct operator_view *v,
	uint64_t end_us, const uint64_t *retained_from_us)
{
	struct compare compare = {.now = NULL};
	struct document *d = NULL;
	const struct query_result result = {
		.spec = &q->spec, .seq = q->seq, .start_us = start_us(e, &q->spec, end_us),
		.end_us = end_us, .view = v, .rows = &e->rows, .names = &e->key_names,
		.compare = &compare, .retained_from_us = retained_from_us,
	};

	if (operator_ops_get(q->spec.op.kind)->stats && view_order(v) != 0)
		return NULL;
	if (operator_evaluate(v, &q->spec.op, &e->rows) != 0)
		return NULL;
	if (compare_fill(e, q, &compare) == 0)
		d = query_result_document(&result, &e->json);
	compare_free(&compare);
	return d;
}

static int
query_evaluate(struct query_engine *e, struct query *q, struct operator_view *v, uint64_t end_us,
	query_emit_fn *emit, void *arg)
{
	const struct alert_context c = {
		q->spec.name, q->dimension, &q->spec.op, &e->key_names, end_us, &e->json, emit, arg,
	};
	struct document *d;
	int rc = 0;

	q->seq++;  // also where memory runs out: readers see that one is missing
	if (v == NULL)
		return -ENOMEM;
	d = result_make(e, q, v, end_us, NULL);
	if (d == NULL)
		return -ENOMEM;
	if (q->alerts != NULL)
		rc = alerts_follow(q->alerts, &c, v, &e->rows);
	emit(d, arg);
	return rc;
}

void
engine_slide(struct query_engine *e, uint64_t index)
{
	for (unsigned int i = 0; i < e->dimension_count; i++) {
		struct dimension *d = e->dimensions[i];

		for (struct window *w = d->windows; w != NULL; w = w->next)
			if (!w->apart)
				window_slide(w, &d->history, index);
	}
}

int
engine_evaluate(struct query_engine *e, uint64_t index, uint64_t end_us, query_emit_fn *emit,
	void *arg)
{
	unsigned int views = 0;
	int rc = 0;

	engine_slide(e, index);
	for (unsigned int i = 0; i < e->query_count; i++) {
		struct query *q = e->queries[i];

		if (!query_due(e, q, index))
			continue;
		if (q->window == NULL) {
			q->seq++;
			rc = -ENOMEM;
		} else if (query_evaluate(e, q, view_get(e, q, &views), end_us, emit, arg) != 0) {
			rc = -ENOMEM;
		}
	}
	views_end(e, views);
	return rc;
}

int
engine_evaluate_one(struct query_engine *e, struct query *q, uint64_t index, query_emit_fn *emit,
	void *arg)
{
	unsigned int views = 0;
	uint64_t end_us;
	int rc = engine_slice_end_us(e, index, &end_us);

	if (rc != 0)
		return rc;
	window_slide(q->window, &q->dimension->history, index);
	for (unsigned int i = 0; i < COMPARISONS; i++)
		if (q->earlier[i] != NULL)
			window_slide(q->earlier[i], &q->dimension->history, index);
	rc = query_evaluate(e, q, view_get(e, q, &views), end_us, emit, arg);
	views_end(e, views);
	return rc;
}

// The last slice of the slide that `index` is in.
static uint64_t
slide_last(const struct query_engine *e, const struct query *q, uint64_t index)
{
	uint64_t slices = query_slide_slices(e, q);

	return index + (slices - 1 - index % slices);
}

static int
query_compare_last(const void *x, const void *y, void *engine)
{
	const struct query_engine *e = engine;
	uint64_t a = slide_last(e, *(struct query *const *)x, e->index - 1);
	uint64_t b = slide_last(e, *(struct query *const *)y, e->index - 1);

	return a < b ? -1 : a > b;
}

// In the order of time, as queries may share a window, and in the order of the set where they end
// together.
int
query_engine_finish(struct query_engine *e, query_emit_fn *emit, void *arg)
{
	struct query *open[QUERY_SET_MAX];
	unsigned int count = 0;
	int rc = 0;

	if (e->index == 0)
		return 0;
	for (unsigned int i = 0; i < e->query_count; i++) {
		struct query *q = e->queries[i];

		if (q->window != NULL && query_matters(e, q) &&
				slide_last(e, q, e->index - 1) != e->index - 1)
			open[count++] = q;
	}
	qsort_r(open, count, sizeof(open[0]), query_compare_last, e);
	for (unsigned int i = 0; i < count; i++)
		if (engine_evaluate_one(e, open[i], slide_last(e, open[i], e->index - 1), emit,
				arg) != 0)
			rc = -ENOMEM;
	return rc;
}

struct dimension *
engine_dimension_find(const struct query_engine *e, const struct dimension_spec *spec)
{
	for (unsigned int i = 0; i < e->dimension_count; i++)
		if (dimension_spec_equal(&e->dimensions[i]->spec, spec))
			return e->dimensions[i];
	return NULL;
}

struct document *
engine_answer(struct query_engine *e, const struct query *q, uint64_t index)
{
	uint64_t from = RTE_MAX(e->start_index, q->dimension->history.forgotten_end);
	uint64_t from_us = from * e->pane_us, end_us;
	struct operator_view *v;
	struct document *d = NULL;
	unsigned int views = 0;

	if (engine_slice_end_us(e, index, &end_us) != 0)
		return NULL;
	window_slide(q->window, &q->dimension->history, index);
	v = view_get(e, q, &views);
	if (v != NULL)
		d = result_make(e, q, v, end_us, &from_us);
	views_end(e, views);
	return d;
}
