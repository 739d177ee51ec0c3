/* SPDX-License-Identifier: BSD-3-Clause */
// Questions about what was stored: pages that stay in place, series, a server that is away.
#include "store_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"

#define DEAD_SERVER "mongodb://127.0.0.1:1/weir"  // nobody listens on port 1

// Ask and wait. 0 with the answer, which the caller deletes; else *ret is NULL.
static int
ask(struct store *s, const struct store_question *q, cJSON **ret)
{
	char *json = NULL;
	int rc = history_wait(s, q, &json);

	*ret = rc == 0 ? cJSON_Parse(json) : NULL;
	if (rc == 0 && *ret == NULL)
		fail_msg("no JSON: %s", json);
	free(json);
	return rc;
}

// What was put before is on the disk after this.
static void
settle(struct store *s)
{
	struct store_query q = {.limit = 1};

	assert_int_equal(list_wait(s, &q, NULL), 0);
}

static struct store_question
page_question(enum store_source source, uint32_t limit, const char *cursor)
{
	struct store_question q = {.type = STORE_RESULTS_PAGE, .source = source,
		.results = {.query = "q", .to_us = UINT64_MAX, .limit = limit}};

	if (cursor != NULL)
		assert_true(store_results_cursor_read(cursor, &q.results.to_us));
	return q;
}

static const cJSON *
member(const cJSON *o, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);

	if (v == NULL)
		fail_msg("no member %s", name);
	return v;
}

static void
text_is(const cJSON *o, const char *name, const char *expected)
{
	const char *text = cJSON_GetStringValue(member(o, name));

	if (text == NULL || strcmp(text, expected) != 0)
		fail_msg("%s is %s, not %s", name, text == NULL ? "no text" : text, expected);
}

// A page holds the results `from` down to `to`. Gives its cursor (free()), NULL if it is the last.
static char *
page_is(struct store *s, uint32_t limit, const char *cursor, unsigned int from, unsigned int to)
{
	const struct store_question q = page_question(STORE_AUTO, limit, cursor);
	const cJSON *results, *r;
	char *next = NULL;
	cJSON *page;

	assert_int_equal(ask(s, &q, &page), 0);
	results = member(page, "results");
	assert_int_equal(cJSON_GetArraySize(results), from >= to ? from - to + 1 : 0);
	cJSON_ArrayForEach(r, results)
		assert_int_equal(member(r, "seq")->valueint, from--);
	text_is(page, "source", "local");
	assert_true(cJSON_IsFalse(member(page, "partial")));
	if (!cJSON_IsNull(member(page, "cursor")))
		next = strdup(cJSON_GetStringValue(member(page, "cursor")));
	cJSON_Delete(page);
	return next;
}

// Newer results arrive and the oldest go between the pages: none comes twice, none is left out.
static void
pages_stay_in_place(void **state)
{
	struct fixture *f = *state;
	struct store *s = fixture_open(f);
	char *first, *second;
	uint64_t seq;

	for (seq = 1; seq <= 25; seq++)
		result_put(s, "q", seq);
	settle(s);
	first = page_is(s, 10, NULL, 25, 16);
	for (; seq <= 40; seq++)
		result_put(s, "q", seq);
	settle(s);
	database_run(f->path, "DELETE FROM results WHERE end_us <= 3000000");
	second = page_is(s, 10, first, 15, 6);
	assert_null(page_is(s, 10, second, 5, 4));
	free(second);
	second = page_is(s, 10, first, 15, 6);  // the same cursor, the same page
	free(first);
	free(second);
	assert_null(page_is(s, 100, NULL, 40, 4));
	store_close(s, 0);
}

static void
cursors_are_checked(void **state)
{
	static const char *const bad[] = {"", "newest", "before-", "before-00000000000f424",
		"before-00000000000f42400", "before-00000000000F4240", "before--0000000000f4240",
		"before- 0000000000f4240", "after-00000000000f4240"};
	uint64_t us;
	unsigned int i;

	(void)state;
	assert_true(store_results_cursor_read("before-00000000000f4240", &us));
	assert_int_equal(us, CLOCK_US_PER_S);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(store_results_cursor_read(bad[i], &us));
}

// A result that ends at `second`; value < 0: without the key.
static void
valued_put(struct store *s, unsigned int second, const char *key, long value)
{
	struct document *d;
	char json[512];

	snprintf(json, sizeof(json), "{\"query\":\"q\",\"key\":\"ip\",\"metric\":\"bytes\","
		"\"window\":{\"start_us\":%u000000,\"end_us\":%u000000},\"rows\":["
		"{\"key\":\"other\",\"value\":7},{\"key\":\"%s\",\"value\":%ld}]}", second - 10,
		second, value < 0 ? "none" : key, value < 0 ? 0 : value);
	d = document_create(DOCUMENT_RESULT, "q", (second - 10) * CLOCK_US_PER_S,
		second * CLOCK_US_PER_S, json, strlen(json));
	assert_int_equal(store_put(s, d), 0);
	document_put(d);
}

