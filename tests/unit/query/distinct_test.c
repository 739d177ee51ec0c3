/* SPDX-License-Identifier: BSD-3-Clause */
// Metrics that count different things, in an engine: when a result is complete, what a longer window
// and a preview have, how memory is bounded and told, what leaps of the clock do, and that nothing is
// there unless a query asks for it.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "pane_build.h"
#include "protocols_fixture.h"
#include "query/engine_preview.h"

#define PANE_US 1000000
#define QUERY(name, key, metric, window) "{\"name\":\"" name "\",\"key\":\"" key "\",\"metric\":\"" metric \
	"\",\"op\":{\"type\":\"topk\",\"k\":1000},\"window_s\":" window "}"

struct one {
	struct query_engine *engine;
	struct collect out;
	uint64_t index;
};

static void
one_ask(struct one *o, const char *list)
{
	set_apply(o->engine, PANE_US, NULL, list, 1, &o->out);
}

static void
one_begin(struct one *o, const char *list)
{
	*o = (struct one){.engine = query_engine_create(PANE_US, protocols, NULL), .index = 100};
	assert_non_null(o->engine);
	one_ask(o, list);
}

static void
one_end(struct one *o)
{
	collect_clear(&o->out);
	query_engine_free(o->engine);
}

// A slice in which each of `sources` addresses sends to `each` destinations, from number `first` on.
static void
one_slice(struct one *o, uint32_t sources, uint32_t first, uint32_t each)
{
	struct pane *p = pane_build(o->index, sources * each);

	for (uint32_t s = 0; s < sources; s++)
		for (uint32_t i = 0; i < each; i++)
			pane_build_add(p, 3 * s, 3 * (1000000 + first + i), 1, 1, 100, true);
	collect_clear(&o->out);
	assert_int_equal(query_engine_fold(o->engine, p), 0);
	assert_int_equal(query_engine_advance(o->engine, o->index++, collect_emit, &o->out), 0);
	pane_build_free(p);
}

static const char *
result_of(const struct one *o, const char *name)
{
	for (unsigned int i = 0; i < o->out.count; i++)
		if (strcmp(o->out.document[i]->name, name) == 0)
			return o->out.document[i]->json;
	fail_msg("no result of %s", name);
	return NULL;
}

// The newest result of `name`: complete or not, the largest value.
static void
expect(const struct one *o, const char *name, bool complete, uint64_t value)
{
	const char *json = result_of(o, name), *row = strstr(json, "\"value\":");

	if (strstr(json, complete ? "\"complete\":true" : "\"complete\":false") == NULL)
		fail_msg("complete is not %d: %s", complete, json);
	if ((row == NULL ? 0 : strtoull(row + 8, NULL, 10)) != value)
		fail_msg("value is not %lu: %s", value, json);
	assert_non_null(strstr(json, "\"exact\":false"));
}

static struct query_engine_stats
stats_of(const struct one *o)
{
	static struct query_engine_stats s;

	query_engine_stats_get(o->engine, &s);
	return s;
}

static void
nothing_without_a_query(void **state)
{
	uint64_t bytes;
	struct one o;

	(void)state;
	one_begin(&o, "[" QUERY("a", "ip", "bytes", "10") "]");
	one_slice(&o, 5, 0, 5);
	assert_int_equal(stats_of(&o).distinct_bytes, 0);
	bytes = engine_dimension(o.engine, DIMENSION_IP).bytes;
	one_ask(&o, "[" QUERY("a", "ip", "peers", "10") "]");
	assert_true(engine_dimension(o.engine, DIMENSION_IP).bytes > bytes + 16 * 1024);
	one_slice(&o, 5, 0, 5);
	assert_true(stats_of(&o).distinct_bytes > 0);
	one_ask(&o, "[" QUERY("a", "ip", "bytes", "10") "]");
	assert_int_equal(stats_of(&o).distinct_bytes, 0);
	assert_true(engine_dimension(o.engine, DIMENSION_IP).bytes < bytes + 1024);
	one_end(&o);
}

