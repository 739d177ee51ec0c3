/* SPDX-License-Identifier: BSD-3-Clause */
// Dry runs of limits and of queries with limits, against what was then told.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "limit_build.h"
#include "protocols_fixture.h"
#include "query/engine_try.h"

#define STEPS 400

#define TRIED "[{\"limit_name\":\"a\",\"source\":\"10.0.1.0/28\",\"min_bytes\":400,\"max_bytes\":2500," \
	"\"window_s\":4,\"clear_after\":2},{\"limit_name\":\"b\",\"destination\":\"10.0.1.2/31\"," \
	"\"max_bytes\":300,\"window_s\":5},{\"limit_name\":\"c\",\"source\":\"10.0.0.0/8\"," \
	"\"destination\":\"10.0.1.3\",\"max_bytes\":200,\"window_s\":2}]"
#define TRIED_QUERY "{\"name\":\"q\",\"key\":\"src_ip\",\"window_s\":4,\"slide_s\":2,\"op\":" \
	"{\"type\":\"limit\",\"max\":1500,\"clear_after\":2}}"

static void
told_add(struct json_out *told, const struct collect *out, const char *with)
{
	for (unsigned int i = 0; i < out->count; i++)
		if (strstr(out->document[i]->json, with) != NULL)
			json_out_raw(told, out->document[i]->json);
}

// All of a dry run, in steps; takes over t, which may be NULL.
static struct document *
trial_run(struct query_trial *t)
{
	struct document *d;

	if (t == NULL)
		return NULL;
	while (!query_trial_step(t, 20))
		;
	d = query_trial_result(t);
	query_trial_free(t);
	return d;
}

static void
trial_check(struct document *d, struct json_out *told, unsigned int windows)
{
	char begin[160];

	assert_non_null(d);
	json_out_close(told, ']');
	snprintf(begin, sizeof(begin), "{\"from_us\":%llu,\"to_us\":%llu,\"windows\":%u,\"exact\":true,"
		"\"alerts\":", T0 * 1000000ULL, (T0 + STEPS) * 1000000ULL, windows);
	assert_memory_equal(d->json, begin, strlen(begin));
	assert_memory_equal(d->json + strlen(begin), told->data, told->len);
	assert_string_equal(d->json + strlen(begin) + told->len, ",\"more\":0}");
	assert_in_range(told->len, 1000, 200000);
	json_out_free(told);
	document_put(d);
}

// A dry run after the fact tells what was told.
static void
dry_runs_tell_what_was_told(void **state)
{
	struct query_engine *e = engine_build(PANE_US, protocols, &QUERY_PARAMETERS_DEFAULT);
	struct limit_table *t = limit_table_build(TRIED);
	struct json_out told[4] = {0};
	struct random random = {5};
	struct pane *p;
	struct collect out = {.count = 0};
	struct query_set *s = set_build(PANE_US, &QUERY_PARAMETERS_DEFAULT, NULL, "[" TRIED_QUERY "]");

	(void)state;
	assert_int_equal(query_engine_apply(e, s, collect_emit, &out), 0);
	assert_int_equal(query_engine_set_limits(e, t, true, collect_emit, &out), 0);
	for (unsigned int i = 0; i < 4; i++)
		json_out_open(&told[i], '[');
	for (uint64_t i = 0; i < STEPS; i++) {
		p = limit_pane_random(&random, i);
		assert_int_equal(query_engine_fold(e, p), 0);
		assert_int_equal(query_engine_advance(e, T0 + i, collect_emit, &out), 0);
		pane_build_free(p);
		alerts_only(&out);
		told_add(&told[0], &out, "\"limit_name\":\"a\"");
		told_add(&told[1], &out, "\"limit_name\":\"b\"");
		told_add(&told[2], &out, "\"limit_name\":\"c\"");
		told_add(&told[3], &out, "\"query\":\"q\"");
		collect_clear(&out);
	}
	for (unsigned int i = 0; i < 3; i++)
		trial_check(trial_run(query_trial_of_row(e, &t->row[i])), &told[i], STEPS);
	trial_check(trial_run(query_trial_of_query(e, query_set_find(s, "q"))), &told[3], STEPS / 2);
	query_set_put(s);
	query_engine_free(e);
	limit_table_put(t);
}

// A dry run that is under way, of the query or of a row.
static struct query_trial *
trial_of(struct query_engine *e, const struct query_set *s, const struct limit_table *t, bool of_row)
{
	return of_row ? query_trial_of_row(e, &t->row[0]) :
		query_trial_of_query(e, query_set_find(s, "q"));
}

