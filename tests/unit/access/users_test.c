/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
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

#include "access/users.h"

#define HASH "$argon2id$v=19$m=65536,t=2,p=1$lDIPGs03DEgIDKmS56509A$" \
	"ii0NxqInGHW9e09LUILL8RhTlJjcRr6S55V+7GtcEoQ"
#define USER "{\"name\":\"a\",\"role\":\"viewer\",\"password\":\"" HASH "\"}"
#define TOKEN "{\"label\":\"t\",\"role\":\"admin\",\"hash\":\"" \
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}"

static char path[] = "/tmp/weir-users-XXXXXX";

static void
file_write(const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static void
refused(const char *text, const char *why)
{
	struct error err = {0};

	file_write(text, 0600);
	assert_null(users_read(path, &err));
	if (strstr(err.text, why) == NULL || strstr(err.text, path) == NULL)
		fail_msg("'%s': '%s' does not name '%s'", text, err.text, why);
	assert_string_equal(err.field, "--users");
}

static void
a_file_comes_back(void **state)
{
	struct users *u = users_create(), *back;
	char text[TOKEN_TEXT_LEN], wrong[TOKEN_TEXT_LEN];
	struct error err;
	struct stat st;

	(void)state;
	assert_int_equal(users_set_password(u, "anna", ROLE_OPERATOR, "long enough", &err), 0);
	assert_int_equal(users_add_token(u, "prometheus", ROLE_VIEWER, text, &err), 0);
	assert_int_equal(users_write(u, path, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	back = users_read(path, &err);
	assert_non_null(back);
	assert_int_equal(users_find(back, "anna")->role, ROLE_OPERATOR);
	assert_null(users_find(back, "ann"));
	assert_int_equal(crypto_pwhash_str_verify(users_find(back, "anna")->password,
		"long enough", 11), 0);
	assert_string_equal(users_find_token(back, text)->label, "prometheus");
	memcpy(wrong, text, sizeof(wrong));
	wrong[20] ^= 1;
	assert_null(users_find_token(back, wrong));
	assert_null(users_find_token(back, ""));
	assert_int_equal(users_remove(back, "anna", &err), 0);
	assert_int_equal(users_remove(back, "anna", &err), -ENOENT);
	assert_int_equal(users_remove_token(back, "prometheus", &err), 0);
	assert_null(users_find_token(back, text));
	users_put(u);
	users_put(back);
}

static void
the_same_name_is_replaced(void **state)
{
	struct users *u = users_create();
	struct error err;

	(void)state;
	assert_int_equal(users_set_password(u, "a", ROLE_VIEWER, "password1", &err), 0);
	assert_int_equal(users_set_password(u, "a", ROLE_ADMIN, "password2", &err), 0);
	assert_int_equal(u->user_count, 1);
	assert_int_equal(users_find(u, "a")->role, ROLE_ADMIN);
	assert_int_equal(users_set_password(u, "a", ROLE_ADMIN, "short", &err), -EINVAL);
	assert_int_equal(users_set_password(u, "a b", ROLE_ADMIN, "long enough", &err), -EINVAL);
	users_put(u);
}

static void
bad_files_are_refused(void **state)
{
	struct error err;

	(void)state;
	refused("", "not JSON");
	refused("{\"users\":[]} x", "not JSON");
	refused("[]", "not a JSON object");
	refused("{\"user\":[]}", "allowed: the arrays");
	refused("{\"users\":{}}", "allowed: the arrays");
	refused("{\"users\":[1]}", "a user is not");
	refused("{\"users\":[{\"name\":\"a\",\"role\":\"viewer\"}]}", "a user is not");
	refused("{\"users\":[{\"name\":\"a\",\"role\":\"root\",\"password\":\"" HASH "\"}]}", "role");
	refused("{\"users\":[{\"name\":\"a/b\",\"role\":\"viewer\",\"password\":\"" HASH "\"}]}", "name");
	refused("{\"users\":[{\"name\":\"a\",\"role\":\"viewer\",\"password\":\"secret\"}]}", "hash");
	refused("{\"users\":[{\"name\":\"a\",\"role\":\"viewer\",\"password\":"
		"\"$argon2id$v=19$m=4194304,t=2,p=1$AA$AA\"}]}", "hash");
	refused("{\"users\":[" USER "," USER "]}", "twice");
	refused("{\"tokens\":[" TOKEN "," TOKEN "]}", "twice");
	refused("{\"tokens\":[{\"label\":\"t\",\"role\":\"admin\",\"hash\":\"0011\"}]}", "64");
	file_write("{\"users\":[" USER "],\"tokens\":[" TOKEN "]}", 0640);
	assert_null(users_read(path, &err));
	assert_non_null(strstr(err.text, "0640"));
	assert_null(users_read("/", &err));
	assert_null(users_read("/nowhere/users.json", &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_comes_back),
		cmocka_unit_test(the_same_name_is_replaced),
		cmocka_unit_test(bad_files_are_refused),
	};
	int fd = mkstemp(path), rc;

	if (fd < 0 || access_init() != 0)
		return 1;
	close(fd);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return rc;
}
