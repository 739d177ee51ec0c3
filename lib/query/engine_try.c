/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>
#include <rte_prefetch.h>

#include "base/clock.h"
#include "query/engine_internal.h"
#include "query/engine_try.h"
#include "query/limit_window.h"

// Dry runs: what alerts there would have been. The retained slices are gone through once, from the
// oldest on, with a window and alerts of their own. That is done in steps, between which the engine
// goes on: what it forgets meanwhile makes the answer inexact.

#define TRY_ALERTS_MAX 1000

struct query_trial {
	struct query_engine *engine;
	struct dimension *dimension;
	uint64_t start;          // of the run
	uint64_t first;          // slices gone through
	uint64_t last;
	uint64_t next;           // to be looked at
	uint64_t windows;
	bool exact;
	int rc;
	struct json_out alerts;  // the list
	uint32_t count;
	uint64_t more;           // alerts that were too many for it

	struct query query;      // of a query
	bool of_row;             // of a row
	struct limit_row row;
	struct limit_window window;
	struct limit_level level;
	uint64_t at;             // position of slices
};

static void
trial_emit(struct document *d, void *arg)
{
	struct query_trial *t = arg;

	if (t->count == TRY_ALERTS_MAX) {
		t->more++;
	} else {
		json_out_raw(&t->alerts, d->json);
		t->count++;
	}
	document_put(d);
}

// NULL: there is nothing to look at, errno says why.
static struct query_trial *
trial_create(struct query_engine *e, struct dimension *d)
{
	struct query_trial *t;

	if (d == NULL || !e->started || e->index == e->start_index) {
		errno = d == NULL ? ENOENT : EAGAIN;
		return NULL;
	}
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	t->engine = e;
	t->dimension = d;
	d->trials++;
	t->exact = true;
	t->start = e->start_index;
	t->last = e->index - 1;
	// What was before the dimension, or is not retained, is not known.
	t->first = RTE_MAX(t->start, d->history.forgotten_end);
	json_out_open(&t->alerts, '[');
	return t;
}

void
query_trial_free(struct query_trial *t)
{
	if (t == NULL)
		return;
	if (t->query.window != NULL)
		dimension_drop_window(t->dimension, t->query.window);
	alerts_free(t->query.alerts);
	limit_window_fini(&t->window);
	t->dimension->trials--;
	engine_unused_drop(t->engine);
	json_out_free(&t->alerts);
	free(t);
}

static struct query_trial *
trial_fail(struct query_trial *t)
{
	query_trial_free(t);
	errno = ENOMEM;
	return NULL;
}

struct document *
query_trial_result(struct query_trial *t)
{
	uint64_t from_us = t->first * t->engine->pane_us;
	uint64_t to_us = (t->last + 1) * t->engine->pane_us;
	struct json_out *o = &t->engine->json;

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
	if (t->rc != 0 || t->alerts.failed || o->failed)
		return NULL;
	return document_create(DOCUMENT_ALERT, "", from_us, to_us, o->data, o->len);
}

// Windows that begin before the run are looked at, as they are in it; others only where all of them
// is retained.
static uint64_t
query_first(const struct query_trial *t)
{
	const struct query *q = &t->query;
	uint64_t length = q->spec.window_us / t->engine->pane_us;
	uint64_t slide = query_slide_slices(t->engine, q), from = t->first;

	if (from > t->start && length > 0)
		from += length - 1;
	return from + slide - 1 - from % slide;
}

struct query_trial *
query_trial_of_query(struct query_engine *e, const struct query_spec *spec)
{
	struct dimension *d = engine_dimension_find(e, &spec->dimension);
	struct query_trial *t = trial_create(e, d);

	if (t == NULL)
		return NULL;
	t->query.spec = *spec;
	t->query.dimension = d;
	t->query.alerts = alerts_create();
	t->query.window = dimension_window_apart(d, spec->window_us / e->pane_us);
	if (t->query.alerts == NULL || t->query.window == NULL)
		return trial_fail(t);
	t->next = query_first(t);
	return t;
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

// The window at the next slide; returns about how many items that took.
static uint64_t
query_look(struct query_trial *t)
{
	struct query_engine *e = t->engine;
	struct query *q = &t->query;
	struct alert_context c = {
		q->spec.name, q->dimension, &q->spec.op, &e->key_names,
		(t->next + 1) * e->pane_us, &e->json, trial_emit, t,
	};
	struct operator_view v;

	window_slide(q->window, &q->dimension->history, t->next);
	t->windows++;
	t->exact &= q->window->exact;
	v = view_of(q);
	if (operator_evaluate(&v, &q->spec.op, &e->rows) != 0 ||
			alerts_follow(q->alerts, &c, &v, &e->rows) != 0)
		t->rc = -ENOMEM;
	t->next += query_slide_slices(e, q);
	return 2 * (uint64_t)q->window->count + 1;
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

static void
row_judge(struct query_trial *t)
{
	const struct limit_window *w = &t->window;
	uint64_t first = w->next - RTE_MIN(w->length, w->next);
	char key[LIMIT_KEY_LEN];
	struct limit_level next;
	enum limit_change change = limit_level_next(&t->level, &t->row.op, w->sum,
		limit_window_full(w), &next);
	const struct alert_text text = {
		.query = LIMIT_QUERY_NAME, .limit_name = t->row.name,
		.key = limit_match_text(&t->row.match, key), .value = w->sum, .limit = next.bound,
		.state = change == LIMIT_RAISED ? "raised" : "cleared",
		.at_us = w->next * t->engine->pane_us,
		.exact = t->exact && (first >= t->first || t->first == t->start),
	};

	t->level = next;
	t->windows++;
	if (change != LIMIT_SAME && alert_emit(&text, &t->engine->json, trial_emit, t) != 0)
		t->rc = -ENOMEM;
}

// The next slice; returns about how many items that took.
static uint64_t
row_look(struct query_trial *t)
{
	const struct history *h = &t->dimension->history;
	uint64_t bytes = 0, items = 1;

	t->exact &= t->next >= h->forgotten_end;
	t->at = RTE_MAX(t->at, h->base);
	while (t->at < h->end && history_at(h, t->at)->index < t->next)
		t->at++;
	if (t->at < h->end && history_at(h, t->at)->index == t->next) {
		const struct slice *s = history_at(h, t->at);

		bytes = slice_bytes(t->dimension, s, &t->row.match);
		t->exact &= slice_whole(s);
		items += s->count;
	}
	limit_window_slide(&t->window, t->next++, bytes);
	row_judge(t);
	return items;
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

struct query_trial *
query_trial_of_row(struct query_engine *e, const struct limit_row *row)
{
	struct query_trial *t = trial_create(e, row_dimension(e, &row->match));

	if (t == NULL)
		return NULL;
	t->of_row = true;
	t->row = *row;
	t->next = t->first;
	if (limit_window_init(&t->window, row->window_s * CLOCK_US_PER_S / e->pane_us,
			t->first) != 0)
		return trial_fail(t);
	return t;
}

bool
query_trial_step(struct query_trial *t, uint64_t items)
{
	uint64_t done = 0;

	while (t->next <= t->last && t->rc == 0 && done < items)
		done += t->of_row ? row_look(t) : query_look(t);
	return t->next > t->last || t->rc != 0;
}
