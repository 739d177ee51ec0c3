/* SPDX-License-Identifier: BSD-3-Clause */
// The store without faults: what goes in comes out, once, in order, within its bounds.
#include "store_test.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clock.h"

static void
round_trip_newest_first(void **state)
{
	struct store *s = fixture_open(*state);
	uint64_t seqs[10];
	uint64_t order[] = {3, 1, 5, 2, 4};
	unsigned int i;

	for (i = 0; i < 5; i++)
		result_put(s, "ip-topk", order[i]);
	result_put(s, "other", 9);
	assert_int_equal(list_seqs(s, "ip-topk", 100, seqs, 10), 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(seqs[i], 5 - i);
	assert_int_equal(list_seqs(s, "", 100, seqs, 10), 6);
	assert_int_equal(seqs[0], 9);
	assert_int_equal(list_seqs(s, "no such query", 100, seqs, 10), 0);
	store_close(s, 0);
}

static void
text_comes_back_as_it_was(void **state)
{
	static const char json[] = "{\"type\":\"result\",\"n\":9223372036854775807,\"s\":0,"
		"\"t\":\"\\u00e4\\\"\"}";
	struct store *s = fixture_open(*state);
	struct store_query q = {.to_us = UINT64_MAX, .limit = 5};
	struct document *d = document_create(DOCUMENT_RESULT, "q", 1, 2, json, strlen(json));
	char *list, expected[256];

	assert_int_equal(store_put(s, d), 0);
	document_put(d);
	assert_int_equal(list_wait(s, &q, &list), 0);
	snprintf(expected, sizeof(expected), "[%s]", json);
	assert_string_equal(list, expected);
	free(list);
	store_close(s, 0);
}

static void
range_is_half_open_and_limit_holds(void **state)
{
	struct store *s = fixture_open(*state);
	struct store_query q = {.from_us = 3 * CLOCK_US_PER_S,
		.to_us = 6 * CLOCK_US_PER_S, .limit = 100};
	uint64_t seq, seqs[4];
	char *json;

	for (seq = 1; seq <= 10; seq++)
		result_put(s, "q", seq);
	assert_int_equal(list_wait(s, &q, &json), 0);
	assert_string_equal(json, "[{\"seq\":5,\"pad\":\"\"},{\"seq\":4,\"pad\":\"\"},"
		"{\"seq\":3,\"pad\":\"\"}]");
	free(json);
	assert_int_equal(list_seqs(s, "q", 2, seqs, 4), 2);
	assert_int_equal(seqs[0], 10);
	assert_int_equal(seqs[1], 9);
	assert_int_equal(list_seqs(s, "", 0, seqs, 4), 0);
	store_close(s, 0);
}

static void
survives_reopening(void **state)
{
	struct store *s = fixture_open(*state);
	uint64_t seqs[4];

	result_put(s, "q", 1);
	result_put(s, "q", 2);
	store_close(s, 0);
	s = fixture_open(*state);
	assert_int_equal(list_seqs(s, "q", 10, seqs, 4), 2);
	store_close(s, 0);
}

static void
repeats_change_nothing(void **state)
{
	struct store *s = fixture_open(*state);
	struct store_query q = {.to_us = UINT64_MAX, .limit = 5};
	struct document *again = result_make("q", 1, 7);
	char *json;

	result_put(s, "q", 1);
	result_put(s, "q", 1);
	assert_int_equal(store_put(s, again), 0);  // same query and window, other text
	assert_int_equal(insert_wait(s, again, &json), 0);
	assert_string_equal(json, "{\"inserted\":0}");
	free(json);
	document_put(again);
	assert_int_equal(list_wait(s, &q, &json), 0);
	assert_string_equal(json, "[{\"seq\":1,\"pad\":\"\"}]");
	free(json);
	store_close(s, 0);
}

static int64_t
count_rows(const char *path, const char *sql)
{
	sqlite3_stmt *st;
	sqlite3 *db;
	int64_t n;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

static void
alert_put(struct store *s, const char *key)
{
	char json[128];
	struct document *d;

	snprintf(json, sizeof(json), "{\"type\":\"alert\",\"key\":\"%s\"}", key);
	d = document_create(DOCUMENT_ALERT, "q", 5, 5, json, strlen(json));
	assert_int_equal(store_put(s, d), 0);
	document_put(d);
}

static void
alerts_of_one_moment_are_all_kept(void **state)
{
	struct fixture *f = *state;
	struct store *s = fixture_open(f);

	alert_put(s, "10.0.0.1");
	alert_put(s, "10.0.0.2");
	alert_put(s, "10.0.0.1");
	stats_wait(s, stored_reached, 3);
	assert_int_equal(count_rows(f->path, "SELECT count(*) FROM alerts"), 2);
	assert_int_equal(count_rows(f->path, "SELECT count(*) FROM results"), 0);
	store_close(s, 0);
}

static void
clear_and_insert(void **state)
{
	struct store *s = fixture_open(*state);
	struct document *d = result_make("posted", 8, 0);
	uint64_t seqs[4];
	char *json;

	result_put(s, "q", 1);
	result_put(s, "q", 2);
	assert_int_equal(clear_wait(s, &json), 0);
	assert_string_equal(json, "{\"deleted\":2}");
	free(json);
	assert_int_equal(list_seqs(s, "", 10, seqs, 4), 0);
	assert_int_equal(insert_wait(s, d, &json), 0);
	assert_string_equal(json, "{\"inserted\":1}");
	free(json);
	document_put(d);
	assert_int_equal(list_seqs(s, "posted", 10, seqs, 4), 1);
	assert_int_equal(seqs[0], 8);
	store_close(s, 0);
}

static void
insert_refuses_what_is_no_object(void **state)
{
	static const char *const bad[] = {
		"", "{", "[1]", "{\"a\":1,}", "{\"a\":01}", "{\"a\":1} {}", "{\"a\" 1}", "{a:1}",
		"{\"a\":\"\n\"}", "{\"a\":\"\\x\"}", "{\"a\":1,\"a\":2}", "null",
	};
	struct store *s = fixture_open(*state);
	uint64_t seqs[1];
	unsigned int i;

	for (i = 0; i < RTE_DIM(bad); i++) {
		struct document *d = document_create(DOCUMENT_RESULT, "q", 0, i, bad[i],
			strlen(bad[i]));
		char *json;

		assert_int_equal(insert_wait(s, d, &json), -EINVAL);
		assert_non_null(strstr(json, "JSON"));
		free(json);
		document_put(d);
	}
	assert_int_equal(list_seqs(s, "", 10, seqs, 1), 0);
	store_close(s, 0);
}

static void
commits_by_itself(void **state)
{
	struct fixture *f = *state;
	struct store *s = fixture_open(f);
	uint64_t began_us = clock_monotonic_us();

	result_put(s, "q", 1);
	stats_wait(s, stored_reached, 1);
	assert_true(clock_monotonic_us() - began_us < 900000);
	assert_int_equal(count_rows(f->path, "SELECT count(*) FROM results"), 1);
	store_close(s, 0);
}

static void
block(void *arg, int rc, const char *json)
{
	(void)rc, (void)json;
	sem_wait(arg);
}

// The store thread is held inside a reply: callers must be refused at once when the queue is full.
static void
full_queue_refuses_and_counts(void **state)
{
	struct fixture *f = *state;
	struct store_query q = {.to_us = UINT64_MAX, .limit = 1};
	struct store_stats st;
	struct document *d;
	struct store *s;
	unsigned int taken = 0, i;
	uint64_t began_us;
	sem_t go;

	sem_init(&go, 0, 0);
	f->params.queue_size = 64;
	s = fixture_open(f);
	assert_int_equal(store_results_list(s, &q, block, &go), 0);
	usleep(100000);
	began_us = clock_monotonic_us();
	for (i = 1; i <= 200; i++) {
		d = result_make("q", i, 0);
		taken += store_put(s, d) == 0;
		document_put(d);
	}
	assert_true(clock_monotonic_us() - began_us < 1000000);
	assert_int_equal(taken, 64);
	assert_int_equal(store_results_list(s, &q, block, &go), -ENOBUFS);
	store_stats_get(s, &st);
	assert_int_equal(st.dropped, 136);
	assert_int_equal(st.queued, 64);
	sem_post(&go);
	stats_wait(s, stored_reached, 64);
	store_stats_get(s, &st);
	assert_int_equal(st.queued, 0);
	assert_int_equal(st.dropped, 136);
	store_close(s, 0);
	sem_destroy(&go);
}

static void
count_call(void *arg, int rc, const char *json)
{
	assert_int_equal(rc, 0);
	assert_non_null(json);
	__atomic_add_fetch((unsigned int *)arg, 1, __ATOMIC_RELAXED);
}

static void
close_drains_and_answers(void **state)
{
	struct fixture *f = *state;
	struct store_query q = {.to_us = UINT64_MAX, .limit = 1};
	struct store *s = fixture_open(f);
	struct document *d = result_make("inserted", 7777, 0);
	unsigned int calls = 0, i;

	for (i = 1; i <= 3000; i++)
		result_put(s, "q", i);
	assert_int_equal(store_results_list(s, &q, count_call, &calls), 0);
	assert_int_equal(store_results_insert(s, d, count_call, &calls), 0);
	document_put(d);
	store_close(s, 0);
	assert_int_equal(calls, 2);
	assert_int_equal(count_rows(f->path, "SELECT count(*) FROM results"), 3001);
}

struct producer {
	struct store *store;
	pthread_t thread;
	unsigned int number, accepted;
};

#define PER_PRODUCER 5000

static void *
produce(void *arg)
{
	struct producer *p = arg;
	char query[16];
	unsigned int i;

	snprintf(query, sizeof(query), "p%u", p->number);
	for (i = 1; i <= PER_PRODUCER; i++) {
		struct document *d = result_make(query, i, 20);

		p->accepted += store_put(p->store, d) == 0;
		document_put(d);
	}
	return NULL;
}

static void
many_callers_lose_nothing_uncounted(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	struct producer p[4] = {{0}};
	unsigned int i, accepted = 0;
	struct store_stats st;

	f->params.queue_size = 1024;
	s = fixture_open(f);
	for (i = 0; i < 4; i++) {
		p[i] = (struct producer){.store = s, .number = i};
		assert_int_equal(pthread_create(&p[i].thread, NULL, produce, &p[i]), 0);
	}
	for (i = 0; i < 4; i++) {
		pthread_join(p[i].thread, NULL);
		accepted += p[i].accepted;
	}
	stats_wait(s, stored_reached, accepted);
	store_stats_get(s, &st);
	assert_int_equal(st.stored, accepted);
	assert_int_equal(st.stored + st.dropped, 4 * PER_PRODUCER);
	assert_int_equal(count_rows(f->path, "SELECT count(*) FROM results"), accepted);
	store_close(s, 0);
}

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
none_keeps_nothing_and_says_so(void **state)
{
	struct fixture *f = *state;
	struct store_query q = {.to_us = UINT64_MAX, .limit = 1};
	struct store_stats st;
	struct store *s;

	f->params.uri = "none";
	s = fixture_open(f);
	result_put(s, "q", 1);
	assert_int_equal(list_wait(s, &q, NULL), -ENOTSUP);
	assert_int_equal(clear_wait(s, NULL), -ENOTSUP);
	store_stats_get(s, &st);
	assert_int_equal(st.stored + st.dropped + st.queued, 0);
	assert_string_equal(st.state, "ok");
	assert_string_equal(st.push_state, "off");
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

static void
other_kinds_are_refused(void **state)
{
	struct store *s = fixture_open(*state);
	struct document *d = document_create(DOCUMENT_STATS, "", 0, 0, "{}", 2);

	assert_int_equal(store_put(s, d), -EINVAL);
	document_put(d);
	store_close(s, 0);
}

int
main(void)
{
#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		STORE_TEST(round_trip_newest_first),
		STORE_TEST(text_comes_back_as_it_was),
		STORE_TEST(range_is_half_open_and_limit_holds),
		STORE_TEST(survives_reopening),
		STORE_TEST(repeats_change_nothing),
		STORE_TEST(alerts_of_one_moment_are_all_kept),
		STORE_TEST(clear_and_insert),
		STORE_TEST(insert_refuses_what_is_no_object),
		STORE_TEST(commits_by_itself),
		STORE_TEST(full_queue_refuses_and_counts),
		STORE_TEST(close_drains_and_answers),
		STORE_TEST(many_callers_lose_nothing_uncounted),
		STORE_TEST(age_is_bounded),
		STORE_TEST(bytes_are_bounded),
		STORE_TEST(daily_totals_replace),
		STORE_TEST(damaged_total_is_left_out),
		STORE_TEST(kinds_are_bounded_apart),
		STORE_TEST(none_keeps_nothing_and_says_so),
		STORE_TEST(other_kinds_are_refused),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
