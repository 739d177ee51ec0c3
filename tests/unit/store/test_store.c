/* SPDX-License-Identifier: BSD-3-Clause */
// The store without faults: what goes in comes out, once, in order. Its bounds are in
// test_store_bounds.c.
#include "store_test.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
alert_at(struct store *s, const char *query, uint64_t at_us, const char *json)
{
	struct document *d = document_create(DOCUMENT_ALERT, query, at_us, at_us, json, strlen(json));

	assert_int_equal(store_put(s, d), 0);
	document_put(d);
}

static void
alerts_are(struct store *s, const struct store_query *q, const char *list, bool more)
{
	char *json, expected[256];

	assert_int_equal(alerts_wait(s, q, &json), 0);
	snprintf(expected, sizeof(expected), "{\"alerts\":[%s],\"more\":%s,\"source\":\"local\"}",
		list, more ? "true" : "false");
	assert_string_equal(json, expected);
	free(json);
}

// Newest first, those of one moment too, whatever the order they came in; and with nothing cut off in
// silence.
static void
alerts_are_listed(void **state)
{
	struct fixture *f = *state;
	struct store *s = fixture_open(f);

	alerts_are(s, &(struct store_query){.to_us = UINT64_MAX, .limit = 5}, "", false);
	alert_at(s, "b", 30, "{\"n\":9007199254740993}");
	alert_at(s, "a", 10, "{\"n\":1}");
	alert_at(s, "a", 20, "{\"n\":3}");
	alert_at(s, "a", 20, "{\"n\":2}");
	result_put(s, "a", 1);
	alerts_are(s, &(struct store_query){.to_us = UINT64_MAX, .limit = 4},
		"{\"n\":9007199254740993},{\"n\":2},{\"n\":3},{\"n\":1}", false);
	alerts_are(s, &(struct store_query){.to_us = UINT64_MAX, .limit = 3},
		"{\"n\":9007199254740993},{\"n\":2},{\"n\":3}", true);
	alerts_are(s, &(struct store_query){.query = "a", .to_us = UINT64_MAX, .limit = 1},
		"{\"n\":2}", true);
	alerts_are(s, &(struct store_query){.query = "b", .to_us = UINT64_MAX, .limit = 1},
		"{\"n\":9007199254740993}", false);
	alerts_are(s, &(struct store_query){.from_us = 10, .to_us = 20, .limit = 5}, "{\"n\":1}", false);
	alerts_are(s, &(struct store_query){.query = "none", .to_us = UINT64_MAX, .limit = 5}, "", false);
	assert_int_equal(clear_wait(s, NULL), 0);
	store_close(s, 0);
	s = fixture_open(f);  // results are gone, alerts stay
	alerts_are(s, &(struct store_query){.query = "b", .to_us = UINT64_MAX, .limit = 9},
		"{\"n\":9007199254740993}", false);
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
		STORE_TEST(alerts_are_listed),
		STORE_TEST(clear_and_insert),
		STORE_TEST(insert_refuses_what_is_no_object),
		STORE_TEST(commits_by_itself),
		STORE_TEST(full_queue_refuses_and_counts),
		STORE_TEST(close_drains_and_answers),
		STORE_TEST(many_callers_lose_nothing_uncounted),
		STORE_TEST(none_keeps_nothing_and_says_so),
		STORE_TEST(other_kinds_are_refused),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