static void
complete_when_the_window_is(void **state)
{
	struct one o;

	(void)state;
	one_begin(&o, "[]");
	one_slice(&o, 2, 0, 9);
	one_ask(&o, "[" QUERY("w", "src_ip", "peers", "3") "," QUERY("c", "src_ip", "peers", "null") "]");
	for (uint32_t i = 0; i < 3; i++) {
		one_slice(&o, 2, 10 * i, 10);
		expect(&o, "w", i == 2, 10 * (i + 1));
		expect(&o, "c", false, 10 * (i + 1));
	}
	// A longer window has what the shorter one had kept.
	one_ask(&o, "[" QUERY("w", "src_ip", "peers", "5") "]");
	for (uint32_t i = 3; i < 6; i++) {
		one_slice(&o, 2, 10 * i, 10);
		expect(&o, "w", i >= 4, i == 3 ? 40 : 50);
	}
	one_end(&o);
}

static void
since_the_start_forgets_nothing(void **state)
{
	struct one o;

	(void)state;
	one_begin(&o, "[" QUERY("w", "src_ip", "peers", "2") "," QUERY("c", "src_ip", "peers", "null") "]");
	for (uint32_t i = 0; i < 20; i++) {
		one_slice(&o, 2, 10 * i, 10);
		expect(&o, "c", true, 10 * (i + 1));
		expect(&o, "w", true, i == 0 ? 10 : 20);
	}
	one_end(&o);
}

static struct query_spec
spec_of(const char *query)
{
	const struct query_context c = {.pane_us = PANE_US, .parameters = QUERY_PARAMETERS_DEFAULT};
	struct error_list errors = {.count = 0};
	cJSON *json = cJSON_Parse(query);
	struct query_spec spec;

	assert_int_equal(query_spec_parse(json, "", &c, &spec, &errors), 0);
	cJSON_Delete(json);
	return spec;
}

static struct document *
preview(struct one *o, const char *query)
{
	const struct query_spec spec = spec_of(query);

	return preview_make(o->engine, &spec, NULL);
}

static void
previews_need_the_metric(void **state)
{
	struct document *d;
	struct one o;

	(void)state;
	one_begin(&o, "[" QUERY("w", "src_ip", "peers", "4") "]");
	for (uint32_t i = 0; i < 9; i++)
		one_slice(&o, 2, 10 * i, 10);
	d = preview(&o, QUERY("p", "src_ip", "peers", "2"));
	assert_non_null(d);
	assert_non_null(strstr(d->json, "\"complete\":true"));
	assert_non_null(strstr(d->json, "\"value\":20,"));
	document_put(d);
	d = preview(&o, QUERY("p", "src_ip", "peers", "6"));
	assert_non_null(d);
	assert_non_null(strstr(d->json, "\"complete\":false"));
	assert_non_null(strstr(d->json, "\"value\":40,"));  // what the longest window has
	document_put(d);
	assert_null(preview(&o, QUERY("p", "src_ip", "ports", "2")));
	assert_int_equal(errno, ENOENT);
	assert_null(preview(&o, QUERY("p", "src_ip", "peers", "null")));
	assert_int_equal(errno, ENOENT);
	one_end(&o);
}

// What the open slice has seen is not in a preview, unless no moment comes without one.
static void
previews_wait_for_a_slice(void **state)
{
	const struct query_spec two = spec_of(QUERY("p", "src_ip", "peers", "2"));
	struct query_preview *v;
	struct document *d;
	struct pane *p;
	struct one o;

	(void)state;
	one_begin(&o, "[" QUERY("w", "src_ip", "peers", "4") "]");
	for (uint32_t i = 0; i < 5; i++)
		one_slice(&o, 2, 10 * i, 10);
	p = pane_build(o.index, 1);
	pane_build_add(p, 0, 3 * 2000000, 1, 1, 100, true);
	assert_int_equal(query_engine_fold(o.engine, p), 0);
	v = query_preview_begin(o.engine, &two, NULL);
	assert_false(query_preview_step(v, 1));
	assert_true(query_preview_waits(v));
	assert_int_equal(query_engine_advance(o.engine, o.index++, collect_emit, &o.out), 0);
	assert_true(query_preview_step(v, 1));
	assert_false(query_preview_waits(v));
	d = query_preview_result(v);
	assert_non_null(strstr(d->json, "\"value\":11,"));  // 10 of the slice before
	document_put(d);
	query_preview_free(v);
	pane_build_free(p);

	p = pane_build(o.index, 1);
	pane_build_add(p, 0, 3 * 2000000, 1, 1, 100, true);
	assert_int_equal(query_engine_fold(o.engine, p), 0);
	v = query_preview_begin(o.engine, &two, NULL);
	pane_build_free(p);
	for (uint64_t end = o.index + 5; o.index < end;) {
		assert_false(query_preview_step(v, 1));
		assert_int_equal(query_engine_advance(o.engine, o.index++, collect_emit, &o.out), 0);
		p = pane_build(o.index, 1);
		pane_build_add(p, 0, 3 * 2000000, 1, 1, 100, true);
		assert_int_equal(query_engine_fold(o.engine, p), 0);
		pane_build_free(p);
	}
	assert_true(query_preview_step(v, 1));
	document_put(query_preview_result(v));
	query_preview_free(v);

	// The query goes meanwhile.
	v = query_preview_begin(o.engine, &two, NULL);
	assert_false(query_preview_step(v, 1));
	one_ask(&o, "[]");
	assert_true(query_preview_step(v, 1));
	assert_null(query_preview_result(v));
	assert_int_equal(errno, ENOENT);
	query_preview_free(v);
	one_end(&o);
}

