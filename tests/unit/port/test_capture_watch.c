/* SPDX-License-Identifier: BSD-3-Clause */
// When is a file in a watched folder finished: with inotify, without, and when events are lost.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "capture_build.h"
#include "port/capture_watch.h"

#define SETTLE_US (5 * CLOCK_US_PER_S)
#define CLOSED_US 250000
#define S CLOCK_US_PER_S

// Linked with --wrap=inotify_init1: a system without a free inotify instance.
int __real_inotify_init1(int flags);
int __wrap_inotify_init1(int flags);
static bool exhausted;

int
__wrap_inotify_init1(int flags)
{
	if (!exhausted)
		return __real_inotify_init1(flags);
	errno = EMFILE;
	return -1;
}

struct fixture {
	struct folder folder;
	struct capture_watch *w;
	uint64_t now_us;  // the time that the watcher is told
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	exhausted = false;
	f->now_us = 1000 * S;
	return folder_make(&f->folder);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	capture_watch_close(f->w);
	folder_remove(&f->folder);
	free(f);
	return 0;
}

static void
watch_begin(struct fixture *f)
{
	struct error err;

	f->w = capture_watch_open(f->folder.path, SETTLE_US, &err);
	assert_non_null(f->w);
	capture_watch_step(f->w, f->now_us);
}

// A file that is open for writing.
static int
file_begin(struct fixture *f, const char *name, const char *text)
{
	int fd = open(folder_path(&f->folder, name), O_CREAT | O_WRONLY | O_APPEND, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static void
file_make(struct fixture *f, const char *name, const char *text)
{
	close(file_begin(f, name, text));
}

// Last written `s` seconds ago.
static void
file_age(struct fixture *f, const char *name, uint64_t s)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
		{.tv_sec = (time_t)(clock_wall_us() / S - s)}};

	assert_int_equal(utimensat(AT_FDCWD, folder_path(&f->folder, name), times, 0), 0);
}

// Let time pass for the watcher; what it gives then, "-" for nothing.
static const char *
taken_after(struct fixture *f, uint64_t us)
{
	static struct capture_candidate c;

	f->now_us += us;
	capture_watch_step(f->w, f->now_us);
	if (!capture_watch_take(f->w, f->now_us, &c))
		return "-";
	if (c.fd < 0)
		return c.fault.text;
	close(c.fd);
	return c.name;
}

static void
closed_is_finished(void **state)
{
	struct fixture *f = *state;
	int fd;

	watch_begin(f);
	assert_string_equal(taken_after(f, S), "-");
	fd = file_begin(f, "a", "one");
	assert_string_equal(taken_after(f, S), "-");
	assert_int_equal(capture_watch_pending(f->w), 0);  // not looked at yet
	assert_string_equal(taken_after(f, 100 * S), "-"); // quiet, and open
	assert_int_equal(capture_watch_pending(f->w), 1);
	close(fd);
	assert_string_equal(taken_after(f, 0), "-");
	assert_string_equal(taken_after(f, CLOSED_US), "a");
	assert_int_equal(capture_watch_pending(f->w), 0);
	assert_string_equal(taken_after(f, 100 * S), "-");  // once
}

// Buffered writers leave a file empty for long; and nothing is finished that is empty.
static void
empty_is_nothing(void **state)
{
	struct fixture *f = *state;
	int fd;

	file_make(f, "old", "");
	watch_begin(f);
	fd = file_begin(f, "new", "");
	file_make(f, "touched", "");
	for (int i = 0; i < 5; i++)
		assert_string_equal(taken_after(f, 20 * S), "-");
	assert_int_equal(write(fd, "x", 1), 1);
	assert_string_equal(taken_after(f, 20 * S), "-");
	assert_string_equal(taken_after(f, 20 * S), "-");
	close(fd);
	assert_string_equal(taken_after(f, 0), "-");
	assert_string_equal(taken_after(f, CLOSED_US), "new");
}

