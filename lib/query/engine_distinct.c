/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "query/dimension_distinct.h"
#include "query/engine_internal.h"

// Metrics that count different things, between queries and dimensions.

void
query_engine_set_distinct(struct query_engine *e, size_t bytes)
{
	e->distinct.memory.limit = bytes;
}

int
query_engine_hide_distinct(struct query_engine *e)
{
	return distinct_pool_randomize(&e->distinct);
}

static struct distinct_need
query_need(const struct query_engine *e, const struct query *q)
{
	return (struct distinct_need){q->spec.metric, q->spec.window_us / e->pane_us};
}

// A slice that something was folded into already is not whole.
static uint64_t
since_get(const struct query_engine *e)
{
	return e->started ? e->index + e->folded : 0;
}

void
engine_distinct_open(struct query_engine *e)
{
	for (unsigned int i = 0; e->started && i < e->dimension_count; i++)
		if (e->dimensions[i]->distinct != NULL)
			dimension_distinct_open(e->dimensions[i]->distinct, e->index);
}

int
engine_distinct_equip(struct query_engine *e)
{
	int rc = 0;

	for (unsigned int i = 0; i < e->dimension_count; i++) {
		struct dimension *d = e->dimensions[i];
		struct distinct_need needs[QUERY_SET_MAX];
		unsigned int count = 0;

		for (unsigned int j = 0; j < e->query_count; j++) {
			const struct query *q = e->queries[j];

			if (q->dimension == d && query_metric_distinct(q->spec.metric))
				needs[count++] = query_need(e, q);
		}
		if (dimension_distinct_equip(&d->distinct, &e->distinct, needs, count,
				since_get(e), d->keys.capacity) != 0)
			rc = -ENOMEM;
	}
	engine_distinct_open(e);
	return rc;
}

struct distinct *
engine_distinct_find(const struct query_engine *e, const struct query *q)
{
	const struct distinct_need need = query_need(e, q);

	return dimension_distinct_find(q->dimension->distinct, &need);
}

int
engine_distinct_view(struct operator_view *v, const struct distinct *d)
{
	const struct window *w = v->window;

	if (d == NULL)
		return -ENOMEM;
	v->counted = malloc(((size_t)w->count + 1) * sizeof(*v->counted));
	if (v->counted == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < w->count; i++)
		v->counted[i] = distinct_key_count(d, w->items[i].id, w->first);
	v->values = (struct values){
		.first = (const uint8_t *)v->counted, .stride = sizeof(*v->counted), .count = w->count,
	};
	v->distinct = d;
	v->total = distinct_total_count(d, w->first);
	return 0;
}
