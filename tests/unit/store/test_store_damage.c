/* SPDX-License-Identifier: BSD-3-Clause */
// Random bytes anywhere in the database file, and a file whose permission is lost: the store either
// reads what is there or sets the file aside; it never crashes, never lists what was not put in,
// and takes new documents within a second. The seed is printed; WEIR_TEST_ROUNDS for more.
#include "store_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define BEFORE 300  // results in the file

static void
file_fill(struct fixture *f)
{
	struct store *s = fixture_open(f);
	uint64_t i;

	for (i = 1; i <= BEFORE; i++) {
		struct document *d = result_make("q", i, (unsigned int)(i * 7 % 900));

		assert_int_equal(store_put(s, d), 0);
		document_put(d);
	}
	stats_wait(s, stored_reached, BEFORE);
	store_close(s, 0);
}

// Overwrite up to 64 bytes at a random place; every fourth time within the header.
static void
file_damage(const char *path, unsigned int *seed, unsigned int round)
{
	unsigned char junk[64];
	struct stat st;
	unsigned int i, n = 1 + (unsigned int)rand_r(seed) % sizeof(junk);
	off_t at;
	int fd = open(path, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	at = rand_r(seed) % (round % 4 == 0 ? 100 : st.st_size);
	for (i = 0; i < n; i++)
		junk[i] = (unsigned char)rand_r(seed);
	assert_int_equal(pwrite(fd, junk, n, at), n);
	close(fd);
}

// Every document of a list is one that was put in.
static void
list_is_true(const char *json)
{
	const char *at = json;

	while ((at = strstr(at, "{\"seq\":")) != NULL) {
		char expected[1024];
		unsigned long seq = strtoul(at + 7, NULL, 10);
		size_t pad = seq > BEFORE ? 0 : seq * 7 % 900;
		int n = sprintf(expected, "{\"seq\":%lu,\"pad\":\"", seq);

		memset(expected + n, 'x', pad);
		strcpy(expected + n + pad, "\"}");
		assert_true(seq >= 1 && seq <= BEFORE + 1);
		assert_memory_equal(at, expected, strlen(expected));
		at++;
	}
}

static void
goes_on(struct fixture *f)
{
	const struct store_query q = {.to_us = UINT64_MAX, .limit = 10000};
	struct error err = {0};
	struct store *s = store_open_limited(&f->params, &f->limits, &err);
	struct store_stats st;
	char *json;

	if (s == NULL) {
		// Damage that looks like a newer version, and nothing else, is refused.
		assert_non_null(strstr(err.text, "newer"));
		return;
	}
	if (list_wait(s, &q, &json) == 0)
		list_is_true(json);
	free(json);
	result_put(s, "q", BEFORE + 1);
	stats_wait(s, stored_reached, 1);
	stats_wait(s, state_is_ok, 0);
	// What is found only now is found by reading; after that the list is whole.
	if (list_wait(s, &q, &json) != 0) {
		free(json);
		result_put(s, "q", BEFORE + 1);
		stats_wait(s, stored_reached, 2);
		assert_int_equal(list_wait(s, &q, &json), 0);
	}
	list_is_true(json);
	free(json);
	store_stats_get(s, &st);
	assert_int_equal(st.dropped, 0);
	store_close(s, 0);
}

static void
folder_empty(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *e;

	while ((e = readdir(folder)) != NULL) {
		char file[512];

		snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		if (e->d_name[0] != '.')
			unlink(file);
	}
	closedir(folder);
}

static void
random_bytes_anywhere(void **state)
{
	struct fixture *f = *state;
	const char *text = getenv("WEIR_TEST_ROUNDS");
	const unsigned int rounds = text != NULL ? (unsigned int)atoi(text) : 16;
	unsigned int seed = (unsigned int)clock_wall_us(), i;

	f->limits.set_aside_us = 0;
	f->limits.commit_us = 10000;
	f->limits.retry_us = 10000;
	print_message("seed %u, %u rounds\n", seed, rounds);
	for (i = 0; i < rounds; i++) {
		folder_empty(f->folder);
		file_fill(f);
		file_damage(f->path, &seed, i);
		goes_on(f);
	}
}

// In a child that is nobody: root may write everything.
static void
without_permission(struct fixture *f)
{
	struct store_stats st;
	struct store *s;
	uint64_t seqs[4];

	if (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0)
		_exit(77);
	assert_int_equal(chmod(f->path, 0400), 0);
	s = fixture_open(f);
	result_put(s, "q", 2);
	stats_wait(s, state_is_fault, 0);
	assert_int_equal(list_seqs(s, "q", 10, seqs, 4), 1);
	store_stats_get(s, &st);
	assert_non_null(strstr(st.state, "readonly"));
	assert_int_equal(chmod(f->path, 0600), 0);
	stats_wait(s, stored_reached, 1);
	stats_wait(s, state_is_ok, 0);
	assert_int_equal(list_seqs(s, "q", 10, seqs, 4), 2);
	store_stats_get(s, &st);
	assert_int_equal(st.dropped, 0);
	store_close(s, 0);
	_exit(0);
}

static void
permission_lost_and_given_back(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	int status;
	pid_t child;

	if (geteuid() != 0) {
		print_message("permission_lost_and_given_back: needs root to become nobody\n");
		skip();
	}
	s = fixture_open(f);
	result_put(s, "q", 1);
	store_close(s, 0);
	assert_int_equal(chown(f->folder, 65534, 65534), 0);
	assert_int_equal(chown(f->path, 65534, 65534), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		without_permission(f);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(random_bytes_anywhere, fixture_setup,
			fixture_teardown),
		cmocka_unit_test_setup_teardown(permission_lost_and_given_back, fixture_setup,
			fixture_teardown),
	};

	return cmocka_run_group_tests_name("store damage", tests, NULL, NULL);
}