// The time stamps may still change after the close, as zstd(1) does it; that is one file, not two.
static void
stamped_after_close(void **state)
{
	struct fixture *f = *state;

	watch_begin(f);
	file_make(f, "a", "x");
	assert_string_equal(taken_after(f, CLOSED_US / 2), "-");
	file_age(f, "a", 1000);
	assert_string_equal(taken_after(f, CLOSED_US), "-");
	assert_string_equal(taken_after(f, CLOSED_US), "a");
	assert_string_equal(taken_after(f, 100 * S), "-");
}

static void
moved_is_finished(void **state)
{
	struct fixture *f = *state;

	watch_begin(f);
	file_make(f, ".hidden", "x");
	file_make(f, "a.tmp", "x");
	file_make(f, "b.part", "x");
	file_make(f, "c.partial", "x");
	assert_string_equal(taken_after(f, 100 * S), "-");
	assert_int_equal(rename(folder_path(&f->folder, "a.tmp"), folder_path(&f->folder, "a")), 0);
	assert_int_equal(rename(folder_path(&f->folder, ".hidden"),
		folder_path(&f->folder, "tmp")), 0);
	assert_string_equal(taken_after(f, 0), "-");
	assert_string_equal(taken_after(f, CLOSED_US), "a");
	assert_string_equal(taken_after(f, 0), "tmp");
	assert_string_equal(taken_after(f, 100 * S), "-");
}

// Name order among those that are finished; what was there and is old does not wait.
static void
there_at_start(void **state)
{
	struct fixture *f = *state;
	int fd;

	file_make(f, "b", "x");
	file_make(f, "a", "x");
	file_make(f, "c", "x");
	file_age(f, "a", 10);
	file_age(f, "c", 10);
	fd = file_begin(f, "d", "x");
	file_age(f, "d", 10);
	watch_begin(f);
	assert_string_equal(taken_after(f, 0), "a");
	assert_string_equal(taken_after(f, 0), "c");
	assert_string_equal(taken_after(f, 0), "-");
	assert_string_equal(taken_after(f, SETTLE_US), "b");
	// Quiet since long, but somebody writes it: a capture of a quiet line.
	assert_string_equal(taken_after(f, 100 * S), "-");
	close(fd);
	assert_string_equal(taken_after(f, 0), "-");
	assert_string_equal(taken_after(f, CLOSED_US), "d");
	assert_string_equal(taken_after(f, 100 * S), "-");
}

static void
changed_is_another(void **state)
{
	struct fixture *f = *state;

	file_make(f, "a", "x");
	file_make(f, "b", "x");
	file_age(f, "a", 10);
	file_age(f, "b", 10);
	watch_begin(f);
	assert_string_equal(taken_after(f, 0), "a");
	assert_string_equal(taken_after(f, 0), "b");
	file_make(f, "a", "more");
	assert_string_equal(taken_after(f, 0), "-");
	assert_string_equal(taken_after(f, CLOSED_US), "a");
	assert_string_equal(taken_after(f, 0), "-");
}

// Links are complete when they are made, and nobody closes them.
static void
links(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkdir(folder_path(&f->folder, ".d"), 0700), 0);
	file_make(f, ".d/x", "x");
	file_age(f, ".d/x", 10);
	watch_begin(f);
	assert_int_equal(link(folder_path(&f->folder, ".d/x"), folder_path(&f->folder, "hard")), 0);
	assert_int_equal(symlink(".d/x", folder_path(&f->folder, "soft")), 0);
	assert_int_equal(symlink("nowhere", folder_path(&f->folder, "broken")), 0);
	assert_int_equal(mkfifo(folder_path(&f->folder, "fifo"), 0600), 0);
	assert_string_equal(taken_after(f, 5 * S), "-");  // seen by the next look through
	assert_string_equal(taken_after(f, SETTLE_US), "hard");
	assert_string_equal(taken_after(f, 0), "soft");
	assert_string_equal(taken_after(f, 100 * S), "-");
	unlink(folder_path(&f->folder, ".d/x"));
}

