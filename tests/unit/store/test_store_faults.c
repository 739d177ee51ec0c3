/* SPDX-License-Identifier: BSD-3-Clause */
// The store on a bad day: it says what is wrong, goes on, counts what it had to drop, and comes
// back when the fault is over.
#include "store_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clock.h"

static void
file_write(const char *path, const char *text, unsigned int times)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	while (times-- > 0)
		fputs(text, f);
	fclose(f);
}

// How many files of the folder hold this in their name; the last one's path in ret.
static unsigned int
files_like(const struct fixture *f, const char *part, char ret[512])
{
	DIR *folder = opendir(f->folder);
	struct dirent *e;
	unsigned int n = 0;

	assert_non_null(folder);
	while ((e = readdir(folder)) != NULL) {
		if (strstr(e->d_name, part) != NULL) {
			snprintf(ret, 512, "%s/%s", f->folder, e->d_name);
			n++;
		}
	}
	closedir(folder);
	return n;
}

static void
refuses(struct fixture *f, const char *reason)
{
	struct error err = {0};

	assert_null(store_open_limited(&f->params, &f->limits, &err));
	if (strstr(err.text, reason) == NULL || strstr(err.text, "--store") == NULL)
		fail_msg("expected --store and \"%s\" in: %s", reason, err.text);
	assert_string_equal(err.field, "--store");
}

static void
parent_that_is_a_file_is_refused(void **state)
{
	struct fixture *f = *state;
	char path[200], uri[220];

	snprintf(path, sizeof(path), "%s/file", f->folder);
	file_write(path, "x", 1);
	snprintf(uri, sizeof(uri), "sqlite:%s/weir.db", path);
	f->params.uri = uri;
	refuses(f, path);
}

static void
folder_is_refused(void **state)
{
	struct fixture *f = *state;
	char uri[220];

	snprintf(uri, sizeof(uri), "sqlite:%s", f->folder);
	f->params.uri = uri;
	refuses(f, f->folder);
}

static void
unknown_uri_is_refused(void **state)
{
	static const char *const uris[] = {"", "sqlite", "sqlite:", "nonesuch", "mysql:x", "none:"};
	struct fixture *f = *state;
	unsigned int i;

	for (i = 0; i < RTE_DIM(uris); i++) {
		f->params.uri = uris[i];
		refuses(f, "sqlite:PATH");
	}
}

static void
other_programs_database_is_refused_and_untouched(void **state)
{
	struct fixture *f = *state;
	char found[512];

	database_run(f->path, "CREATE TABLE theirs(x); INSERT INTO theirs VALUES(1)");
	refuses(f, "another program");
	assert_int_equal(files_like(f, "weir.db", found), 1);
	database_run(f->path, "SELECT x FROM theirs");
}

static void
newer_database_is_refused(void **state)
{
	struct fixture *f = *state;

	store_close(fixture_open(f), 0);
	database_run(f->path, "PRAGMA user_version=1000");
	refuses(f, "newer");
}

static void
works(struct fixture *f)
{
	struct store *s = fixture_open(f);
	uint64_t seqs[4];

	result_put(s, "q", 1);
	assert_int_equal(list_seqs(s, "q", 10, seqs, 4), 1);
	store_close(s, 0);
}

static void
garbage_is_set_aside_whole(void **state)
{
	struct fixture *f = *state;
	char aside[512] = "";
	struct stat st;

	file_write(f->path, "This is not a database. ", 1000);
	works(f);
	assert_int_equal(files_like(f, ".corrupt-", aside), 1);
	assert_int_equal(stat(aside, &st), 0);
	assert_int_equal(st.st_size, 24000);
	works(f);
	assert_int_equal(files_like(f, ".corrupt-", aside), 1);
}

static int64_t
integer(const char *path, const char *text)
{
	sqlite3_stmt *st;
	sqlite3 *db;
	int64_t n;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

// Overwrite the root page of a table.
static void
table_spoil(const struct fixture *f, const char *table)
{
	char text[128], junk[4096];
	int64_t page, size;
	int fd;

	snprintf(text, sizeof(text), "SELECT rootpage FROM sqlite_schema WHERE name='%s'", table);
	page = integer(f->path, text);
	size = integer(f->path, "PRAGMA page_size");
	assert_true(size > 0 && size <= (int64_t)sizeof(junk));
	memset(junk, 0xee, sizeof(junk));
	fd = open(f->path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, junk, (size_t)size, (page - 1) * size), size);
	close(fd);
}

static void
spoiled_outbox_is_found_at_start(void **state)
{
	struct fixture *f = *state;
	char aside[512];

	works(f);
	table_spoil(f, "outbox");
	works(f);
	assert_int_equal(files_like(f, ".corrupt-", aside), 1);
}