static struct store_question
series_question(const char *key, unsigned int from_s, unsigned int to_s, unsigned int step_s)
{
	struct store_question q = {.type = STORE_SERIES, .series = {.query = "q",
		.from_us = from_s * CLOCK_US_PER_S, .to_us = to_s * CLOCK_US_PER_S,
		.step_us = step_s * CLOCK_US_PER_S}};

	snprintf(q.series.key, sizeof(q.series.key), "%s", key);
	return q;
}

static void
series_is(struct store *s, const struct store_question *q, const char *points)
{
	cJSON *answer;
	char *text;

	assert_int_equal(ask(s, q, &answer), 0);
	text = cJSON_PrintUnformatted(member(answer, "points"));
	assert_string_equal(text, points);
	cJSON_free(text);
	cJSON_Delete(answer);
}

// Steps of 5 s: one with two values and a result without the key, one with results but without
// the key, one with nothing at all, one at the half-open end of the range.
static void
series_steps_are_told_apart(void **state)
{
	static const char points[] =
		"[{\"start_us\":100000000,\"end_us\":105000000,\"results\":3,\"listed\":2,"
		"\"min\":10,\"mean\":20,\"max\":30},"
		"{\"start_us\":105000000,\"end_us\":110000000,\"results\":1,\"listed\":0,"
		"\"min\":null,\"mean\":null,\"max\":null},"
		"{\"start_us\":115000000,\"end_us\":120000000,\"results\":1,\"listed\":1,"
		"\"min\":0,\"mean\":0,\"max\":0}]";
	struct store *s = fixture_open(*state);
	struct store_question q = series_question("10.0.0.1", 100, 120, 5);
	cJSON *answer;

	valued_put(s, 99, "10.0.0.1", 1000000);
	valued_put(s, 100, "10.0.0.1", 30);
	valued_put(s, 102, "10.0.0.1", 10);
	valued_put(s, 104, "10.0.0.1", -1);
	valued_put(s, 105, "10.0.0.10", 5);  // another key with the same beginning
	valued_put(s, 119, "10.0.0.1", 0);
	valued_put(s, 120, "10.0.0.1", 1000000);
	settle(s);
	series_is(s, &q, points);
	assert_int_equal(ask(s, &q, &answer), 0);
	text_is(answer, "metric", "bytes");
	assert_int_equal(member(answer, "window_us")->valueint, 10 * CLOCK_US_PER_S);
	assert_int_equal(member(answer, "results")->valueint, 5);
	cJSON_Delete(answer);
	store_close(s, 0);
}

static void
keys_with_escapes_are_found(void **state)
{
	static const char points[] = "[{\"start_us\":100000000,\"end_us\":101000000,"
		"\"results\":1,\"listed\":1,\"min\":4,\"mean\":4,\"max\":4}]";
	struct store *s = fixture_open(*state);
	struct store_question q = series_question("a\"b", 100, 101, 1);

	valued_put(s, 100, "a\\u0022b", 4);
	settle(s);
	series_is(s, &q, points);
	store_close(s, 0);
}

static void
ranges_are_bounded(void **state)
{
	struct store *s = fixture_open(*state);
	struct store_question q = series_question("k", 100, 100, 0);
	cJSON *answer;

	assert_int_equal(ask(s, &q, &answer), -EINVAL);
	q.series.to_us = q.series.from_us + 10001 * CLOCK_US_PER_S;
	q.series.step_us = CLOCK_US_PER_S;
	assert_int_equal(ask(s, &q, &answer), -EINVAL);
	q.series.to_us = UINT64_MAX;  // without a step there are few, whatever the range
	q.series.step_us = 0;
	assert_int_equal(ask(s, &q, &answer), 0);
	assert_int_equal(cJSON_GetArraySize(member(answer, "points")), 0);
	cJSON_Delete(answer);
	store_close(s, 0);
}

static void
source_that_is_not_there(void **state)
{
	struct fixture *f = *state;
	struct store_question q = page_question(STORE_MONGODB, 10, NULL);
	struct store *s = fixture_open(f);
	cJSON *answer;

	assert_int_equal(ask(s, &q, &answer), -ENOTSUP);
	store_close(s, 0);
	f->params.uri = "none";
	s = fixture_open(f);
	q = page_question(STORE_AUTO, 10, NULL);
	assert_int_equal(ask(s, &q, &answer), -ENOTSUP);
	store_close(s, 0);
}

