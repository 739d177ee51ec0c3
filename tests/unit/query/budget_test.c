/* SPDX-License-Identifier: BSD-3-Clause */
// Bounds beyond the budget of keys: random traffic over more addresses than an engine may keep, against
// sums in plain arrays. Whatever the budget, every true value lies within its row's bounds, what no
// row shows is at most `unseen`, unmarked rows have their true place, nothing is said of a limit that
// is not so, and results are exact again once approximate slices have left the window.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pane_build.h"
#include "query/engine.h"
#include "truth.h"

#define ADDRESSES 200
#define SLICES 64
#define SHARE 3
#define LIMIT 3000

static const char *const metrics[QUERY_METRICS] = {"bytes", "packets", "flows"};
static const struct {
	unsigned int window, slide;  // 0: cumulative
} windows[] = {{1, 1}, {3, 1}, {10, 1}, {10, 5}, {12, 12}, {0, 1}, {0, 7}};

struct story {
	struct random random;
	struct truth truth;
	struct query_engine *engine;
	struct query_set *set;
	uint32_t budget;
	bool raised[ADDRESSES][QUERY_METRICS];
	unsigned int exact, approximate, unmarked, certain, alerts;
};

// Each metric and window as topk, share and limit, named after what it is.
static char *
queries_text(void)
{
	static const char *const ops[] = {
		"{\"type\":\"topk\",\"k\":1000}", "{\"type\":\"topk\",\"k\":7}",
		"{\"type\":\"share\",\"percent\":3}", "{\"type\":\"limit\",\"max\":3000}",
	};
	size_t size = 64 << 10, used = 0;
	char *text = test_malloc(size);

	for (unsigned int m = 0; m < QUERY_METRICS; m++)
		for (unsigned int w = 0; w < RTE_DIM(windows); w++)
			for (unsigned int o = 0; o < RTE_DIM(ops); o++) {
				char window[16] = "null";

				if (windows[w].window != 0)
					snprintf(window, sizeof(window), "%u", windows[w].window);
				used += (size_t)snprintf(text + used, size - used,
					"%c{\"name\":\"q%u.%u.%u\",\"key\":\"ip\",\"metric\":\"%s\","
					"\"op\":%s,\"window_s\":%s,\"slide_s\":%u}",
					used == 0 ? '[' : ',', m, w, o, metrics[m], ops[o], window,
					windows[w].slide);
			}
	snprintf(text + used, size - used, "]");
	return text;
}

static void
story_begin(struct story *s, uint64_t seed, uint32_t budget, size_t slices_bytes,
	const struct protocol_table *t)
{
	char *text = queries_text();

	*s = (struct story){.random = {seed}, .budget = budget};
	truth_begin(&s->truth, ADDRESSES, SLICES);
	s->engine = query_engine_create(1000000, t, NULL);
	assert_non_null(s->engine);
	query_engine_set_budget(s->engine, budget, slices_bytes);
	s->set = set_build(1000000, &QUERY_PARAMETERS_DEFAULT, NULL, text);
	assert_int_equal(query_engine_apply(s->engine, s->set, NULL, NULL), 0);
	test_free(text);
}

static void
story_end(struct story *s)
{
	query_engine_free(s->engine);
	query_set_put(s->set);
	truth_end(&s->truth);
}

// Some addresses are often there and heavy. Quiet slices have only a few of them.
static void
slice_fold(struct story *s, uint64_t slice, bool quiet)
{
	struct random *r = &s->random;
	uint32_t n = quiet ? 6 : 1 + (uint32_t)random_below(r, 400);
	struct pane *p = pane_build(slice, n);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t range = quiet ? 5 : random_below(r, 2) ? 12 : ADDRESSES;
		uint32_t from = (uint32_t)random_below(r, range), to = (uint32_t)random_below(r, range);
		uint64_t packets = 1 + random_below(r, from < 12 ? 40 : 4);
		uint64_t bytes = packets * (60 + random_below(r, 4) * 300);
		bool started = random_below(r, 3) == 0;

		pane_build_add(p, 3 * from, 3 * to, 0, packets, bytes, started);
		truth_add(&s->truth, slice, from, bytes, packets, started);
		truth_add(&s->truth, slice, to, bytes, packets, started);
	}
	p->packets += 1;  // results begin with the first slice, whatever is in it
	assert_int_equal(query_engine_fold(s->engine, p), 0);
	pane_build_free(p);
}

