/* SPDX-License-Identifier: BSD-3-Clause */
// Which captures were read: what is the same one, over restarts; and that a capture is never remembered before its results are.
#include "store_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static const struct store_capture first = {"a.pcap", 1000, 1700000000123456789,
	"0123456789abcdef0123456789abcdef"};

static bool
is_known(struct store *s, const struct store_capture *c)
{
	char *json;
	bool known;

	assert_int_equal(known_wait(s, c, &json), 0);
	known = strcmp(json, "true") == 0;
	assert_true(known || strcmp(json, "false") == 0);
	free(json);
	return known;
}

static void
same_by_content(void **state)
{
	struct store *s = fixture_open(*state);
	struct store_capture c = first;

	assert_false(is_known(s, &first));
	assert_int_equal(remember_wait(s, &first, NULL), 0);
	assert_int_equal(remember_wait(s, &first, NULL), 0);
	assert_true(is_known(s, &first));
	snprintf(c.name, sizeof(c.name), "renamed");
	assert_true(is_known(s, &c));
	c.size++;
	assert_false(is_known(s, &c));
	c = first;
	c.mtime_ns++;
	assert_false(is_known(s, &c));
	c = first;
	c.head[31] = '0';
	assert_false(is_known(s, &c));
	store_close(s, 0);

	s = fixture_open(*state);
	assert_true(is_known(s, &first));
	store_close(s, 0);
}

// With the disk full nothing is remembered while results wait in front of it, and both work again.
static void
never_before_its_results(void **state)
{
	struct fixture *f = *state;
	struct store *s = fixture_open(f);
	uint64_t seqs[4];
	char *json;

	database_run(f->path, "CREATE TRIGGER full BEFORE INSERT ON results BEGIN"
		" SELECT raise(ABORT, 'no room'); END");
	result_put(s, "q", 1);
	assert_int_not_equal(remember_wait(s, &first, &json), 0);
	free(json);
	stats_wait(s, state_is_fault, 0);
	assert_int_equal(remember_wait(s, &first, &json), -EAGAIN);
	assert_non_null(strstr(json, "documents wait"));
	free(json);
	assert_false(is_known(s, &first));
	database_run(f->path, "DROP TRIGGER full");
	stats_wait(s, stored_reached, 1);
	assert_int_equal(remember_wait(s, &first, NULL), 0);
	assert_true(is_known(s, &first));
	assert_int_equal(list_seqs(s, "q", 10, seqs, 4), 1);
	store_close(s, 0);
}

static void
not_without_a_store(void **state)
{
	struct fixture *f = *state;
	struct store *s;

	f->params.uri = "none";
	s = fixture_open(f);
	assert_int_equal(store_capture_known(s, &first, NULL, NULL), -ENOTSUP);
	assert_int_equal(store_capture_remember(s, &first, NULL, NULL), -ENOTSUP);
	store_close(s, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(same_by_content),
		CASE(never_before_its_results),
		CASE(not_without_a_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
