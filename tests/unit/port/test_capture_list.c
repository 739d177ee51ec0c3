/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "capture_build.h"

static struct folder folder;

static int
setup(void **state)
{
	(void)state;
	return folder_make(&folder);
}

static int
teardown(void **state)
{
	(void)state;
	folder_remove(&folder);
	return 0;
}

static void
names_written(const char *const *names, size_t n)
{
	const struct bytes b = {0};

	for (size_t i = 0; i < n; i++)
		folder_write(&folder, names[i], &b);
}

// Bytewise order, whatever the order of creation; only regular files and links to them.
static void
folder_in_name_order(void **state)
{
	static const char *const names[] = {"b.pcap", "a10.pcap", "a2.pcap", "B.pcap", ".hidden",
		"\xc3\xa4.pcap"};
	static const char *const expected[] = {"B.pcap", "a10.pcap", "a2.pcap", "b.pcap", "link",
		"\xc3\xa4.pcap"};
	char with_slash[256];
	struct error err;
	char **paths;

	(void)state;
	names_written(names, 6);
	assert_int_equal(mkdir(folder_path(&folder, "c"), 0700), 0);
	assert_int_equal(mkfifo(folder_path(&folder, "d"), 0600), 0);
	assert_int_equal(symlink("b.pcap", folder_path(&folder, "link")), 0);
	assert_int_equal(symlink("nowhere", folder_path(&folder, "broken")), 0);
	paths = capture_list_expand(folder.path, &err);
	assert_non_null(paths);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(paths[i], folder_path(&folder, expected[i]));
	assert_null(paths[6]);
	capture_list_free(paths);
	snprintf(with_slash, sizeof(with_slash), "%s/", folder.path);
	paths = capture_list_expand(with_slash, &err);
	assert_string_equal(paths[0], folder_path(&folder, "B.pcap"));
	capture_list_free(paths);
}

// The order of the list stays; a file named twice is read twice.
static void
list_in_its_order(void **state)
{
	static const char *const names[] = {"x", "y"};
	char list[1024];
	struct error err;
	char **paths;
	size_t n = 0;

	(void)state;
	names_written(names, 2);
	snprintf(list, sizeof(list), "%s,%s,%s,%s", folder_path(&folder, "y"),
		folder_path(&folder, "x"), folder_path(&folder, "y"), folder.path);
	paths = capture_list_expand(list, &err);
	assert_non_null(paths);
	assert_string_equal(paths[0], folder_path(&folder, "y"));
	assert_string_equal(paths[1], folder_path(&folder, "x"));
	assert_string_equal(paths[2], folder_path(&folder, "y"));
	while (paths[n] != NULL)
		n++;
	assert_true(n >= 5);
	capture_list_free(paths);
}

static void
expect_refused(const char *list, const char *reason)
{
	struct error err = {0};

	assert_null(capture_list_expand(list, &err));
	if (strstr(err.text, reason) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", err.text, reason);
}

static void
refused(void **state)
{
	const struct bytes b = {0};
	char list[512];

	(void)state;
	folder_write(&folder, "x", &b);
	expect_refused("", "an empty name");
	snprintf(list, sizeof(list), "%s,", folder_path(&folder, "x"));
	expect_refused(list, "an empty name");
	snprintf(list, sizeof(list), "%s,%s", folder_path(&folder, "x"),
		folder_path(&folder, "missing"));
	expect_refused(list, "missing: No such file or directory");
	assert_int_equal(mkdir(folder_path(&folder, "nothing"), 0700), 0);
	expect_refused(folder_path(&folder, "nothing"), "folder without files");
	capture_list_free(NULL);
}

// Many files: the list grows.
static void
many_files(void **state)
{
	struct error err;
	char name[32];
	char **paths;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 300; i++) {
		const struct bytes b = {0};

		snprintf(name, sizeof(name), "z%03d", i);
		folder_write(&folder, name, &b);
	}
	paths = capture_list_expand(folder.path, &err);
	assert_non_null(paths);
	for (; paths[n] != NULL; n++)
		assert_true(n == 0 || strcmp(paths[n - 1], paths[n]) < 0);
	assert_true(n >= 300);
	capture_list_free(paths);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(folder_in_name_order, setup, teardown),
		cmocka_unit_test_setup_teardown(list_in_its_order, setup, teardown),
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
		cmocka_unit_test_setup_teardown(many_files, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
