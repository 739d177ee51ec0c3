/* SPDX-License-Identifier: BSD-3-Clause */
// What a follower hands out and when it remembers: with a memory, readers and a clock of the
// test's.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "capture_build.h"
#include "port/capture_follow_private.h"

#define S CLOCK_US_PER_S
#define REMEMBERED_MAX 32

struct fixture {
	struct folder folder;
	struct capture_follow *f;
	uint64_t now_us;

	// the memory
	struct capture_id ids[REMEMBERED_MAX];
	char names[REMEMBERED_MAX][32];
	unsigned int remembered;
	int fault;  // of the memory, 0 none

	uint64_t accounted_us;
};

static int
memory_known(void *arg, const char *name, const struct capture_id *id, bool *ret)
{
	struct fixture *f = arg;

	(void)name;
	for (unsigned int i = 0; i < f->remembered; i++)
		*ret |= capture_id_compare(id, &f->ids[i]) == 0;
	return f->fault;
}

static int
memory_remember(void *arg, const char *name, const struct capture_id *id)
{
	struct fixture *f = arg;

	if (f->fault != 0)
		return f->fault;
	assert_true(f->remembered < REMEMBERED_MAX);
	f->ids[f->remembered] = *id;
	snprintf(f->names[f->remembered++], sizeof(f->names[0]), "%.31s", name);
	return 0;
}

static bool
accounted(void *arg, uint64_t clock_us)
{
	const struct fixture *f = arg;

	return clock_us < f->accounted_us;
}

// Begin to follow, or begin anew as after a restart: the memory stays.
static void
follow_begin(struct fixture *f, unsigned int readers)
{
	struct capture_follow_params params = {.folder = f->folder.path, .settle_us = 5 * S,
		.readers = readers, .pane_us = S, .memory = {memory_known, memory_remember, f},
		.accounted = accounted, .arg = f};
	struct error err;

	capture_follow_close(f->f);
	f->f = capture_follow_open(&params, &err);
	assert_non_null(f->f);
	capture_follow_step(f->f, f->now_us);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	f->now_us = 1000 * S;
	f->accounted_us = UINT64_MAX;
	return folder_make(&f->folder);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	capture_follow_close(f->f);
	folder_remove(&f->folder);
	free(f);
	return 0;
}

// A capture of one packet at `s` seconds.
static void
capture_make(struct fixture *f, const char *name, uint32_t s)
{
	struct bytes b = {0};

	pcap_header(&b, 0xa1b2c3d4, 1);
	pcap_record(&b, s, 0, 60, 60, 1);
	folder_write(&f->folder, name, &b);
	bytes_free(&b);
}

static void
step_after(struct fixture *f, uint64_t us)
{
	capture_follow_step(f->f, f->now_us += us);
}

// Let the follower see new files, and let them be unchanged for long enough.
static void
files_settle(struct fixture *f)
{
	step_after(f, 0);
	step_after(f, S / 4);
}

// A reader's next item by its file name, "" for a mere time, "-" for none.
static const char *
next_name(struct fixture *f, unsigned int reader)
{
	const struct capture_follow_item *item = capture_follow_next(f->f, reader);

	if (item == NULL)
		return "-";
	return item->fd < 0 ? "" : strrchr(item->path, '/') + 1;
}

static void
done_with(struct fixture *f, unsigned int reader, uint64_t clock_s, const char *fault)
{
	const struct capture_outcome o = {.clock_us = clock_s * S, .first_us = clock_s * S,
		.last_us = clock_s * S, .fault = fault};

	capture_follow_done(f->f, reader, &o);
}

static struct capture_follow_stats
stats_of(struct fixture *f)
{
	struct capture_follow_stats s;

	capture_follow_stats_get(f->f, &s);
	return s;
}

// All readers get the same, each at its own pace; a file is read when the last one is done.
static void
readers_agree(void **state)
{
	struct fixture *f = *state;
	char name[8];

	follow_begin(f, 3);
	for (char c = 'a'; c <= 'j'; c++) {
		snprintf(name, sizeof(name), "%c", c);
		capture_make(f, name, 100 + (uint32_t)c);
	}
	files_settle(f);
	for (char c = 'a'; c <= 'j'; c++) {
		snprintf(name, sizeof(name), "%c", c);
		for (unsigned int reader = 0; reader < 3; reader++) {
			assert_string_equal(next_name(f, reader), name);
			assert_int_equal(f->remembered, (unsigned int)(c - 'a'));
			done_with(f, reader, 100 + (uint64_t)c, NULL);
			step_after(f, 1000);
		}
	}
	assert_string_equal(next_name(f, 0), "-");
	assert_int_equal(stats_of(f).read, 10);
	assert_int_equal(stats_of(f).pending, 0);
}