// The local part, said to be one, where there may be more; all of it where there is no more to
// ask for.
static void
server_that_is_away(void **state)
{
	struct fixture *f = *state;
	struct store_question q = page_question(STORE_AUTO, 10, NULL);
	struct store *s;
	cJSON *answer;

	f->params.push_uri = DEAD_SERVER;
	s = fixture_open(f);
	result_put(s, "q", 5);
	result_put(s, "q", 6);
	settle(s);
	assert_int_equal(ask(s, &q, &answer), 0);
	assert_int_equal(cJSON_GetArraySize(member(answer, "results")), 2);
	assert_true(cJSON_IsTrue(member(answer, "partial")));
	assert_non_null(strstr(cJSON_GetStringValue(member(answer, "missing")), "MongoDB"));
	text_is(answer, "source", "local");
	text_is(answer, "cursor", "before-00000000004c4b40");  // there may be older ones
	cJSON_Delete(answer);
	q.results.limit = 2;  // the page is full without the server
	assert_int_equal(ask(s, &q, &answer), 0);
	assert_true(cJSON_IsFalse(member(answer, "partial")));
	cJSON_Delete(answer);
	q = page_question(STORE_AUTO, 10, NULL);
	q.results.from_us = 5 * CLOCK_US_PER_S;  // the local store holds all of the range
	assert_int_equal(ask(s, &q, &answer), 0);
	assert_true(cJSON_IsFalse(member(answer, "partial")));
	cJSON_Delete(answer);
	q = page_question(STORE_MONGODB, 10, NULL);
	assert_int_equal(ask(s, &q, &answer), -EIO);
	store_close(s, 0);
}

// Who keeps nothing has only the server to ask, and nothing to give without it.
static void
server_alone_that_is_away(void **state)
{
	struct fixture *f = *state;
	struct store_question q = page_question(STORE_AUTO, 10, NULL);
	struct store *s;
	cJSON *answer;

	f->params.uri = "none";
	f->params.push_uri = DEAD_SERVER;
	s = fixture_open(f);
	assert_int_equal(ask(s, &q, &answer), -EIO);
	store_close(s, 0);
}

// A file that is set aside while it is open for reading: what is read is the new one.
static void
new_file_is_read(void **state)
{
	struct fixture *f = *state;
	struct store *s = fixture_open(f);
	char moved[160];

	result_put(s, "q", 1);
	settle(s);
	free(page_is(s, 10, NULL, 1, 1));
	store_close(s, 0);
	s = fixture_open(f);
	free(page_is(s, 10, NULL, 1, 1));
	snprintf(moved, sizeof(moved), "%s.gone", f->path);
	assert_int_equal(rename(f->path, moved), 0);
	database_run(f->path, "CREATE TABLE results(id INTEGER PRIMARY KEY, query TEXT, end_us INTEGER,"
		" start_us INTEGER, stored_us INTEGER, json TEXT, UNIQUE(query, end_us));"
		"CREATE TABLE alerts(id INTEGER PRIMARY KEY, query, end_us, start_us, stored_us, json,"
		" UNIQUE(query, end_us, json));"
		"CREATE TABLE flows(id INTEGER PRIMARY KEY, end_us, start_us, stored_us, json);"
		"CREATE TABLE daily(id INTEGER PRIMARY KEY, host, end_us, start_us, stored_us, json,"
		" UNIQUE(start_us, host));"
		"CREATE TABLE usage(kind TEXT PRIMARY KEY, rows, bytes);"
		"CREATE TABLE captures_read(id INTEGER PRIMARY KEY, name, size, mtime_ns, head,"
		" read_us, UNIQUE(size, mtime_ns, head));"
		"CREATE TABLE outbox(id INTEGER PRIMARY KEY, kind, name, start_us, end_us, bytes,"
		" document);"
		"INSERT INTO results VALUES(1, 'q', 2000000, 1000000, 0, '{\"seq\":2}');");
	free(page_is(s, 10, NULL, 2, 2));
	store_close(s, 0);
}

static void
count_call(void *arg, int rc, const char *json)
{
	(void)rc;
	assert_non_null(json);
	__atomic_add_fetch((unsigned int *)arg, 1, __ATOMIC_RELAXED);
}

// More than the queue holds, then the end: each that was taken is answered once.
static void
close_answers_all(void **state)
{
	const struct store_question q = page_question(STORE_AUTO, 10, NULL);
	struct store *s = fixture_open(*state);
	unsigned int calls = 0, taken = 0, i;

	for (i = 0; i < 500; i++)
		taken += store_history_ask(s, &q, count_call, &calls) == 0;
	assert_in_range(taken, 1, 500);
	store_close(s, 0);
	assert_int_equal(__atomic_load_n(&calls, __ATOMIC_RELAXED), taken);
}

int
main(void)
{
#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		STORE_TEST(pages_stay_in_place),
		cmocka_unit_test(cursors_are_checked),
		STORE_TEST(series_steps_are_told_apart),
		STORE_TEST(keys_with_escapes_are_found),
		STORE_TEST(ranges_are_bounded),
		STORE_TEST(source_that_is_not_there),
		STORE_TEST(server_that_is_away),
		STORE_TEST(server_alone_that_is_away),
		STORE_TEST(new_file_is_read),
		STORE_TEST(close_answers_all),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