static void
without_inotify(void **state)
{
	struct fixture *f = *state;
	int fd;

	exhausted = true;
	watch_begin(f);
	assert_int_equal(capture_watch_fd(f->w), -1);
	fd = file_begin(f, "a", "x");
	for (int i = 0; i < 20; i++) {
		assert_string_equal(taken_after(f, S), "-");
		assert_int_equal(write(fd, "x", 1), 1);
	}
	close(fd);
	for (uint64_t us = 0; us < SETTLE_US; us += S)
		assert_string_equal(taken_after(f, S), "-");
	assert_string_equal(taken_after(f, S), "a");
	exhausted = false;
	assert_string_equal(taken_after(f, S), "-");
	file_make(f, "b", "x");
	taken_after(f, 0);
	assert_string_equal(taken_after(f, CLOSED_US), "b");  // it came back
}

// More events than the kernel keeps: all files all the same, each once.
static void
events_lost(void **state)
{
	struct fixture *f = *state;
	unsigned int queue = 0, n = 0;
	struct capture_candidate c;
	FILE *limit = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
	char name[32], last[NAME_MAX + 1] = "";

	if (limit == NULL || fscanf(limit, "%u", &queue) != 1 || queue > 20000)
		skip();
	fclose(limit);
	watch_begin(f);
	for (unsigned int i = 0; i < queue; i++) {  // two events each
		snprintf(name, sizeof(name), "%06u", i);
		file_make(f, name, "x");
	}
	capture_watch_step(f->w, f->now_us += S);
	capture_watch_step(f->w, f->now_us += SETTLE_US);
	while (capture_watch_take(f->w, f->now_us, &c)) {
		assert_true(strcmp(last, c.name) < 0);
		strcpy(last, c.name);
		close(c.fd);
		n++;
	}
	assert_int_equal(n, queue);
	assert_string_equal(taken_after(f, 100 * S), "-");
}

// The folder goes and comes back.
static void
folder_comes_back(void **state)
{
	struct fixture *f = *state;
	char moved[160];

	snprintf(moved, sizeof(moved), "%s-moved", f->folder.path);
	watch_begin(f);
	assert_int_equal(rename(f->folder.path, moved), 0);
	assert_string_equal(taken_after(f, S), "-");
	assert_int_equal(rmdir(moved), 0);
	assert_string_equal(taken_after(f, 10 * S), "-");
	assert_int_equal(mkdir(f->folder.path, 0700), 0);
	assert_string_equal(taken_after(f, 10 * S), "-");
	file_make(f, "a", "x");
	taken_after(f, 0);
	assert_string_equal(taken_after(f, CLOSED_US), "a");
	unlink(folder_path(&f->folder, "a"));
	assert_int_equal(rmdir(f->folder.path), 0);
	assert_string_equal(taken_after(f, 10 * S), "-");
	assert_int_equal(mkdir(f->folder.path, 0700), 0);
	file_make(f, "a", "x");
	assert_string_equal(taken_after(f, 10 * S), "-");
	assert_string_equal(taken_after(f, SETTLE_US), "a");
}

static void
refused(void **state)
{
	struct fixture *f = *state;
	struct error err;

	assert_null(capture_watch_open(folder_path(&f->folder, "nowhere"), 0, &err));
	assert_non_null(strstr(err.text, "nowhere: folder cannot be read: No such file"));
	file_make(f, "file", "x");
	assert_null(capture_watch_open(folder_path(&f->folder, "file"), 0, &err));
	assert_non_null(strstr(err.text, "Not a directory"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(closed_is_finished),
		CASE(empty_is_nothing),
		CASE(stamped_after_close),
		CASE(moved_is_finished),
		CASE(there_at_start),
		CASE(changed_is_another),
		CASE(links),
		CASE(without_inotify),
		CASE(events_lost),
		CASE(folder_comes_back),
		CASE(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
