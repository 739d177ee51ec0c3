/* SPDX-License-Identifier: BSD-3-Clause */
// Window arithmetic: a long random life of an engine (several workers, lost detail, parameters that
// change, empty slices, gaps that are skipped) against the brute-force model, result by result. A
// second engine gets the same panes with workers and deltas in another order: byte-equal results.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model.h"
#include "pane_build.h"
#include "query/engine.h"

#define WORKERS 3
#define ADDRESSES 40
#define STEPS 400
#define APPS 30

struct life {
	struct random random;
	struct model model;
	struct query_engine *engine;
	struct query_engine *shuffled;
	struct query_parameters parameters;
	unsigned int percent4, x4;  // H and X in quarters
	uint64_t pane_us;
	uint16_t apps[APPS];
	int64_t index;
	bool started;
	bool forgets;  // no memory for slices beyond T
	unsigned int seq;
};

static int64_t
length(const struct life *l)
{
	return (int64_t)(l->parameters.T * UINT64_C(1000000) / l->pane_us);
}

static void
parameters_choose(struct life *l)
{
	l->percent4 = 1 + (unsigned int)random_below(&l->random, 80);
	l->x4 = 1 + (unsigned int)random_below(&l->random, 12);
	l->parameters = (struct query_parameters){
		.H = l->percent4 / 4.0,
		.X = l->x4 / 4.0,
		.T = 1 + (uint32_t)random_below(&l->random, random_below(&l->random, 4) ? 12 : 90),
		.k = 1 + (uint32_t)random_below(&l->random, 20),
	};
}

// Some protocols; among them two ids of one name, where the table has that.
static void
apps_choose(struct life *l)
{
	const struct protocol_table *t = l->model.protocols;
	uint16_t count = protocol_count(t);

	for (unsigned int i = 0; i < APPS; i++)
		l->apps[i] = (uint16_t)random_below(&l->random, count);
	for (uint16_t a = 0; a < count; a++)
		for (uint16_t b = 0; b < a; b++)
			if (strcmp(protocol_name(t, a), protocol_name(t, b)) == 0) {
				l->apps[0] = a;
				l->apps[1] = b;
			}
}

static void
life_begin(struct life *l, uint64_t seed, uint64_t pane_us, bool forgets)
{
	*l = (struct life){.random = {seed}, .pane_us = pane_us, .forgets = forgets};
	l->model.protocols = protocol_table_create(NULL, NULL);
	assert_non_null(l->model.protocols);
	apps_choose(l);
	l->index = 1000;
	parameters_choose(l);
	l->engine = engine_build(pane_us, l->model.protocols, &l->parameters);
	l->shuffled = engine_build(pane_us, l->model.protocols, &l->parameters);
	assert_non_null(l->engine);
	assert_non_null(l->shuffled);
	if (forgets) {
		query_engine_set_retention(l->engine, 0);
		query_engine_set_retention(l->shuffled, 0);
	}
}

static void
life_end(struct life *l)
{
	query_engine_free(l->engine);
	query_engine_free(l->shuffled);
	model_free(&l->model);
	protocol_table_free((struct protocol_table *)(uintptr_t)l->model.protocols);
}

// Few distinct sizes, so that values tie.
static uint64_t
bytes_choose(struct random *r)
{
	return random_below(r, 2) ? 64 * (1 + random_below(r, 4)) : 1 + random_below(r, 1 << 26);
}

static struct pane *
pane_random(struct life *l)
{
	struct random *r = &l->random;
	uint32_t n = (uint32_t)random_below(r, random_below(r, 3) ? 12 : 60);
	struct pane *p = pane_build((uint64_t)l->index, n + 1);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t from = (uint32_t)random_below(r, ADDRESSES), to;

		do
			to = (uint32_t)random_below(r, ADDRESSES);
		while (address_version(from) != address_version(to));
		pane_build_add(p, from, to,
			l->apps[random_below(r, APPS)], 1 + random_below(r, 50), bytes_choose(r),
			random_below(r, 3) == 0);
	}
	if (n > 0 && random_below(r, 20) == 0)
		pane_build_lose(p);
	if (random_below(r, 3) == 0)
		p->packets += 1 + random_below(r, 5);  // discarded ones
	return p;
}

