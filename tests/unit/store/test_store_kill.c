/* SPDX-License-Identifier: BSD-3-Clause */
// kill -9 loses at most the last second: a child stores numbered documents and tells when each was
// handed over; it is killed in the middle; what it handed over more than a second before must be
// there, and nothing may be missing in between.
#include "store_test.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clock.h"

#define PACE_US 1000

struct handed {
	uint64_t seq;
	uint64_t at_us;
};

static void
child_run(struct fixture *f, int out)
{
	struct error err;
	struct store *s = store_open_limited(&f->params, &f->limits, &err);
	struct handed h = {0};

	if (s == NULL)
		_exit(1);
	for (;;) {
		struct document *d = result_make("q", ++h.seq, 200);

		if (store_put(s, d) != 0)
			_exit(2);
		document_put(d);
		h.at_us = clock_monotonic_us();
		if (write(out, &h, sizeof(h)) != sizeof(h))
			_exit(3);
		usleep(PACE_US);
	}
}

// The number of the last document that was handed over a second before killed_us.
static uint64_t
last_due(int in, uint64_t killed_us, uint64_t *ret_last)
{
	struct handed h;
	uint64_t due = 0;

	*ret_last = 0;
	while (read(in, &h, sizeof(h)) == sizeof(h)) {
		*ret_last = h.seq;
		if (h.at_us + CLOCK_US_PER_S <= killed_us)
			due = h.seq;
	}
	return due;
}

static void
stored_check(const char *path, uint64_t due, uint64_t last)
{
	sqlite3_stmt *st;
	sqlite3 *db;
	uint64_t rows, most;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*),"
		" coalesce(max(end_us), 0) / 1000000 FROM results", -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	rows = (uint64_t)sqlite3_column_int64(st, 0);
	most = (uint64_t)sqlite3_column_int64(st, 1);
	sqlite3_finalize(st);
	sqlite3_close(db);
	print_message("due %lu, stored %lu, handed over %lu\n", (unsigned long)due,
		(unsigned long)rows, (unsigned long)last);
	assert_int_equal(rows, most);  // no holes: they are numbered from 1
	assert_true(rows >= due);
	assert_true(rows <= last + 1);
}

static void
kill_after(struct fixture *f, uint64_t run_us)
{
	uint64_t killed_us, due, last;
	int pipe_fds[2], status;
	struct store *s;
	uint64_t seqs[1];
	pid_t child;

	assert_int_equal(pipe(pipe_fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(pipe_fds[0]);
		child_run(f, pipe_fds[1]);
	}
	close(pipe_fds[1]);
	usleep((useconds_t)run_us);
	killed_us = clock_monotonic_us();
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	due = last_due(pipe_fds[0], killed_us, &last);
	close(pipe_fds[0]);
	assert_true(due > 0);
	stored_check(f->path, due, last);

	// The next start goes on from there.
	s = fixture_open(f);
	result_put(s, "after", 1);
	assert_int_equal(list_seqs(s, "after", 1, seqs, 1), 1);
	store_close(s, 0);
}

static void
kill_loses_at_most_a_second(void **state)
{
	kill_after(*state, 1900000);
}

static void
kill_at_another_moment(void **state)
{
	kill_after(*state, 1333000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kill_loses_at_most_a_second, fixture_setup,
			fixture_teardown),
		cmocka_unit_test_setup_teardown(kill_at_another_moment, fixture_setup,
			fixture_teardown),
	};

	return cmocka_run_group_tests_name("store kill -9", tests, NULL, NULL);
}
