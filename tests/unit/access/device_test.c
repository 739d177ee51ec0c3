/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "access/device.h"

static const struct user anna = {.name = "anna", .password = "$argon2id$v=19$m=1,t=1,p=1$a$b"};

static void
holds_for_user_and_password(void **state)
{
	struct user other = anna;
	struct throttle_key key = {{0}}, again = {{0}}, second = {{0}};
	char text[DEVICE_LEN], more[DEVICE_LEN];

	(void)state;
	device_make(&anna, text);
	device_make(&anna, more);
	assert_int_equal(strlen(text), DEVICE_LEN - 1);
	assert_true(device_check(&anna, text, &key));
	assert_true(device_check(&anna, text, &again));
	assert_true(device_check(&anna, more, &second));
	assert_memory_equal(&key, &again, sizeof(key));
	assert_memory_not_equal(&key, &second, sizeof(key));
	strcpy(other.name, "vera");
	assert_false(device_check(&other, text, &key));
	other = anna;
	other.password[5] ^= 1;
	assert_false(device_check(&other, text, &key));
}

static void
nothing_else_does(void **state)
{
	static const char *const bad[] = {"", "A", "weir", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "\xff\xff", "====", NULL};
	struct throttle_key key = {{0}}, untouched = {{0}};
	char text[DEVICE_LEN];

	(void)state;
	for (size_t i = 0; bad[i] != NULL; i++)
		assert_false(device_check(&anna, bad[i], &key));
	device_make(&anna, text);
	for (size_t i = 0; i < DEVICE_LEN - 2; i++) {
		char changed[DEVICE_LEN];

		memcpy(changed, text, sizeof(changed));
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		assert_false(device_check(&anna, changed, &key));
	}
	assert_memory_equal(&key, &untouched, sizeof(key));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_for_user_and_password),
		cmocka_unit_test(nothing_else_does),
	};

	return access_init() != 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
