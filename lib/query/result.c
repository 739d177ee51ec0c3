/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/result.h"

#include <rte_common.h>

static void
head_write(struct json_out *o, const struct query_result *r)
{
	json_out_key_str(o, "type", document_kind_name(DOCUMENT_RESULT));
	json_out_key_str(o, "query", r->spec->name);
	json_out_key_u64(o, "seq", r->seq);
	json_out_key_str(o, "key", r->view->dimension->ops->name);
	json_out_key_str(o, "metric", query_metric_name(r->spec->metric));
	json_out_key(o, "op");
	query_op_write(o, &r->spec->op);
	json_out_key(o, "window");
	json_out_open(o, '{');
	json_out_key_i64(o, "start_us", r->start_us);
	json_out_key_u64(o, "end_us", r->end_us);
	json_out_close(o, '}');
}

// The keys that are in no row: how many, the sum of their values, and the most that one of them
// can have. Results of several appliances are put together with it (docs/scale-out.md). Of a
// metric that is no sum it would say nothing.
static void
left_out_write(struct json_out *o, const struct query_result *r)
{
	const struct operator_view *v = r->view;
	unsigned __int128 left = v->distribution.sum;

	if (v->distinct != NULL)
		return;
	for (uint32_t i = 0; i < r->rows->count; i++)
		left -= r->rows->row[i].value;
	json_out_key(o, "left_out");
	json_out_open(o, '{');
	// A row of a total without traffic is no key of the window.
	json_out_key_u64(o, "keys", v->window->count - RTE_MIN(v->window->count, r->rows->count));
	json_out_key_u64(o, "value", (uint64_t)RTE_MIN(left, (unsigned __int128)UINT64_MAX));
	json_out_key_u64(o, "most", RTE_MAX(r->rows->left_most, v->values.floor));
	json_out_close(o, '}');
}

static void
total_write(struct json_out *o, const struct query_result *r)
{
	const struct operator_view *v = r->view;
	const struct window *w = v->window;

	json_out_key(o, "total");
	json_out_open(o, '{');
	for (unsigned int m = 0; m < QUERY_METRICS; m++)
		json_out_key_u64(o, query_metric_name(m), w->total.of[m]);
	if (v->distinct != NULL)
		json_out_key_u64(o, query_metric_name(v->metric), v->total);
	json_out_close(o, '}');
	left_out_write(o, r);
	json_out_key_u64(o, "keys", w->count);
}

static void
stats_write(struct json_out *o, const struct query_result *r)
{
	const struct operator_ops *ops = operator_ops_get(r->spec->op.kind);
	const struct distribution *d = &r->view->distribution;

	if (!ops->stats)
		return;
	json_out_key(o, "stats");
	json_out_open(o, '{');
	json_out_key_f64(o, "mean", d->mean);
	json_out_key_f64(o, "sigma", d->sigma);
	json_out_key_f64(o, "median", d->median);
	json_out_key_f64(o, "mad", d->mad);
	json_out_key_f64(o, "max_z", d->max_z);
	json_out_key_bool(o, "can_fire", ops->can_fire(d->count, &r->spec->op));
	json_out_close(o, '}');
}

// What values of a metric that is no sum are worth. They are estimates, so the result is not exact.
static void
estimate_write(struct json_out *o, const struct operator_view *v)
{
	if (v->distinct == NULL)
		return;
	json_out_key(o, "estimate");
	json_out_open(o, '{');
	json_out_key_str(o, "method", "hyperloglog");
	json_out_key_u64(o, "registers", HLL_REGISTERS);
	json_out_key_f64(o, "standard_error", HLL_STANDARD_ERROR);
	json_out_key_u64(o, "listed", SKETCH_LIST_MAX);
	json_out_key_bool(o, "complete", v->window->exact &&
		distinct_complete(v->distinct, v->window->first));
	json_out_close(o, '}');
}

static uint64_t
row_error(const struct operator_view *v, const struct row *row)
{
	return v->distinct != NULL ? distinct_key_error(v->distinct, row->id, row->value) :
		row->error;
}

static void
row_write(struct json_out *o, const struct query_result *r, uint32_t at)
{
	const struct row *row = &r->rows->row[at];
	const struct operator_view *v = r->view;
	const struct dimension *d = v->dimension;
	const struct query_key *key = &d->keys.entries[row->id].key;
	char text[DIMENSION_TEXT_LEN];

	json_out_open(o, '{');
	json_out_key_str(o, "key", d->ops->text(d, key, text));
	key_label_write(o, d, key, r->names);
	json_out_key_u64(o, "value", row->value);
	json_out_key_f64(o, "share", v->total > 0 ? (double)row->value / (double)v->total : 0);
	json_out_key_u64(o, "error", row_error(v, row));
	json_out_key_f64(o, "z", distribution_z(&v->distribution, row->value));
	if (row->swap)
		json_out_key_bool(o, "swap", true);
	if (row->uncertain)
		json_out_key_bool(o, "uncertain", true);
	compare_row_write(o, r->compare, at);
	json_out_close(o, '}');
}

struct document *
query_result_document(const struct query_result *r, struct json_out *o)
{
	json_out_reset(o);
	json_out_open(o, '{');
	head_write(o, r);
	total_write(o, r);
	stats_write(o, r);
	json_out_key_bool(o, "exact", r->view->window->exact && r->view->distinct == NULL);
	if (r->view->values.credits != NULL)
		json_out_key_u64(o, "unseen", r->view->values.floor);
	if (r->retained_from_us != NULL)
		json_out_key_u64(o, "retained_from_us", *r->retained_from_us);
	estimate_write(o, r->view);
	compare_write(o, &r->spec->compare, r->compare, r->spec->window_us);
	json_out_key(o, "rows");
	json_out_open(o, '[');
	for (uint32_t i = 0; i < r->rows->count; i++)
		row_write(o, r, i);
	json_out_close(o, ']');
	json_out_close(o, '}');
	if (o->failed)
		return NULL;
	return document_create(DOCUMENT_RESULT, r->spec->name,
		r->start_us > 0 ? (uint64_t)r->start_us : 0, r->end_us, o->data, o->len);
}
