/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>
#include <rte_prefetch.h>

#include "base/clock.h"
#include "query/engine_internal.h"
#include "query/limit_window.h"

// Dry runs: what alerts there would have been. The retained slices are gone through once, from the
// oldest on, with a window and alerts of their own.

#define TRY_ALERTS_MAX 1000

struct trial {
	struct json_out alerts;  // the list
	uint32_t count;
	uint64_t more;           // alerts that were too many for it
	uint64_t windows;
	bool exact;
	uint64_t first;          // slices gone through
	uint64_t last;
};

static void
trial_emit(struct document *d, void *arg)
{
	struct trial *t = arg;

	if (t->count == TRY_ALERTS_MAX) {
		t->more++;
	} else {
		json_out_raw(&t->alerts, d->json);
		t->count++;
	}
	document_put(d);
}

// False: there is nothing to look at, errno says why.
static bool
trial_begin(const struct query_engine *e, const struct dimension *d, struct trial *t)
{
	if (d == NULL || !e->started || e->index == e->start_index) {
		errno = d == NULL ? ENOENT : EAGAIN;
		return false;
	}
	*t = (struct trial){.exact = true, .last = e->index - 1};
	// What was before the dimension, or is not retained, is not known.
	t->first = RTE_MAX(e->start_index, d->history.forgotten_end);
	json_out_open(&t->alerts, '[');
	return true;
}

static struct document *
trial_end(const struct query_engine *e, struct trial *t, int rc, struct json_out *o)
{
	uint64_t from_us = t->first * e->pane_us, to_us = (t->last + 1) * e->pane_us;
	struct document *d = NULL;

	json_out_close(&t->alerts, ']');
	json_out_reset(o);
	json_out_open(o, '{');
	json_out_key_u64(o, "from_us", from_us);
	json_out_key_u64(o, "to_us", to_us);
	json_out_key_u64(o, "windows", t->windows);
	json_out_key_bool(o, "exact", t->exact);
	json_out_key(o, "alerts");
	json_out_raw(o, t->alerts.failed ? "[]" : t->alerts.data);
	json_out_key_u64(o, "more", t->more);
	json_out_close(o, '}');
	if (rc == 0 && !t->alerts.failed && !o->failed)
		d = document_create(DOCUMENT_ALERT, "", from_us, to_us, o->data, o->len);
	if (d == NULL)
		errno = ENOMEM;
	json_out_free(&t->alerts);
	return d;
}

// Windows that begin before the run are looked at, as they are in it; others only where all of them
// is retained.
static uint64_t
query_first(const struct query_engine *e, const struct query *q, const struct trial *t)
{
	uint64_t length = q->spec.window_us / e->pane_us, slide = query_slide_slices(e, q);
	uint64_t from = t->first;

	if (from > e->start_index && length > 0)
		from += length - 1;
	return from + slide - 1 - from % slide;
}

static struct operator_view
view_of(const struct query *q)
{
	return (struct operator_view){
		.dimension = q->dimension, .window = q->window, .metric = q->spec.metric,
		.values = values_of_window(q->window, q->spec.metric),
		.total = q->window->total.of[q->spec.metric],
	};
}

// The window with its query, at each slide that ends with a slice of the trial.
static int
query_slides(struct query_engine *e, const struct query *q, struct trial *t)
{
	struct operator_view v;
	struct alert_context c = {
		q->spec.name, q->dimension, &q->spec.op, &e->key_names, 0, &e->json, trial_emit, t,
	};

	for (uint64_t i = query_first(e, q, t); i <= t->last; i += query_slide_slices(e, q)) {
		window_slide(q->window, &q->dimension->history, i);
		t->windows++;
		t->exact &= q->window->exact;
		v = view_of(q);
		c.at_us = (i + 1) * e->pane_us;
		if (operator_evaluate(&v, &q->spec.op, &e->rows) != 0 ||
				alerts_follow(q->alerts, &c, &v, &e->rows) != 0)
			return -ENOMEM;
	}
	return 0;
}

struct document *
query_engine_try_query(struct query_engine *e, const struct query_spec *spec)
{
	struct query q = {
		.spec = *spec, .dimension = engine_dimension_find(e, &spec->dimension),
	};
	int rc = -ENOMEM;
	struct trial t;

	if (!trial_begin(e, q.dimension, &t))
		return NULL;
	q.alerts = alerts_create();
	q.window = window_create(q.dimension->keys.capacity, spec->window_us / e->pane_us, 0);
	if (q.alerts != NULL && q.window != NULL) {
		q.window->tail = q.window->head = q.dimension->history.base;
		q.window->missed = q.dimension->history.forgotten_end > 0;
		rc = query_slides(e, &q, &t);
	}
	window_free(q.window);
	alerts_free(q.alerts);
	return trial_end(e, &t, rc, &e->json);
}