static void
spoiled_results_are_found_while_running(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	char aside[512];
	uint64_t seqs[4];

	works(f);
	table_spoil(f, "results");
	s = fixture_open(f);
	result_put(s, "q", 2);
	stats_wait(s, stored_reached, 1);
	assert_int_equal(list_seqs(s, "q", 10, seqs, 4), 1);
	assert_int_equal(seqs[0], 2);
	assert_int_equal(files_like(f, ".corrupt-", aside), 1);
	stats_wait(s, state_is_ok, 0);
	store_close(s, 0);
}

// A disk that spoils every file must not be filled with spoiled files.
static void
second_spoiled_file_has_to_wait(void **state)
{
	struct fixture *f = *state;
	struct store_stats st;
	struct store *s;
	char aside[512];
	uint64_t seqs[4];
	unsigned int aside_n;

	f->limits.set_aside_us = 3000000;
	works(f);
	table_spoil(f, "results");
	s = fixture_open(f);
	result_put(s, "q", 2);
	stats_wait(s, stored_reached, 1);
	// The log is folded into the file first, so that the junk is what is read.
	database_run(f->path, "PRAGMA wal_checkpoint(TRUNCATE); CREATE TABLE other(x)");
	table_spoil(f, "results");
	result_put(s, "q", 10);
	stats_wait(s, state_is_fault, 0);
	usleep(1200000);
	result_put(s, "q", 11);
	store_stats_get(s, &st);
	assert_true(state_is_fault(&st, 0));
	assert_int_equal(st.stored, 1);
	aside_n = files_like(f, ".corrupt-", aside);
	assert_true(aside_n >= 1 && aside_n <= 3);  // one file, perhaps with its log and index
	stats_wait(s, stored_reached, 3);
	assert_true(files_like(f, ".corrupt-", aside) > aside_n);
	assert_int_equal(list_seqs(s, "q", 10, seqs, 4), 2);
	store_close(s, 0);
}

struct lock {
	sqlite3 *db;
};