// One reader runs ahead of another by no more than there are slots.
static void
nobody_runs_away(void **state)
{
	struct fixture *f = *state;
	char name[8];
	unsigned int ahead = 0;

	follow_begin(f, 2);
	for (char c = 'a'; c <= 'j'; c++) {
		snprintf(name, sizeof(name), "%c", c);
		capture_make(f, name, 100);
	}
	files_settle(f);
	for (int i = 0; i < 20; i++) {
		step_after(f, 1000);
		if (strcmp(next_name(f, 1), "-") != 0) {
			done_with(f, 1, 100, NULL);
			ahead++;
		}
	}
	assert_int_equal(ahead, FOLLOW_AHEAD);
	assert_string_equal(next_name(f, 0), "a");
	assert_int_equal(stats_of(f).pending, 10);
	assert_int_equal(f->remembered, 0);
}

// Remembered only when what was in it is in the results; a restart before that reads it again.
static void
at_least_once(void **state)
{
	struct fixture *f = *state;

	f->accounted_us = 0;
	follow_begin(f, 1);
	capture_make(f, "a", 100);
	capture_make(f, "b", 200);
	files_settle(f);
	assert_string_equal(next_name(f, 0), "a");
	done_with(f, 0, 100, NULL);
	step_after(f, 0);
	assert_int_equal(f->remembered, 0);
	f->accounted_us = 101 * S;
	done_with(f, 0, 200, NULL);
	step_after(f, 0);
	assert_int_equal(f->remembered, 1);
	assert_string_equal(f->names[0], "a");

	f->now_us += 10 * S;
	follow_begin(f, 1);
	step_after(f, 10 * S);
	assert_string_equal(next_name(f, 0), "b");
	assert_int_equal(stats_of(f).known, 1);
	f->accounted_us = UINT64_MAX;
	done_with(f, 0, 200, NULL);
	step_after(f, 0);
	assert_int_equal(f->remembered, 2);

	follow_begin(f, 1);
	step_after(f, 10 * S);
	assert_string_equal(next_name(f, 0), "-");
	assert_int_equal(stats_of(f).known, 2);
	assert_int_equal(stats_of(f).pending, 0);
}

// While the memory cannot tell, nothing is read, as it might be twice; what is read waits for it.
static void
memory_has_a_fault(void **state)
{
	struct fixture *f = *state;

	follow_begin(f, 1);
	f->fault = -EIO;
	capture_make(f, "a", 100);
	files_settle(f);
	step_after(f, 10 * S);
	assert_string_equal(next_name(f, 0), "-");
	assert_int_equal(stats_of(f).pending, 1);
	f->fault = 0;
	step_after(f, S);
	assert_string_equal(next_name(f, 0), "a");
	f->fault = -EIO;
	done_with(f, 0, 100, NULL);
	step_after(f, S);
	step_after(f, S);
	assert_int_equal(f->remembered, 0);
	f->fault = 0;
	step_after(f, S);
	assert_int_equal(f->remembered, 1);
}

// A renamed file is the same, one that has grown is another.
static void
same_or_another(void **state)
{
	struct fixture *f = *state;
	struct bytes b = {0};

	follow_begin(f, 1);
	capture_make(f, "a", 100);
	files_settle(f);
	done_with(f, 0, 100, NULL);
	assert_int_equal(rename(folder_path(&f->folder, "a"), folder_path(&f->folder, "b")), 0);
	files_settle(f);
	assert_string_equal(next_name(f, 0), "-");
	assert_int_equal(stats_of(f).known, 1);
	follow_begin(f, 1);
	step_after(f, 10 * S);
	assert_string_equal(next_name(f, 0), "-");

	pcap_header(&b, 0xa1b2c3d4, 1);
	pcap_record(&b, 100, 0, 60, 60, 1);
	pcap_record(&b, 101, 0, 60, 60, 1);
	folder_write(&f->folder, "b", &b);
	files_settle(f);
	assert_string_equal(next_name(f, 0), "b");
	bytes_free(&b);
}

static void
line_expect(void *arg, const char *line)
{
	const char **parts = arg;

	assert_non_null(strstr(line, *parts));
	(*parts) += strlen(*parts) + 1;
}

