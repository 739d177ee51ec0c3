/* SPDX-License-Identifier: BSD-3-Clause */
// What the store keeps of each kind: bounds of age and bytes, totals of days, and their counts.
#include "store_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
age_is_bounded(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	uint64_t seqs[4];

	f->bounds.kept[DOCUMENT_RESULT].age_us = 300000;
	s = fixture_open(f);
	result_put(s, "q", 1);
	assert_int_equal(list_seqs(s, "q", 10, seqs, 4), 1);
	usleep(400000);
	result_put(s, "q", 2);
	assert_int_equal(list_seqs(s, "q", 10, seqs, 4), 1);
	assert_int_equal(seqs[0], 2);
	store_close(s, 0);
}

static void
bytes_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	uint64_t seqs[1], i;

	f->bounds.kept[DOCUMENT_RESULT].bytes = 1 << 20;
	s = fixture_open(f);
	for (i = 1; i <= 6000; i++) {
		struct document *d = result_make("q", i, 1000);

		while (store_put(s, d) != 0)
			usleep(1000);
		document_put(d);
		if (i % 500 == 0)
			list_seqs(s, "q", 1, seqs, 1);
	}
	assert_int_equal(list_seqs(s, "q", 1, seqs, 1), 1);
	assert_int_equal(seqs[0], 6000);
	assert_true(count_rows(f->path, "SELECT (page_count - freelist_count) * page_size FROM"
		" pragma_page_count, pragma_freelist_count, pragma_page_size") < 3 << 20);
	store_close(s, 0);
}

static void
daily_put(struct store *s, const char *host, uint64_t day, uint64_t bytes)
{
	char json[64];
	struct document *d;

	snprintf(json, sizeof(json), "{\"inBytes\":%lu}", (unsigned long)bytes);
	d = document_create(DOCUMENT_DAILY, host, day * 1000, (day + 1) * 1000, json, strlen(json));
	assert_int_equal(store_put(s, d), 0);
	document_put(d);
}

static void
daily_keep(void *arg, int rc, const char *json)
{
	assert_int_equal(rc, 0);
	__atomic_store_n((char **)arg, strdup(json), __ATOMIC_RELEASE);
}

static void
daily_is(struct store *s, const struct store_daily_query *q, const char *expected)
{
	char *json = NULL;

	assert_int_equal(store_daily_list(s, q, daily_keep, &json), 0);
	while (__atomic_load_n(&json, __ATOMIC_ACQUIRE) == NULL)
		usleep(1000);
	assert_string_equal(json, expected);
	free(json);
}

// A total gives way to the next one of its day and host; what is counted is what is there.
static void
daily_totals_replace(void **state)
{
	struct fixture *f = *state;
	struct store *s = fixture_open(f);
	struct store_stats st;

	daily_put(s, "a", 1, 10);
	daily_put(s, "b", 1, 20);
	daily_put(s, "a", 2, 30);
	daily_put(s, "a", 1, 1000);
	daily_put(s, "a", 1, 1000);
	daily_is(s, &(struct store_daily_query){.to_us = 9000, .limit = 9},
		"[{\"inBytes\":1000},{\"inBytes\":20},{\"inBytes\":30}]");
	daily_is(s, &(struct store_daily_query){.to_us = 9000, .limit = 1}, "[{\"inBytes\":1000}]");
	daily_is(s, &(struct store_daily_query){.from_us = 1000, .to_us = 1000, .after_host = "a",
		.limit = 9}, "[{\"inBytes\":20}]");
	daily_is(s, &(struct store_daily_query){.from_us = 1000, .to_us = 9000, .after_host = "a",
		.host = "a", .limit = 9}, "[{\"inBytes\":30}]");
	daily_is(s, &(struct store_daily_query){.from_us = 2001, .to_us = 9000, .limit = 9}, "[]");
	store_close(s, 0);
	s = fixture_open(f);
	store_stats_get(s, &st);
	assert_int_equal(st.kept[DOCUMENT_DAILY].rows, 3);
	assert_int_equal(st.kept[DOCUMENT_DAILY].bytes, 16 + 14 + 14 + 3 * STORE_ROW_BYTES);
	store_close(s, 0);
}