static const cJSON *
member(const cJSON *o, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, name);

	assert_non_null(item);
	return item;
}

static uint64_t
number(const cJSON *o, const char *name)
{
	return (uint64_t)member(o, name)->valuedouble;
}

static uint32_t
address_of(const cJSON *o)
{
	unsigned int a, b, c, d;

	assert_int_equal(sscanf(member(o, "key")->valuestring, "%u.%u.%u.%u", &a, &b, &c, &d), 4);
	return (a << 24 | b << 16 | c << 8 | d) - 0x0a0000feU;
}

// How many addresses truly come before this one.
static uint32_t
true_rank(const uint64_t *values, uint32_t address)
{
	uint32_t rank = 0;

	for (uint32_t i = 0; i < ADDRESSES; i++)
		rank += values[i] > values[address] || (values[i] == values[address] && i < address);
	return rank;
}

static void
row_check(struct story *s, const cJSON *row, uint32_t place, const uint64_t *values, bool exact)
{
	uint32_t address = address_of(row);
	uint64_t value = number(row, "value"), error = number(row, "error");

	assert_true(address < ADDRESSES);
	assert_true(error <= value);
	assert_in_range(values[address], value - error, value);
	assert_true(!exact || error == 0);
	if (cJSON_HasObjectItem(row, "swap"))
		assert_true(!exact);
	else
		assert_int_equal(true_rank(values, address), place);
	s->unmarked += !exact && !cJSON_HasObjectItem(row, "swap");
}

static bool
truly_picked(unsigned int op, uint64_t value, uint64_t total)
{
	return op == 2 ? value * 100 > SHARE * total : op == 3 ? value > LIMIT : value > 0;
}

static void
rows_check(struct story *s, const cJSON *result, unsigned int op, const uint64_t *values,
	uint64_t total)
{
	bool exact = cJSON_IsTrue(member(result, "exact")), shown[ADDRESSES] = {false};
	uint64_t unseen = exact ? 0 : number(result, "unseen"), last = UINT64_MAX;
	unsigned int k = op == 1 ? 7 : 1000;
	uint32_t place = 0;
	const cJSON *row;

	cJSON_ArrayForEach(row, member(result, "rows")) {
		uint32_t address = address_of(row);
		bool picked = truly_picked(op, values[address], total);

		row_check(s, row, place++, values, exact);
		assert_true(number(row, "value") <= last);
		last = number(row, "value");
		assert_false(shown[address]);
		shown[address] = true;
		if (op == 3)
			assert_true(picked);
		if (op == 2 && !cJSON_HasObjectItem(row, "uncertain")) {
			assert_true(picked);
			s->certain += !exact;
		}
	}
	// A limit's rows are those that are outside for sure.
	for (uint32_t i = 0; i < ADDRESSES && (exact || op != 3); i++)
		if (!shown[i] && truly_picked(op, values[i], total))
			assert_true(values[i] <= unseen || (place == k && values[i] <= last));
	s->exact += exact;
	s->approximate += !exact;
}

static void
result_check(struct story *s, const cJSON *result, uint64_t slice)
{
	uint64_t values[ADDRESSES], total;
	unsigned int m, w, o;

	if (sscanf(member(result, "query")->valuestring, "q%u.%u.%u", &m, &w, &o) != 3)
		return;  // a built-in one
	truth_window(&s->truth, m, slice, windows[w].window, values);
	total = truth_total(&s->truth, m, slice, windows[w].window);
	assert_int_equal(number(member(result, "total"), metrics[m]), total);
	rows_check(s, result, o, values, total);
}