static void
slice_fold(struct life *l)
{
	struct pane *panes[WORKERS];
	unsigned int n = (unsigned int)random_below(&l->random, WORKERS + 1);

	for (unsigned int i = 0; i < n; i++) {
		panes[i] = pane_random(l);
		l->started |= panes[i]->packets > 0;
		assert_int_equal(query_engine_fold(l->engine, panes[i]), 0);
	}
	for (unsigned int i = n; i > 0; i--) {
		pane_build_shuffle(panes[i - 1], &l->random);
		assert_int_equal(query_engine_fold(l->shuffled, panes[i - 1]), 0);
		model_add(&l->model, panes[i - 1]);
	}
}

static double
number(const cJSON *o, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, name);

	assert_true(cJSON_IsNumber(item));
	return item->valuedouble;
}

static void
near(double value, double expected)
{
	if (!(fabs(value - expected) <= 1e-9 * fmax(1, fabs(expected))))
		fail_msg("%.17g found, %.17g expected", value, expected);
}

static bool
row_belongs(const struct life *l, const struct model_window *w, const char *type, unsigned int i)
{
	if (strcmp(type, "topk") == 0)
		return i < l->parameters.k;
	if (strcmp(type, "share") == 0)
		return model_share(w, i, l->percent4);
	assert_string_equal(type, "outlier");
	return model_outlier(w, i, l->x4);
}

static void
rows_check(const struct life *l, const cJSON *result, const struct model_window *w)
{
	const cJSON *op = cJSON_GetObjectItemCaseSensitive(result, "op");
	const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(op, "type"));
	const cJSON *row = cJSON_GetObjectItemCaseSensitive(result, "rows")->child;
	const cJSON *left = cJSON_GetObjectItemCaseSensitive(result, "left_out");
	double left_keys = 0, left_value = 0, left_most = 0;
	struct model_stats s;

	model_stats(w, &s);
	for (unsigned int i = 0; i < w->keys; i++) {
		double value = (double)w->key[i].bytes;

		if (!row_belongs(l, w, type, i)) {
			left_keys++;
			left_value += value;
			left_most = fmax(left_most, value);
			continue;
		}
		assert_non_null(row);
		assert_string_equal(w->key[i].text,
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "key")));
		assert_true(number(row, "value") == value);
		near(number(row, "share"), w->bytes > 0 ? value / (double)w->bytes : 0);
		assert_true(number(row, "error") == 0);
		near(number(row, "z"), s.sigma > 1e-6 ? (value - s.mean) / s.sigma : 0);
		row = row->next;
	}
	assert_null(row);
	assert_true(number(left, "keys") == left_keys);
	assert_true(number(left, "value") == left_value);
	assert_true(number(left, "most") == left_most);
}

static void
stats_check(const struct life *l, const cJSON *result, const struct model_window *w)
{
	const cJSON *stats = cJSON_GetObjectItemCaseSensitive(result, "stats");
	const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(result, "query"));
	struct model_stats s;

	assert_int_equal(stats != NULL, strstr(name, "outlier") != NULL);
	if (stats == NULL)
		return;
	model_stats(w, &s);
	near(number(stats, "mean"), s.mean);
	near(number(stats, "sigma"), s.sigma);
	assert_true(number(stats, "median") == s.median);
	assert_true(number(stats, "mad") == s.mad);
	near(number(stats, "max_z"), w->keys > 0 ? sqrt(w->keys - 1.0) : 0);
	assert_int_equal(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(stats, "can_fire")),
		16 * ((int)w->keys - 1) > (int)(l->x4 * l->x4));
}