static void
lock_take(struct lock *l, const char *path)
{
	assert_int_equal(sqlite3_open(path, &l->db), SQLITE_OK);
	sqlite3_busy_timeout(l->db, 2000);
	assert_int_equal(sqlite3_exec(l->db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
}

static void
lock_release(struct lock *l)
{
	assert_int_equal(sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(l->db);
}

static void
locked_database_delays_but_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct store *s = fixture_open(f);
	struct document *d = result_make("posted", 1, 0);
	struct store_stats st;
	struct lock lock;
	uint64_t seqs[4];
	char *json;

	result_put(s, "q", 1);
	stats_wait(s, stored_reached, 1);
	lock_take(&lock, f->path);
	result_put(s, "q", 2);
	stats_wait(s, state_is_fault, 0);
	store_stats_get(s, &st);
	assert_non_null(strstr(st.state, "locked"));
	assert_int_equal(st.stored, 1);
	assert_int_equal(st.queued, 1);
	assert_int_equal(list_seqs(s, "q", 10, seqs, 4), 1);  // reading still works
	// But a list of alerts that lacks the newest is none, and its caller looks elsewhere.
	assert_int_equal(alerts_wait(s, &(struct store_query){.to_us = UINT64_MAX, .limit = 5}, &json),
		-EAGAIN);
	assert_non_null(strstr(json, "locked"));
	free(json);
	assert_int_equal(insert_wait(s, d, &json), -EBUSY);
	assert_non_null(strstr(json, "locked"));
	free(json);
	document_put(d);
	lock_release(&lock);
	stats_wait(s, stored_reached, 2);
	stats_wait(s, state_is_ok, 0);
	store_stats_get(s, &st);
	assert_int_equal(st.dropped, 0);
	assert_int_equal(list_seqs(s, "q", 10, seqs, 4), 2);
	store_close(s, 0);
}

static bool
all_taken(const struct store_stats *st, uint64_t arg)
{
	return st->queued + st->dropped == arg;
}

// Longer than the memory lasts: the oldest go, by count, and the newest are there afterwards.
static void
long_lock_drops_the_oldest(void **state)
{
	struct fixture *f = *state;
	struct store_stats st;
	struct store *s;
	struct lock lock;
	uint64_t seqs[1024], i;

	f->params.queue_size = 1024;
	s = fixture_open(f);
	lock_take(&lock, f->path);
	for (i = 1; i <= 1500; i++) {
		result_put(s, "q", i);
		if (i % 250 == 0)
			usleep(350000);
	}
	stats_wait(s, all_taken, 1500);
	store_stats_get(s, &st);
	assert_int_equal(st.dropped, 476);
	lock_release(&lock);
	stats_wait(s, stored_reached, 1024);
	assert_int_equal(list_seqs(s, "q", 10000, seqs, 1024), 1024);
	assert_int_equal(seqs[0], 1500);
	assert_int_equal(seqs[1023], 477);
	store_close(s, 0);
}

static void
close_under_a_lock_ends(void **state)
{
	struct fixture *f = *state;
	struct store *s = fixture_open(f);
	struct lock lock;
	uint64_t began_us = clock_monotonic_us();

	lock_take(&lock, f->path);
	result_put(s, "q", 1);
	store_close(s, 0);
	assert_true(clock_monotonic_us() - began_us < 5 * CLOCK_US_PER_S);
	lock_release(&lock);
}

static void
locked_at_start_begins_later(void **state)
{
	struct fixture *f = *state;
	struct lock lock;
	struct store *s;

	lock_take(&lock, f->path);
	s = fixture_open(f);
	result_put(s, "q", 1);
	stats_wait(s, state_is_fault, 0);
	lock_release(&lock);
	stats_wait(s, stored_reached, 1);
	stats_wait(s, state_is_ok, 0);
	store_close(s, 0);
}

// A small disk of our own, in a mount namespace of our own.
static bool
small_disk_mount(const char *folder)
{
	return unshare(CLONE_NEWNS) == 0 &&
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		mount("weir-test", folder, "tmpfs", 0, "size=2m") == 0;
}

static void
ballast_write(const char *path)
{
	static char block[4096];
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	while (write(fd, block, sizeof(block)) > 0)
		;
	close(fd);
}

static void
full_disk(void **state)
{
	struct fixture *f = *state;
	struct store_stats st;
	char ballast[128];
	struct store *s;
	uint64_t seqs[4], i;

	if (!small_disk_mount(f->folder)) {
		print_message("full_disk: needs the right to mount a tmpfs: %s\n",
			strerror(errno));
		skip();
	}
	snprintf(ballast, sizeof(ballast), "%s/ballast", f->folder);
	s = fixture_open(f);
	result_put(s, "q", 1);
	assert_int_equal(list_seqs(s, "q", 10, seqs, 4), 1);
	ballast_write(ballast);
	for (i = 2; i <= 100; i++) {
		struct document *d = result_make("q", i, 2000);

		assert_int_equal(store_put(s, d), 0);
		document_put(d);
	}
	stats_wait(s, state_is_fault, 0);
	store_stats_get(s, &st);
	assert_non_null(strstr(st.state, "full"));
	assert_int_equal(list_seqs(s, "q", 10, seqs, 4), 1);
	assert_int_equal(unlink(ballast), 0);
	stats_wait(s, stored_reached, 100);
	stats_wait(s, state_is_ok, 0);
	assert_int_equal(list_seqs(s, "q", 1, seqs, 4), 1);
	assert_int_equal(seqs[0], 100);
	store_close(s, 0);
	assert_int_equal(umount2(f->folder, MNT_DETACH), 0);
}

static void
read_only_disk(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	uint64_t seqs[4];

	works(f);
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
			mount(f->folder, f->folder, NULL, MS_BIND, NULL) != 0 ||
			mount(NULL, f->folder, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0) {
		print_message("read_only_disk: needs the right to mount: %s\n", strerror(errno));
		skip();
	}
	s = fixture_open(f);
	result_put(s, "q", 2);
	stats_wait(s, state_is_fault, 0);
	assert_int_equal(mount(NULL, f->folder, NULL, MS_REMOUNT | MS_BIND, NULL), 0);
	stats_wait(s, stored_reached, 1);
	stats_wait(s, state_is_ok, 0);
	assert_int_equal(list_seqs(s, "q", 10, seqs, 4), 2);
	store_close(s, 0);
	assert_int_equal(umount2(f->folder, MNT_DETACH), 0);
}

int
main(void)
{
#define FAULT_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		FAULT_TEST(parent_that_is_a_file_is_refused),
		FAULT_TEST(folder_is_refused),
		FAULT_TEST(unknown_uri_is_refused),
		FAULT_TEST(other_programs_database_is_refused_and_untouched),
		FAULT_TEST(newer_database_is_refused),
		FAULT_TEST(garbage_is_set_aside_whole),
		FAULT_TEST(spoiled_outbox_is_found_at_start),
		FAULT_TEST(spoiled_results_are_found_while_running),
		FAULT_TEST(second_spoiled_file_has_to_wait),
		FAULT_TEST(locked_database_delays_but_loses_nothing),
		FAULT_TEST(long_lock_drops_the_oldest),
		FAULT_TEST(close_under_a_lock_ends),
		FAULT_TEST(locked_at_start_begins_later),
		FAULT_TEST(full_disk),
		FAULT_TEST(read_only_disk),
	};

	return cmocka_run_group_tests_name("store faults", tests, NULL, NULL);
}
