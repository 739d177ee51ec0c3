/* SPDX-License-Identifier: BSD-3-Clause */
// Rows against earlier windows: places and values by brute force over all deltas; what is not retained
// is not told.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "model.h"
#include "pane_build.h"
#include "protocols_fixture.h"

#define PANE_US 1000000
#define START 1000
#define SLICES 90
#define WINDOW 12  // longer than the built-in queries', which retain theirs
#define PERIOD 17
#define ADDRESSES 12

struct run {
	struct query_engine *engine;
	struct model model;
	struct collect out;
	struct random random;
	uint64_t index;
	unsigned int known[2];  // results with each comparison
};

static void
run_begin(struct run *r, const char *list)
{
	*r = (struct run){.engine = query_engine_create(PANE_US, protocols, NULL), .index = START,
		.random = {3}, .model = {.protocols = protocols}};
	assert_non_null(r->engine);
	set_apply(r->engine, PANE_US, NULL, list, 1, &r->out);
}

static void
run_end(struct run *r)
{
	collect_clear(&r->out);
	query_engine_free(r->engine);
	model_free(&r->model);
}

// Few addresses and few values, so that keys come, go and are equal.
static void
slice(struct run *r)
{
	struct pane *p = pane_build(r->index, 16);
	uint64_t deltas = random_below(&r->random, 5) == 0 ? 0 : random_below(&r->random, 8);

	for (uint64_t i = 0; i < deltas || (i == 0 && r->index == START); i++)
		pane_build_add(p, 3 * (uint32_t)random_below(&r->random, ADDRESSES),
			3 * (uint32_t)random_below(&r->random, ADDRESSES), 1, 1,
			10 * (1 + random_below(&r->random, 4)), true);
	collect_clear(&r->out);
	assert_int_equal(query_engine_fold(r->engine, p), 0);
	assert_int_equal(query_engine_advance(r->engine, r->index, collect_emit, &r->out), 0);
	model_add(&r->model, p);
	r->index++;
}

static double
number(const cJSON *o, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);

	if (!cJSON_IsNumber(v))
		fail_msg("no number %s", name);
	return v->valuedouble;
}

// The row's place and value as they must be in this window; rank_name null where the key is not there.
static void
place_expect(const cJSON *row, const struct model_window *w, const char *rank_name,
	const char *value_name)
{
	const char *key = cJSON_GetObjectItemCaseSensitive(row, "key")->valuestring;

	for (unsigned int i = 0; i < w->keys; i++) {
		if (strcmp(w->key[i].text, key) != 0)
			continue;
		assert_int_equal(number(row, rank_name), i + 1);
		assert_int_equal(number(row, value_name), w->key[i].bytes);
		return;
	}
	assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(row, rank_name)));
	assert_int_equal(number(row, value_name), 0);
}

static void
result_expect(struct run *r, const cJSON *result)
{
	static const char *const names[2][3] = {{"previous", "previous_rank", "previous_value"},
		{"period", "period_rank", "period_value"}};
	static const int64_t lags[2] = {WINDOW, PERIOD};
	const cJSON *compare = cJSON_GetObjectItemCaseSensitive(result, "compare"), *row;
	int64_t last = (int64_t)r->index - 1;
	struct model_window w;

	model_window(&r->model, true, last - WINDOW + 1, last, &w);
	cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(result, "rows"))
		place_expect(row, &w, "rank", "value");
	for (unsigned int i = 0; i < 2; i++) {
		const cJSON *window = cJSON_GetObjectItemCaseSensitive(compare, names[i][0]);
		int64_t first = last - lags[i] - WINDOW + 1;

		assert_non_null(window);
		r->known[i] += cJSON_IsObject(window);
		if (cJSON_IsObject(window)) {
			assert_true(first >= START);
			assert_int_equal(number(window, "start_us"), first * PANE_US);
			assert_int_equal(number(window, "end_us"), (first + WINDOW) * PANE_US);
		}
		model_window(&r->model, true, first, first + WINDOW - 1, &w);
		cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(result, "rows")) {
			if (cJSON_IsObject(window))
				place_expect(row, &w, names[i][1], names[i][2]);
			else
				assert_null(cJSON_GetObjectItemCaseSensitive(row, names[i][1]));
		}
	}
}

static void
results_expect(struct run *r, unsigned int count)
{
	unsigned int found = 0;

	for (unsigned int i = 0; i < r->out.count; i++) {
		cJSON *result;

		if (r->out.document[i]->name[0] != 'c')
			continue;
		result = cJSON_Parse(r->out.document[i]->json);
		result_expect(r, result);
		cJSON_Delete(result);
		found++;
	}
	assert_int_equal(found, count);
}

#define QUERY(name, op) "{\"name\":\"" name "\",\"key\":\"ip\",\"op\":" op ",\"window_s\":12," \
	"\"compare\":{\"previous\":true,\"period_s\":17}}"
#define TOPK QUERY("c-topk", "{\"type\":\"topk\",\"k\":4}")
#define LIMIT QUERY("c-limit", "{\"type\":\"limit\",\"min\":150,\"max\":500,\"clear_after\":9}")