static void
result_check(const struct life *l, const struct document *d, const struct model_window *w,
	const char *name)
{
	cJSON *result = cJSON_ParseWithLength(d->json, d->len);
	const cJSON *window = cJSON_GetObjectItemCaseSensitive(result, "window");
	const cJSON *total = cJSON_GetObjectItemCaseSensitive(result, "total");

	assert_non_null(result);
	assert_string_equal(d->name, name);
	assert_string_equal(name,
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(result, "query")));
	assert_true(number(result, "seq") == l->seq);
	assert_true(number(window, "start_us") == (double)w->first * (double)l->pane_us);
	assert_true(number(window, "end_us") == (double)(w->last + 1) * (double)l->pane_us);
	assert_true(d->end_us == (uint64_t)(w->last + 1) * l->pane_us);
	assert_true(number(total, "bytes") == (double)w->bytes);
	assert_true(number(total, "packets") == (double)w->packets);
	assert_true(number(total, "flows") == (double)w->flows);
	assert_true(number(result, "keys") == w->keys);
	assert_int_equal(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(result, "exact")), w->exact);
	stats_check(l, result, w);
	rows_check(l, result, w);
	cJSON_Delete(result);
}

static void
slice_advance(struct life *l)
{
	struct collect c = {0}, s = {0};
	struct model_window w[2];
	int64_t first = l->index - length(l) + 1;

	assert_int_equal(query_engine_advance(l->engine, (uint64_t)l->index, collect_emit, &c), 0);
	assert_int_equal(query_engine_advance(l->shuffled, (uint64_t)l->index, collect_emit, &s),
		0);
	assert_int_equal(c.count, l->started ? QUERY_BUILTINS : 0);
	assert_int_equal(s.count, c.count);
	l->seq += l->started;
	model_window(&l->model, false, first, l->index, &w[0]);
	model_window(&l->model, true, first, l->index, &w[1]);
	for (unsigned int i = 0; i < c.count; i++) {
		assert_string_equal(c.document[i]->json, s.document[i]->json);
		result_check(l, c.document[i], &w[i / 3], query_builtin_name(i));
	}
	collect_clear(&c);
	collect_clear(&s);
	if (l->forgets)
		model_forget(&l->model, first);
	l->index++;
}

static void
gap_skip(struct life *l)
{
	struct model_window w;

	l->index += (int64_t)random_below(&l->random, 2 * (uint64_t)length(l));
	assert_int_equal(query_engine_skip(l->engine, (uint64_t)l->index), 0);
	assert_int_equal(query_engine_skip(l->shuffled, (uint64_t)l->index), 0);
	// The window that ends with the gap.
	model_window(&l->model, true, l->index - length(l), l->index - 1, &w);
	if (l->started && w.exact)
		assert_int_equal(query_engine_windows_empty(l->engine), w.packets == 0);
	if (l->forgets)
		model_forget(&l->model, l->index - length(l));
}

static void
life_run(uint64_t seed, uint64_t pane_us, bool forgets)
{
	struct life *l = test_malloc(sizeof(*l));

	life_begin(l, seed, pane_us, forgets);
	for (unsigned int step = 0; step < STEPS; step++) {
		if (random_below(&l->random, 10) == 0) {
			parameters_choose(l);
			assert_int_equal(engine_set_parameters(l->engine, pane_us, &l->parameters),
				0);
			assert_int_equal(engine_set_parameters(l->shuffled, pane_us,
				&l->parameters), 0);
		} else if (random_below(&l->random, 25) == 0) {
			gap_skip(l);
		}
		if (random_below(&l->random, 4) != 0)
			slice_fold(l);
		slice_advance(l);
	}
	life_end(l);
	test_free(l);
}

static void
one_second_panes(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++)
		life_run(seed, 1000000, false);
}

static void
short_panes(void **state)
{
	(void)state;
	life_run(11, 100000, false);
	life_run(12, 500000, false);
}

static void
no_retention(void **state)
{
	(void)state;
	for (uint64_t seed = 21; seed <= 24; seed++)
		life_run(seed, seed % 2 ? 1000000 : 250000, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_second_panes),
		cmocka_unit_test(short_panes),
		cmocka_unit_test(no_retention),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