static void
bad_files(void **state)
{
	struct fixture *f = *state;
	const char *parts = "bad: starts with 61 62 63 64\0" "c: cut\0";
	const struct bytes text = {.data = (uint8_t *)"abcdefgh", .n = 8};

	follow_begin(f, 1);
	folder_write(&f->folder, "bad", &text);
	capture_make(f, "c", 100);
	files_settle(f);
	assert_string_equal(next_name(f, 0), "c");
	assert_int_equal(stats_of(f).failed, 1);
	done_with(f, 0, 100, "c: cut");
	step_after(f, 0);
	assert_int_equal(stats_of(f).read, 1);
	assert_int_equal(stats_of(f).faults, 2);
	assert_int_equal(f->remembered, 1);  // read as far as it goes
	capture_follow_faults(f->f, line_expect, &parts);
	assert_int_equal(*parts, '\0');
	step_after(f, 100 * S);
	assert_int_equal(stats_of(f).failed, 1);  // said once
}

// The lines that are kept are bounded, and the newest.
static void
many_bad_files(void **state)
{
	struct fixture *f = *state;
	const struct bytes text = {.data = (uint8_t *)"abcdefgh", .n = 8};
	unsigned int kept = 0;
	char name[32];

	follow_begin(f, 1);
	for (int i = 0; i < 150; i++) {
		struct bytes t = text;
		uint8_t own[9];

		memcpy(own, text.data, 8);
		own[8] = (uint8_t)i;  // or they would be the same
		t.data = own;
		t.n = 9;
		snprintf(name, sizeof(name), "bad%03d", i);
		folder_write(&f->folder, name, &t);
	}
	files_settle(f);
	assert_int_equal(stats_of(f).failed, 150);
	for (uint64_t i = 50; i < 150; i++) {
		snprintf(name, sizeof(name), "bad%03d", (int)i);
		assert_non_null(strstr(f->f->faults[i % CAPTURE_FAULTS_KEPT], name));
		kept++;
	}
	assert_int_equal(kept, CAPTURE_FAULTS_KEPT);
}

// With no further file the clock goes on to the end of the pane, once: soon after an old capture,
// and after a live one not before the next one would have come.
static void
at_rest(void **state)
{
	struct fixture *f = *state;
	uint64_t live_s = clock_wall_us() / S - 2;
	const struct capture_outcome live = {.clock_us = live_s * S, .last_us = live_s * S,
		.first_us = (live_s - 60) * S};

	follow_begin(f, 1);
	step_after(f, 100 * S);
	assert_string_equal(next_name(f, 0), "-");  // no packet yet, no time
	capture_make(f, "a", 100);
	files_settle(f);
	done_with(f, 0, 100, NULL);
	step_after(f, 0);
	step_after(f, 4 * S);
	assert_string_equal(next_name(f, 0), "-");
	step_after(f, 2 * S);
	assert_string_equal(next_name(f, 0), "");
	assert_int_equal(capture_follow_next(f->f, 0)->clock_us, 101 * S);
	done_with(f, 0, 101, NULL);
	step_after(f, 100 * S);
	assert_string_equal(next_name(f, 0), "-");

	capture_make(f, "b", (uint32_t)live_s);
	files_settle(f);
	capture_follow_done(f->f, 0, &live);
	step_after(f, 0);
	step_after(f, 60 * S);
	assert_string_equal(next_name(f, 0), "-");
	step_after(f, 6 * S);
	assert_string_equal(next_name(f, 0), "");
	assert_int_equal(capture_follow_next(f->f, 0)->clock_us, (live_s + 1) * S);
}

static void
id_set(void **state)
{
	struct capture_id_set *s = capture_id_set_create(1000);
	struct capture_id id = {0};

	(void)state;
	for (uint64_t i = 0; i < 2500; i++) {
		id.size = i * 7919 % 2500;
		assert_int_equal(capture_id_set_add(s, &id), 0);
		assert_int_equal(capture_id_set_add(s, &id), 0);
	}
	for (uint64_t i = 0; i < 2500; i++) {
		id.size = i * 7919 % 2500;
		assert_int_equal(capture_id_set_has(s, &id), i >= 1500);
	}
	capture_id_set_free(s);
	capture_id_set_free(NULL);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(readers_agree),
		CASE(nobody_runs_away),
		CASE(at_least_once),
		CASE(memory_has_a_fault),
		CASE(same_or_another),
		CASE(bad_files),
		CASE(many_bad_files),
		CASE(at_rest),
		cmocka_unit_test(id_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