static void
places_as_by_brute_force(void **state)
{
	struct run r;

	(void)state;
	run_begin(&r, "[" TOPK "," LIMIT "]");
	for (unsigned int i = 0; i < SLICES; i++) {
		slice(&r);
		// Alerts of the limit come as well, under its name.
		for (unsigned int d = 0; d < r.out.count; d++)
			if (r.out.document[d]->kind == DOCUMENT_ALERT)
				r.out.document[d]->name[0] = 'a';
		results_expect(&r, 2);
	}
	// Known from the moment on that a whole earlier window was measured.
	assert_int_equal(r.known[0], 2 * (SLICES - 2 * WINDOW + 1));
	assert_int_equal(r.known[1], 2 * (SLICES - WINDOW - PERIOD + 1));
	run_end(&r);
}

static void
without_room_nothing_is_told(void **state)
{
	struct run r;

	(void)state;
	run_begin(&r, "[" TOPK "]");
	query_engine_set_retention(r.engine, 0);
	for (unsigned int i = 0; i < SLICES; i++) {
		slice(&r);
		results_expect(&r, 1);
	}
	assert_int_equal(r.known[0], 0);
	assert_int_equal(r.known[1], 0);
	run_end(&r);
}

// Room comes and goes: what is told is right.
static void
what_is_told_is_right(void **state)
{
	struct run r;

	(void)state;
	run_begin(&r, "[" TOPK "]");
	for (unsigned int i = 0; i < 6 * SLICES; i++) {
		if (random_below(&r.random, 20) == 0)
			query_engine_set_retention(r.engine, 800 * random_below(&r.random, 6));
		slice(&r);
		results_expect(&r, 1);
	}
	assert_in_range(r.known[0], 6, 6 * SLICES - 2 * WINDOW);
	assert_in_range(r.known[1], 6, r.known[0] - 1);
	run_end(&r);
}

// One that comes later is told what is retained at once, and goes without a trace.
static void
comes_and_goes(void **state)
{
	unsigned int known[2] = {0};
	uint64_t version = 1;
	struct run r;

	(void)state;
	run_begin(&r, "[]");
	for (unsigned int i = 0; i < SLICES; i++) {
		bool there = i / 7 % 2 == 1;

		set_apply(r.engine, PANE_US, NULL, there ? "[" TOPK "]" : "[]", ++version, &r.out);
		slice(&r);
		results_expect(&r, there);
		known[0] += there && i + 1 >= 2 * WINDOW;
		known[1] += there && i + 1 >= WINDOW + PERIOD;
	}
	assert_int_equal(r.known[0], known[0]);
	assert_int_equal(r.known[1], known[1]);
	run_end(&r);
}

// A gap: earlier windows have slid with the others.
static void
over_a_gap(void **state)
{
	struct run r;

	(void)state;
	run_begin(&r, "[" TOPK "]");
	for (unsigned int i = 0; i < SLICES; i++) {
		slice(&r);
		results_expect(&r, 1);
		if (i % 20 == 19 && query_engine_windows_empty(r.engine)) {
			r.index += 5;
			assert_int_equal(query_engine_skip(r.engine, r.index), 0);
		}
	}
	r.index += PERIOD;
	assert_int_equal(query_engine_skip(r.engine, r.index), 0);
	slice(&r);
	results_expect(&r, 1);
	run_end(&r);
}

static void
refused(const char *fields, const char *field, const char *text)
{
	const struct query_context context = {.pane_us = PANE_US,
		.parameters = QUERY_PARAMETERS_DEFAULT};
	struct error_list errors = {.count = 0};
	struct query_spec spec;
	char query[512];
	cJSON *json;

	snprintf(query, sizeof(query), "{\"name\":\"q\",\"key\":\"ip\",\"op\":{\"type\":\"topk\",\"k\":1},%s}",
		fields);
	json = cJSON_Parse(query);
	assert_non_null(json);
	assert_int_not_equal(query_spec_parse(json, "", &context, &spec, &errors), 0);
	assert_string_equal(errors.error[0].field, field);
	if (strstr(errors.error[0].text, text) == NULL)
		fail_msg("%s: no '%s'", errors.error[0].text, text);
	cJSON_Delete(json);
}

static void
faults_are_told(void **state)
{
	(void)state;
	refused("\"window_s\":4,\"compare\":true", "compare", "an object");
	refused("\"window_s\":4,\"compare\":{\"previous\":1}", "compare.previous", "true or false");
	refused("\"window_s\":4,\"compare\":{\"period_s\":0}", "compare.period_s", "multiple of slide_s");
	refused("\"window_s\":4,\"slide_s\":2,\"compare\":{\"period_s\":5}", "compare.period_s",
		"multiple of slide_s (2 s)");
	refused("\"window_s\":4,\"compare\":{\"period_s\":3601}", "compare.period_s", "at most 3600");
	refused("\"window_s\":4,\"compare\":{\"last\":true}", "compare.last", "none of that name");
	refused("\"window_s\":4,\"compare\":{\"previous\":true,\"previous\":true}", "compare.previous",
		"once");
	refused("\"window_s\":null,\"compare\":{\"previous\":true}", "compare", "with a window_s");
	refused("\"window_s\":4,\"metric\":\"peers\",\"compare\":{\"previous\":true}", "compare",
		"bytes, packets or flows");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_as_by_brute_force),
		cmocka_unit_test(without_room_nothing_is_told),
		cmocka_unit_test(what_is_told_is_right),
		cmocka_unit_test(comes_and_goes),
		cmocka_unit_test(over_a_gap),
		cmocka_unit_test(faults_are_told),
	};

	return cmocka_run_group_tests(tests, protocols_setup, protocols_teardown);
}
