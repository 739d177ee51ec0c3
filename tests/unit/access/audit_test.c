/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

#include "access/audit.h"

#define FILE_BYTES (16 << 20)

static char folder[] = "/tmp/weir-audit-XXXXXX";
static char path[64], rotated[80], changes[80];

static char *
list(const struct audit *a, uint64_t before, unsigned int limit)
{
	struct json_out o = {0};

	audit_list(a, before, limit, &o);
	return json_out_take(&o);
}

static void
listed(const struct audit *a, uint64_t before, unsigned int limit, const char *expected)
{
	char *text = list(a, before, limit);

	assert_string_equal(text, expected);
	free(text);
}

static struct audit *
opened(void)
{
	struct audit *a = audit_create();
	struct error err = {0};

	assert_non_null(a);
	assert_int_equal(audit_open(a, path, &err), 0);
	return a;
}

// As if so much had been written already; the file's hole reads as a torn line.
static void
fill(const char *file)
{
	FILE *f = fopen(file, "a");

	assert_non_null(f);
	fclose(f);
	assert_int_equal(truncate(file, FILE_BYTES), 0);
}

static void
the_rest_does_not_push_out_changes(void **state)
{
	struct audit *a = audit_create();
	char *text;

	(void)state;
	audit_put(a, strdup("\"m\":\"set\""), true);
	for (unsigned int i = 0; i < 5 * AUDIT_KEPT; i++)
		audit_put(a, strdup("\"m\":\"wrong\""), false);
	listed(a, 0, 1, "[{\"number\":5001,\"m\":\"wrong\"}]");
	listed(a, 3, 5, "[{\"number\":1,\"m\":\"set\"}]");
	audit_put(a, strdup("\"m\":\"set\""), true);
	listed(a, 0, 2, "[{\"number\":5002,\"m\":\"set\"},{\"number\":5001,\"m\":\"wrong\"}]");
	text = list(a, 0, UINT32_MAX);
	assert_non_null(strstr(text, "},{\"number\":1,\"m\":\"set\"}]"));
	free(text);
	audit_free(a);
}

static void
nor_do_files(void **state)
{
	struct audit *a = opened();

	(void)state;
	audit_put(a, strdup("\"m\":\"set\""), true);
	audit_free(a);
	for (int i = 0; i < 3; i++) {
		fill(path);
		a = opened();
		audit_put(a, strdup("\"m\":\"wrong\""), false);
		audit_free(a);
		assert_int_equal(access(rotated, F_OK), 0);
	}
	a = opened();
	listed(a, 2, 5, "[{\"number\":1,\"m\":\"set\"}]");
	assert_int_equal(audit_lost(a), 0);
	audit_free(a);
}

static void
a_file_is_ours_alone(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(chmod(path, 0644), 0);
	audit_free(opened());
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(changes, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

// A limit of the file's size cuts a line as a full disk does.
static void
after_a_torn_line_comes_a_new_one(void **state)
{
	struct rlimit before, small = {.rlim_cur = 100, .rlim_max = RLIM_INFINITY};
	struct audit *a;

	(void)state;
	unlink(path);
	unlink(rotated);
	unlink(changes);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	a = opened();
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (int i = 0; i < 4; i++)
		audit_put(a, strdup("\"m\":\"0123456789012345678901234567890123456789\""), false);
	for (int i = 0; i < 1000 && audit_lost(a) < 3; i++)
		usleep(10000);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(audit_lost(a), 3);
	audit_put(a, strdup("\"m\":\"after\""), false);
	audit_free(a);
	a = opened();
	listed(a, 0, 1, "[{\"number\":5,\"m\":\"after\"}]");
	audit_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rest_does_not_push_out_changes),
		cmocka_unit_test(nor_do_files),
		cmocka_unit_test(a_file_is_ours_alone),
		cmocka_unit_test(after_a_torn_line_comes_a_new_one),
	};
	int rc;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/audit", folder);
	snprintf(rotated, sizeof(rotated), "%s.1", path);
	snprintf(changes, sizeof(changes), "%s" AUDIT_CHANGES, path);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	unlink(rotated);
	unlink(changes);
	rmdir(folder);
	return rc;
}