// A row whose text is no JSON any more: the others of its day are listed, as many as are asked for.
static void
damaged_total_is_left_out(void **state)
{
	struct fixture *f = *state;
	struct store *s = fixture_open(f);
	struct store_question page = {.type = STORE_DAILY_PAGE, .source = STORE_LOCAL,
		.daily = {.to_us = 9000, .limit = 1}};
	char *json;

	daily_put(s, "a", 1, 10);
	daily_put(s, "b", 1, 20);
	daily_put(s, "c", 1, 30);
	daily_is(s, &(struct store_daily_query){.to_us = 9000, .limit = 1}, "[{\"inBytes\":10}]");
	database_run(f->path, "UPDATE daily SET json = '{\"inBytes\":1' WHERE host = 'a'");
	daily_is(s, &(struct store_daily_query){.to_us = 9000, .limit = 2},
		"[{\"inBytes\":20},{\"inBytes\":30}]");
	assert_int_equal(history_wait(s, &page, &json), 0);
	assert_string_equal(json, "{\"totals\":[{\"inBytes\":20}],\"cursor\":\"1970-01-01/b\","
		"\"source\":\"local\",\"partial\":false}");
	free(json);
	store_close(s, 0);
}

static void
flow_put(struct store *s, uint64_t n)
{
	char json[64];
	struct document *d;

	snprintf(json, sizeof(json), "{\"type\":\"flow\",\"n\":%lu}", (unsigned long)n);
	d = document_create(DOCUMENT_FLOW, "", n, n, json, strlen(json));
	assert_int_equal(store_put(s, d), 0);
	document_put(d);
}

static bool
nothing_queued(const struct store_stats *st, uint64_t arg)
{
	return st->queued == 0 && st->stored >= arg;
}

// The bounds of one kind say nothing about the others, and what is counted is what is there, also
// after a restart.
static void
kinds_are_bounded_apart(void **state)
{
	static const char *const tables[] = {[DOCUMENT_RESULT] = "results",
		[DOCUMENT_ALERT] = "alerts", [DOCUMENT_FLOW] = "flows"};
	static const enum document_kind kinds[] = {DOCUMENT_RESULT, DOCUMENT_ALERT, DOCUMENT_FLOW};
	struct fixture *f = *state;
	struct store_stats st;
	struct store *s;
	char key[16], sql[128];
	unsigned int i;

	f->bounds.kept[DOCUMENT_FLOW].bytes = 100 * (STORE_ROW_BYTES + 60);
	f->bounds.kept[DOCUMENT_ALERT].bytes = 50 * (STORE_ROW_BYTES + 40);
	s = fixture_open(f);
	for (i = 1; i <= 1000; i++) {
		snprintf(key, sizeof(key), "%u", i);
		alert_put(s, key);
		flow_put(s, i);
		result_put(s, "q", i);
	}
	stats_wait(s, nothing_queued, 3000);
	store_close(s, 0);
	s = fixture_open(f);
	store_stats_get(s, &st);
	assert_int_equal(st.kept[DOCUMENT_RESULT].rows, 1000);
	assert_true(st.kept[DOCUMENT_ALERT].rows >= 45 && st.kept[DOCUMENT_ALERT].rows <= 60);
	assert_true(st.kept[DOCUMENT_FLOW].rows >= 95 && st.kept[DOCUMENT_FLOW].rows <= 130);
	for (i = 0; i < RTE_DIM(kinds); i++) {
		const char *table = tables[kinds[i]];

		snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
		assert_int_equal(count_rows(f->path, sql), st.kept[kinds[i]].rows);
		snprintf(sql, sizeof(sql), "SELECT sum(length(CAST(json AS BLOB)) + %d) FROM %s",
			STORE_ROW_BYTES, table);
		assert_int_equal(count_rows(f->path, sql), st.kept[kinds[i]].bytes);
		assert_true(st.kept[kinds[i]].bytes <= f->bounds.kept[kinds[i]].bytes);
	}
	assert_int_equal(count_rows(f->path, "SELECT max(end_us) FROM flows"), 1000);
	store_close(s, 0);
}

int
main(void)
{
#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		STORE_TEST(age_is_bounded),
		STORE_TEST(bytes_are_bounded),
		STORE_TEST(daily_totals_replace),
		STORE_TEST(damaged_total_is_left_out),
		STORE_TEST(kinds_are_bounded_apart),
	};

	return cmocka_run_group_tests_name("store_bounds", tests, NULL, NULL);
}