// Alerts of the windows of one slice: what is raised is truly above, what is cleared truly is not.
static void
alert_check(struct story *s, const cJSON *alert, uint64_t slice)
{
	bool raised = strcmp(member(alert, "state")->valuestring, "raised") == 0;
	uint64_t values[ADDRESSES], value = number(alert, "value");
	uint64_t error = cJSON_HasObjectItem(alert, "error") ? number(alert, "error") : 0;
	uint32_t address = address_of(alert);
	unsigned int m, w, o;

	assert_int_equal(sscanf(member(alert, "query")->valuestring, "q%u.%u.%u", &m, &w, &o), 3);
	truth_window(&s->truth, m, slice, windows[w].window, values);
	assert_in_range(values[address], value - error, value);
	assert_int_equal(values[address] > LIMIT, raised);
	s->alerts++;
}

static void
emit(struct document *d, void *story)
{
	struct story *s = story;
	cJSON *json = cJSON_ParseWithLength(d->json, d->len);
	uint64_t slice = d->end_us / 1000000 - 1;

	assert_non_null(json);
	if (d->kind == DOCUMENT_ALERT)
		alert_check(s, json, slice);
	else
		result_check(s, json, slice);
	cJSON_Delete(json);
	document_put(d);
}

static void
preview_check(struct story *s, uint64_t slice)
{
	unsigned int m = (unsigned int)random_below(&s->random, QUERY_METRICS);
	unsigned int w = 1 + (unsigned int)random_below(&s->random, 14);
	struct query_spec spec = *query_set_find(s->set, "q0.0.0");
	uint64_t values[ADDRESSES];
	struct document *d;
	cJSON *json;

	spec.metric = m;
	spec.window_us = w * UINT64_C(1000000);
	d = preview_make(s->engine, &spec, NULL);
	assert_non_null(d);
	json = cJSON_ParseWithLength(d->json, d->len);
	// More slices than any window needs may be gone, which says `exact`; then nothing is known.
	if (cJSON_HasObjectItem(json, "unseen") && w <= 12) {
		truth_window(&s->truth, m, slice, w, values);
		rows_check(s, json, 0, values, truth_total(&s->truth, m, slice, w));
	}
	cJSON_Delete(json);
	document_put(d);
}

static void
story_run(uint64_t seed, uint32_t budget, size_t slices_bytes)
{
	struct protocol_table *t = protocol_table_create(NULL, NULL);
	struct story *s = test_malloc(sizeof(*s));

	story_begin(s, seed, budget, slices_bytes, t);
	for (uint64_t slice = 0; slice < SLICES; slice++) {
		struct dimension_stats d;

		if (random_below(&s->random, 8) != 0 || slice == 0)
			slice_fold(s, slice, slice % 40 >= 24);
		assert_int_equal(query_engine_advance(s->engine, slice, emit, s), 0);
		d = engine_dimension(s->engine, DIMENSION_IP);
		assert_true(d.keys <= budget && d.window_keys <= budget);
		if (slice > 0 && random_below(&s->random, 3) == 0)
			preview_check(s, slice);
	}
	// Below, all of it happened, or the rest says little.
	assert_true(s->exact > 100 && s->approximate > 100);
	assert_true(s->unmarked > 100 && s->certain > 100 && s->alerts > 100);
	story_end(s);
	test_free(s);
	protocol_table_free(t);
}

static void
small_budgets(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 2; seed++) {
		story_run(seed, 16, QUERY_SLICES_BYTES);
		story_run(seed + 100, 40 + 20 * (uint32_t)seed, QUERY_SLICES_BYTES);
		story_run(seed + 200, 150, QUERY_SLICES_BYTES);
	}
}

// Not the keys but the slices that windows need are too many.
static void
small_slices(void **state)
{
	(void)state;
	story_run(301, 1024, 20000);
	story_run(302, 1024, 40000);
	story_run(303, 200, 20000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_budgets),
		cmocka_unit_test(small_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
