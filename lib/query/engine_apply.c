/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "query/engine_internal.h"

// From the queries that are to those of another set. Dimensions and windows are made before those
// that nobody needs any more go, so what stays is not touched.

static struct query *
query_create(const struct query_spec *spec)
{
	struct query *q = calloc(1, sizeof(*q));

	if (q != NULL)
		q->spec = *spec;
	return q;
}

void
query_free(struct query *q)
{
	if (q == NULL)
		return;
	alerts_free(q->alerts);
	free(q);
}

static struct query *
query_take(struct query_engine *e, const char *name)
{
	for (unsigned int i = 0; i < e->query_count; i++) {
		struct query *q = e->queries[i];

		if (q == NULL || strcmp(q->spec.name, name) != 0)
			continue;
		e->queries[i] = NULL;
		return q;
	}
	return NULL;
}

/*
 * A dimension that begins in the middle of a run has missed what came before: in the slice that is
 * being filled if something was folded already, and in all earlier ones.
 */
struct dimension *
engine_dimension_get(struct query_engine *e, const struct dimension_spec *spec)
{
	struct dimension *d = engine_dimension_find(e, spec);

	if (d != NULL)
		return d;
	if (e->dimension_count == RTE_DIM(e->dimensions))
		return NULL;
	d = dimension_create(spec, &e->names, retained_slices(e->pane_us), e->key_budget);
	if (d == NULL)
		return NULL;
	d->lost = e->folded;
	if (e->started)
		d->history.forgotten_end = e->index;
	e->dimensions[e->dimension_count++] = d;
	return d;
}

// Alerts of another dimension or operator are none of this query any more.
static int
alerts_settle(struct query_engine *e, struct query *q, const struct query_spec *next,
	query_emit_fn *emit, void *arg)
{
	const struct alert_context c = {
		q->spec.name, q->dimension, &q->spec.op, &e->key_names, e->index * e->pane_us, &e->json, emit, arg,
	};
	int rc;

	if (q->alerts == NULL || (next != NULL && next->op.kind == OPERATOR_LIMIT &&
			next->metric == q->spec.metric &&
			dimension_spec_equal(&next->dimension, &q->spec.dimension)))
		return 0;
	rc = alerts_clear(q->alerts, &c);
	alerts_free(q->alerts);
	q->alerts = NULL;
	return rc;
}

// Windows that it is compared with.
static int
earlier_equip(struct query_engine *e, struct query *q)
{
	for (unsigned int i = 0; i < COMPARISONS; i++) {
		uint64_t lag_us = query_compare_lag_us(&q->spec.compare, q->spec.window_us, i);

		if (lag_us == 0)
			continue;
		q->earlier[i] = dimension_window(q->dimension, q->spec.window_us / e->pane_us,
			lag_us / e->pane_us);
		if (q->earlier[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

// Give a query what its new spec needs; what it had is still there.
static int
query_equip(struct query_engine *e, struct query *q)
{
	q->window = NULL;
	memset(q->earlier, 0, sizeof(q->earlier));
	q->dimension = engine_dimension_get(e, &q->spec.dimension);
	if (q->dimension == NULL)
		return -ENOMEM;
	if (q->spec.op.kind == OPERATOR_LIMIT && q->alerts == NULL) {
		q->alerts = alerts_create();
		if (q->alerts == NULL)
			return -ENOMEM;
	}
	if (q->spec.paused && q->spec.window_us != 0)
		return 0;
	q->window = dimension_window(q->dimension, q->spec.window_us / e->pane_us, 0);
	return q->window != NULL ? earlier_equip(e, q) : -ENOMEM;
}

static void
filters_bind(struct query_engine *e, const struct query_set *s)
{
	e->scoped = false;
	for (unsigned int i = 0; i < e->dimension_count; i++) {
		struct dimension *d = e->dimensions[i];
		unsigned int bit = filter_set_find(&s->filters, d->spec.filter);

		e->scoped |= d->spec.scope != QUERY_SCOPE_ALL;
		if (d->spec.filter[0] == '\0' || bit == FILTER_NONE)
			continue;
		d->filter_bit = UINT64_C(1) << bit;
		d->filter_since = s->filters.since[bit];
	}
}

static bool
query_uses(const struct query *q, const struct window *w)
{
	bool used = q->window == w;

	for (unsigned int i = 0; i < COMPARISONS; i++)
		used |= q->earlier[i] == w;
	return used;
}

static void
windows_drop(struct query_engine *e, struct dimension *d)
{
	struct window *next;

	for (struct window *w = d->windows; w != NULL; w = next) {
		bool used = w->apart;

		next = w->next;
		for (unsigned int i = 0; i < e->query_count; i++)
			used |= query_uses(e->queries[i], w);
		if (!used)
			dimension_drop_window(d, w);
	}
}

void
engine_unused_drop(struct query_engine *e)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < e->dimension_count; i++) {
		struct dimension *d = e->dimensions[i];

		d->queries = 0;
		for (unsigned int j = 0; j < e->query_count; j++)
			d->queries += e->queries[j]->dimension == d;
		if (d->queries == 0 && d != e->limit_pairs && d->trials == 0) {
			dimension_free(d);
			continue;
		}
		windows_drop(e, d);
		e->dimensions[kept++] = d;
	}
	e->dimension_count = kept;
}

// What is left of the old queries has gone.
static int
queries_end(struct query_engine *e, query_emit_fn *emit, void *arg)
{
	int rc = 0;

	for (unsigned int i = 0; i < e->query_count; i++) {
		struct query *q = e->queries[i];

		if (q != NULL && alerts_settle(e, q, NULL, emit, arg) != 0)
			rc = -ENOMEM;
		query_free(q);
	}
	return rc;
}

int
query_engine_apply(struct query_engine *e, const struct query_set *s, query_emit_fn *emit,
	void *arg)
{
	struct query *next[QUERY_SET_MAX];
	unsigned int count = 0;
	int rc = 0;

	for (unsigned int i = 0; i < s->count; i++) {
		struct query *q = query_take(e, s->spec[i].name);

		if (q == NULL)
			q = query_create(&s->spec[i]);
		else if (alerts_settle(e, q, &s->spec[i], emit, arg) != 0)
			rc = -ENOMEM;
		if (q == NULL) {
			rc = -ENOMEM;
			continue;
		}
		q->spec = s->spec[i];
		next[count++] = q;
	}
	if (queries_end(e, emit, arg) != 0)
		rc = -ENOMEM;
	memcpy(e->queries, next, count * sizeof(next[0]));
	e->query_count = count;
	for (unsigned int i = 0; i < count; i++)
		if (query_equip(e, e->queries[i]) != 0)
			rc = -ENOMEM;
	engine_unused_drop(e);
	filters_bind(e, s);
	if (engine_distinct_equip(e) != 0)
		rc = -ENOMEM;
	e->networks = s->context.networks;
	return rc;
}