// Panes go on, and the query and the limit go, while it is: the answer is that of the beginning. Where
// slices were forgotten meanwhile it says so.
static void
dry_run_while_things_change(bool of_row)
{
	struct query_engine *e = engine_build(PANE_US, protocols, &QUERY_PARAMETERS_DEFAULT);
	struct query_set *s = set_build(PANE_US, &QUERY_PARAMETERS_DEFAULT, NULL, "[" TRIED_QUERY "]");
	struct query_set *none = set_build(PANE_US, &QUERY_PARAMETERS_DEFAULT, NULL, "[]");
	struct limit_table *t = limit_table_build(TRIED);
	struct collect out = {.count = 0};
	struct query_trial *trial = NULL;
	struct random random = {11};
	struct pane *p;
	struct document *at_once = NULL, *d;

	assert_int_equal(query_engine_apply(e, s, collect_emit, &out), 0);
	assert_int_equal(query_engine_set_limits(e, t, true, collect_emit, &out), 0);
	for (uint64_t i = 0; i < STEPS; i++) {
		if (i == STEPS / 2) {
			at_once = trial_run(trial_of(e, s, t, of_row));
			trial = trial_of(e, s, t, of_row);
			assert_false(query_trial_step(trial, 1));
			assert_int_equal(query_engine_apply(e, none, collect_emit, &out), 0);
			assert_int_equal(query_engine_set_limits(e, t, false, collect_emit, &out), 0);
		}
		p = limit_pane_random(&random, i);
		assert_int_equal(query_engine_fold(e, p), 0);
		assert_int_equal(query_engine_advance(e, T0 + i, collect_emit, &out), 0);
		pane_build_free(p);
		collect_clear(&out);
	}
	while (!query_trial_step(trial, 1))
		;
	d = query_trial_result(trial);
	assert_non_null(strstr(at_once->json, "raised"));
	assert_string_equal(d->json, at_once->json);
	document_put(d);
	query_trial_free(trial);

	assert_int_equal(query_engine_apply(e, s, collect_emit, &out), 0);
	assert_int_equal(query_engine_set_limits(e, t, true, collect_emit, &out), 0);
	for (uint64_t i = STEPS; i < STEPS + 12; i++) {
		p = pane_build(T0 + i, 1);
		pane_build_add(p, 0, 3, 0, 3, 100, true);
		assert_int_equal(query_engine_fold(e, p), 0);
		assert_int_equal(query_engine_advance(e, T0 + i, collect_emit, &out), 0);
		pane_build_free(p);
	}
	trial = trial_of(e, s, t, of_row);
	assert_false(query_trial_step(trial, 1));
	assert_int_equal(query_engine_skip(e, T0 + STEPS + 5000), 0);
	while (!query_trial_step(trial, 1))
		;
	d = query_trial_result(trial);
	assert_non_null(strstr(d->json, "\"exact\":false"));
	document_put(d);
	query_trial_free(trial);
	document_put(at_once);
	collect_clear(&out);
	query_engine_free(e);
	query_set_put(s);
	query_set_put(none);
	limit_table_put(t);
}

static void
dry_runs_take_steps(void **state)
{
	(void)state;
	dry_run_while_things_change(false);
	dry_run_while_things_change(true);
}

static void
dry_run_of_what_is_not_retained(void **state)
{
	struct query_engine *e = engine_build(PANE_US, protocols, &QUERY_PARAMETERS_DEFAULT);
	struct limit_table *t = limit_table_build(QUIET);
	struct collect out = {.count = 0};

	(void)state;
	assert_null(query_trial_of_row(e, &t->row[0]));
	assert_int_equal(errno, ENOENT);
	assert_int_equal(query_engine_set_limits(e, t, true, collect_emit, &out), 0);
	assert_null(query_trial_of_row(e, &t->row[0]));
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(query_engine_set_limits(e, t, false, collect_emit, &out), 0);
	assert_null(query_trial_of_row(e, &t->row[0]));
	assert_int_equal(errno, ENOENT);
	query_engine_free(e);
	limit_table_put(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dry_runs_tell_what_was_told),
		cmocka_unit_test(dry_runs_take_steps),
		cmocka_unit_test(dry_run_of_what_is_not_retained),
	};

	return cmocka_run_group_tests(tests, protocols_setup, protocols_teardown);
}