static bool
range_has(bool given, const struct range *r, uint8_t version, const uint8_t addr[16])
{
	ip_number a = version == 4 ? address_number(addr + 12, 4) : address_number(addr, 16);

	return !given || (a >= r->first && a <= r->last);
}

// Where the row's ends are in the keys of a dimension.
static bool
key_matches(const struct dimension *d, const struct query_key *key, const struct limit_match *m)
{
	bool pair = d->spec.kind == DIMENSION_SRC_DST_IP;
	uint8_t version = key->form & 0xf;

	return version == m->version &&
		range_has(m->has_source, &m->source, version, key->addr[0]) &&
		range_has(m->has_destination, &m->destination, version, key->addr[pair]);
}

static uint64_t
slice_bytes(const struct dimension *d, const struct slice *s, const struct limit_match *m)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < s->count; i++) {
		if (i + 8 < s->count)
			rte_prefetch0(&d->keys.entries[s->items[i + 8].id]);
		if (key_matches(d, &d->keys.entries[s->items[i].id].key, m))
			sum += s->items[i].bytes;
	}
	return sum;
}

// Does the slice have all of the traffic by key?
static bool
slice_whole(const struct slice *s)
{
	return !s->lost && query_counts_zero(&s->floor);
}

static int
row_judge(struct query_engine *e, const struct limit_row *row, const struct limit_window *w,
	struct limit_level *level, struct trial *t)
{
	uint64_t first = w->next - RTE_MIN(w->length, w->next);
	char key[LIMIT_KEY_LEN];
	struct limit_level next;
	enum limit_change change = limit_level_next(level, &row->op, w->sum, limit_window_full(w),
		&next);
	const struct alert_text text = {
		.query = LIMIT_QUERY_NAME, .limit_name = row->name,
		.key = limit_match_text(&row->match, key), .value = w->sum, .limit = next.bound,
		.state = change == LIMIT_RAISED ? "raised" : "cleared",
		.at_us = w->next * e->pane_us,
		.exact = t->exact && (first >= t->first || t->first == e->start_index),
	};

	*level = next;
	t->windows++;
	return change == LIMIT_SAME ? 0 : alert_emit(&text, &e->json, trial_emit, t);
}

static int
row_slides(struct query_engine *e, const struct dimension *d, const struct limit_row *row,
	struct limit_window *w, struct trial *t)
{
	uint64_t at = d->history.base;
	struct limit_level level = {0};

	for (uint64_t i = t->first; i <= t->last; i++) {
		uint64_t bytes = 0;

		while (at < d->history.end && history_at(&d->history, at)->index < i)
			at++;
		if (at < d->history.end && history_at(&d->history, at)->index == i) {
			bytes = slice_bytes(d, history_at(&d->history, at), &row->match);
			t->exact &= slice_whole(history_at(&d->history, at));
		}
		limit_window_slide(w, i, bytes);
		if (row_judge(e, row, w, &level, t) != 0)
			return -ENOMEM;
	}
	return 0;
}

static struct dimension *
row_dimension(const struct query_engine *e, const struct limit_match *m)
{
	const struct dimension_spec pairs = {.kind = DIMENSION_SRC_DST_IP};
	const struct dimension_spec one = {
		.kind = m->has_source ? DIMENSION_SRC_IP : DIMENSION_DST_IP,
	};
	struct dimension *d = engine_dimension_find(e, &pairs);

	if (d == NULL && m->has_source != m->has_destination)
		d = engine_dimension_find(e, &one);
	return d;
}

struct document *
query_engine_try_limit(struct query_engine *e, const struct limit_row *row)
{
	const struct dimension *d = row_dimension(e, &row->match);
	struct limit_window w;
	struct trial t;
	int rc;

	if (!trial_begin(e, d, &t))
		return NULL;
	rc = limit_window_init(&w, row->window_s * CLOCK_US_PER_S / e->pane_us, t.first);
	if (rc == 0)
		rc = row_slides(e, d, row, &w, &t);
	limit_window_fini(&w);
	return trial_end(e, &t, rc, &e->json);
}
