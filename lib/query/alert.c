/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/alert.h"

#include <errno.h>
#include <stdlib.h>

struct alert {
	uint64_t value;    // in the last window, at most
	uint64_t error;    // by which it may be less
	uint64_t bound;    // that it was outside of
	uint32_t inside;   // windows since then
	uint32_t window;   // number of the last window that it was outside in; 0: no alert here
};

// A key table gives each raised key a number, which the alerts go by.
struct alerts {
	struct key_table keys;
	struct alert *of;  // by id
	uint32_t window;   // that is being followed
};

struct alerts *
alerts_create(void)
{
	struct alerts *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->of = calloc(ALERTS_MAX + 1, sizeof(*a->of));
	if (a->of != NULL && key_table_init(&a->keys, ALERTS_MAX) == 0)
		return a;
	free(a->of);
	free(a);
	return NULL;
}

void
alerts_free(struct alerts *a)
{
	if (a == NULL)
		return;
	key_table_fini(&a->keys);
	free(a->of);
	free(a);
}

size_t
alerts_bytes(void)
{
	return sizeof(struct alerts) + (ALERTS_MAX + 1) * sizeof(struct alert) +
		key_table_capacity_bytes(ALERTS_MAX);
}

uint32_t
alerts_raised(const struct alerts *a)
{
	return a->keys.live;
}

int
alert_emit(const struct alert_text *t, struct json_out *o, query_emit_fn *emit, void *arg)
{
	struct document *d;

	json_out_reset(o);
	json_out_open(o, '{');
	json_out_key_str(o, "type", document_kind_name(DOCUMENT_ALERT));
	json_out_key_str(o, "query", t->query);
	if (t->limit_name != NULL)
		json_out_key_str(o, "limit_name", t->limit_name);
	json_out_key_str(o, "key", t->key);
	if (t->dimension != NULL)
		key_label_write(o, t->dimension, t->labelled, t->names);
	json_out_key_u64(o, "value", t->value);
	if (t->error > 0)
		json_out_key_u64(o, "error", t->error);
	json_out_key_u64(o, "limit", t->limit);
	json_out_key_str(o, "state", t->state);
	json_out_key_u64(o, "at_us", t->at_us);
	if (t->limit_name != NULL)
		json_out_key_bool(o, "exact", t->exact);
	json_out_close(o, '}');
	d = o->failed ? NULL : document_create(DOCUMENT_ALERT, t->query, t->at_us, t->at_us,
		o->data, o->len);
	if (d == NULL)
		return -ENOMEM;
	emit(d, arg);
	return 0;
}

static int
alert_tell(const struct alert_context *c, const struct query_key *key, const struct alert *alert,
	const char *state)
{
	char text[DIMENSION_TEXT_LEN];
	const struct alert_text t = {
		.query = c->query, .key = c->dimension->ops->text(c->dimension, key, text),
		.value = alert->value, .error = alert->error, .limit = alert->bound,
		.state = state, .at_us = c->at_us,
		.dimension = c->dimension, .labelled = key, .names = c->names,
	};

	return alert_emit(&t, c->json, c->emit, c->arg);
}

// A key is outside in this window: raised if it was not, or if it is outside of the other bound.
static int
outside(struct alerts *a, const struct alert_context *c, const struct query_key *key,
	uint64_t value, uint64_t error)
{
	uint32_t hash = key_table_hash(&a->keys, key);
	uint32_t id = key_table_find(&a->keys, key, hash);
	struct alert now = {
		.value = value, .error = error, .bound = operator_limit_bound(c->op, value),
		.window = a->window,
	};

	if (id != KEY_NONE && a->of[id].bound == now.bound) {
		a->of[id] = now;
		return 0;
	}
	if (id == KEY_NONE && a->keys.live == ALERTS_MAX)
		return 0;
	if (alert_tell(c, key, &now, "raised") != 0)
		return -ENOMEM;
	if (id == KEY_NONE)
		id = key_table_insert(&a->keys, key, hash);
	a->of[id] = now;
	return 0;
}

static int
alert_end(struct alerts *a, const struct alert_context *c, uint32_t id)
{
	if (alert_tell(c, &a->keys.entries[id].key, &a->of[id], "cleared") != 0)
		return -ENOMEM;
	a->of[id] = (struct alert){0};
	key_table_remove(&a->keys, id);
	return 0;
}

// The value of a key, without traffic as well.
static void
value_get(const struct operator_view *v, const struct query_key *key, struct alert *ret)
{
	const struct dimension *d = v->dimension;
	const struct window *w = v->window;
	uint32_t id = key_table_find(&d->keys, key, key_table_hash(&d->keys, key));

	if (id == KEY_NONE || w->where[id] == 0) {
		ret->value = ret->error = v->values.floor;
		return;
	}
	ret->value = values_get(&v->values, w->where[id] - 1);
	ret->error = values_error(&v->values, w->where[id] - 1);
}

// A key whose alert is raised, and which is in no row: inside, without traffic, or possibly outside.
// The last leaves the alert as it is.
static int
others(struct alerts *a, const struct alert_context *c, const struct operator_view *v,
	uint32_t id)
{
	const struct query_key *key = &a->keys.entries[id].key;
	struct alert *alert = &a->of[id];

	value_get(v, key, alert);
	if (operator_limit_outside(c->op, alert->value - alert->error, alert->value))
		return outside(a, c, key, alert->value, alert->error);
	if (!operator_limit_inside(c->op, alert->value - alert->error, alert->value))
		return 0;
	if (++alert->inside < c->op->clear_after)
		return 0;
	return alert_end(a, c, id);
}

int
alerts_follow(struct alerts *a, const struct alert_context *c, const struct operator_view *v,
	const struct rows *rows)
{
	int rc = 0;

	if (++a->window == 0)
		a->window = 1;
	for (uint32_t i = 0; i < rows->count; i++)
		if (outside(a, c, &c->dimension->keys.entries[rows->row[i].id].key,
				rows->row[i].value, rows->row[i].error) != 0)
			rc = -ENOMEM;
	for (uint32_t id = 1; id <= a->keys.used; id++)
		if (a->of[id].window != 0 && a->of[id].window != a->window &&
				others(a, c, v, id) != 0)
			rc = -ENOMEM;
	return rc;
}

int
alerts_clear(struct alerts *a, const struct alert_context *c)
{
	int rc = 0;

	for (uint32_t id = 1; id <= a->keys.used; id++)
		if (a->of[id].window != 0 && alert_end(a, c, id) != 0)
			rc = -ENOMEM;
	return rc;
}