#define BUDGET 100000

static void
memory_is_bounded_and_told(void **state)
{
	uint64_t lost;
	struct one o;

	(void)state;
	one_begin(&o, "[]");
	query_engine_set_distinct(o.engine, BUDGET);
	one_ask(&o, "[" QUERY("w", "src_ip", "peers", "3") "]");
	for (uint32_t i = 0; i < 3; i++) {
		one_slice(&o, 50, 0, 20);
		expect(&o, "w", true, 20);
	}
	for (uint32_t i = 0; i < 5; i++) {
		one_slice(&o, 50, 1000 * i, 300);
		assert_true(stats_of(&o).distinct_bytes <= BUDGET);
		assert_non_null(strstr(result_of(&o, "w"), "\"complete\":false"));
	}
	assert_true(stats_of(&o).distinct_lost > 1000);
	// When what filled it is out of the window, there is room again.
	for (uint32_t i = 0; i < 3; i++)
		one_slice(&o, 50, 0, 1);
	lost = stats_of(&o).distinct_lost;
	for (uint32_t i = 0; i < 3; i++)
		one_slice(&o, 50, 0, 20);
	expect(&o, "w", true, 20);
	assert_int_equal(stats_of(&o).distinct_lost, lost);
	one_end(&o);
}

// Times in sketches have 24 bits.
static void
clocks_may_leap(void **state)
{
	struct one o;

	(void)state;
	one_begin(&o, "[" QUERY("w", "src_ip", "peers", "3") "," QUERY("c", "src_ip", "peers", "null") "]");
	for (uint32_t i = 0; i < 4; i++) {
		for (uint32_t j = 0; j < 4; j++) {
			one_slice(&o, 3, 100 * i + 10 * j, 10);
			expect(&o, "w", true, j < 2 ? 10 * (j + 1) : 30);
			expect(&o, "c", true, 40 * i + 10 * (j + 1));
		}
		o.index += UINT64_C(1) << (23 + i);
		assert_int_equal(query_engine_skip(o.engine, o.index), 0);
	}
	// One slice after the other across the end of the times, too.
	o.index = 100 + 5 * (UINT64_C(1) << 24) - 2;
	assert_int_equal(query_engine_skip(o.engine, RTE_MAX(o.index, UINT64_C(1) << 28)), 0);
	o.index = RTE_MAX(o.index, UINT64_C(1) << 28);
	for (uint32_t j = 0; j < 6; j++) {
		one_slice(&o, 3, 10 * j, 10);
		expect(&o, "w", true, j < 2 ? 10 * (j + 1) : 30);
	}
	one_end(&o);
}

// Keys go with the slices that hold them, and others get their numbers.
static void
keys_do_not_inherit(void **state)
{
	struct one o;

	(void)state;
	one_begin(&o, "[" QUERY("w", "dst_ip", "peers", "1") "]");
	query_engine_set_retention(o.engine, 0);
	for (uint32_t i = 0; i < 50; i++) {
		one_slice(&o, 1 + i % 7, 100 * i, 20);
		expect(&o, "w", true, 1 + i % 7);
	}
	one_end(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_without_a_query),
		cmocka_unit_test(complete_when_the_window_is),
		cmocka_unit_test(since_the_start_forgets_nothing),
		cmocka_unit_test(previews_need_the_metric),
		cmocka_unit_test(previews_wait_for_a_slice),
		cmocka_unit_test(memory_is_bounded_and_told),
		cmocka_unit_test(clocks_may_leap),
		cmocka_unit_test(keys_do_not_inherit),
	};

	return cmocka_run_group_tests(tests, protocols_setup, protocols_teardown);
}
