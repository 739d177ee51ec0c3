/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "access/login.h"

static struct users *
users_make(void)
{
	struct users *u = users_create();

	u->user_count = 2;
	u->user[0] = (struct user){.name = "anna", .role = ROLE_ADMIN, .password = "$1"};
	u->user[1] = (struct user){.name = "bert", .role = ROLE_VIEWER, .password = "$2"};
	return u;
}

static void
a_login_ends(void **state)
{
	struct users *u = users_make(), *other = users_make();
	struct logins *l = logins_create();
	char id[LOGIN_ID_LEN];
	uint64_t number, now = 1000;
	struct login login;

	(void)state;
	number = logins_open(l, &u->user[0], now, id);
	assert_true(logins_find_id(l, u, id, now, &login));
	assert_int_equal(login.number, number);
	assert_string_equal(login.user, "anna");
	assert_int_equal(login.role, ROLE_ADMIN);
	// A role that was taken away is gone with the next look.
	u->user[0].role = ROLE_VIEWER;
	assert_true(logins_find(l, u, number, now, &login));
	assert_int_equal(login.role, ROLE_VIEWER);

	logins_close(l, number);
	assert_false(logins_find_id(l, u, id, now, &login));
	assert_false(logins_find(l, u, number, now, &login));

	logins_open(l, &u->user[0], now, id);
	now += LOGIN_IDLE_US;
	assert_true(logins_find_id(l, u, id, now, &login));
	now += LOGIN_IDLE_US + 1;
	assert_false(logins_find_id(l, u, id, now, &login));

	logins_open(l, &u->user[0], now, id);
	for (uint64_t end = now + LOGIN_WHOLE_US; now <= end; now += LOGIN_IDLE_US)
		assert_true(logins_find_id(l, u, id, now, &login));
	assert_false(logins_find_id(l, u, id, now, &login));

	logins_open(l, &u->user[0], now, id);
	strcpy(other->user[0].password, "$3");
	assert_false(logins_find_id(l, other, id, now, &login));
	assert_false(logins_find_id(l, u, id, now, &login));

	logins_open(l, &u->user[1], now, id);
	other->user_count = 1;
	assert_false(logins_find_id(l, other, id, now, &login));
	logins_free(l);
	users_put(u);
	users_put(other);
}

static void
logins_are_bounded(void **state)
{
	struct users *u = users_make();
	struct logins *l = logins_create();
	char first[LOGIN_ID_LEN], second[LOGIN_ID_LEN], id[LOGIN_ID_LEN];
	struct login login;

	(void)state;
	logins_open(l, &u->user[0], 1, first);
	logins_open(l, &u->user[1], 2, second);
	assert_string_not_equal(first, second);
	for (unsigned int i = 0; i < 7; i++)
		logins_open(l, &u->user[1], 3, id);
	assert_true(logins_find_id(l, u, second, 4, &login));
	// One too many: the user's own oldest goes, also when it was just used, and nobody else's.
	for (unsigned int i = 0; i < 5000; i++)
		logins_open(l, &u->user[1], 5, id);
	assert_false(logins_find_id(l, u, second, 6, &login));
	assert_true(logins_find_id(l, u, first, 6, &login));
	assert_true(logins_find_id(l, u, id, 6, &login));
	assert_false(logins_find_id(l, u, "", 6, &login));
	assert_false(logins_find(l, u, 0, 6, &login));
	logins_free(l);
	users_put(u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_login_ends),
		cmocka_unit_test(logins_are_bounded),
	};

	return access_init() != 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
