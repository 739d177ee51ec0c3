/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "access/bucket.h"
#include "access/users.h"

static const struct bucket_rate rate = {.places = 4, .burst = 3, .refill_us = 100};

static void
a_bucket_empties_and_fills(void **state)
{
	struct bucket_table *t = bucket_table_create(&rate);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(bucket_take(t, "a", 1000), 0);
	assert_int_equal(bucket_take(t, "a", 1000), 100);
	assert_int_equal(bucket_take(t, "b", 1000), 0);
	assert_int_equal(bucket_take(t, "a", 1099), 1);
	assert_int_equal(bucket_take(t, "a", 1100), 0);
	assert_int_equal(bucket_take(t, "a", 1150), 50);
	bucket_give(t, "a", 1150);
	assert_int_equal(bucket_take(t, "a", 1150), 0);
	// However long it was quiet, it holds no more than its burst.
	for (int i = 0; i < 3; i++)
		assert_int_equal(bucket_take(t, "a", 900000), 0);
	assert_int_equal(bucket_take(t, "a", 900000), 100);
	for (int i = 0; i < 9; i++)
		bucket_give(t, "a", 900000);
	for (int i = 0; i < 3; i++)
		assert_int_equal(bucket_take(t, "a", 900000), 0);
	assert_int_equal(bucket_take(t, "a", 900000), 100);
	bucket_table_free(t);
}

static void
the_quietest_gives_way(void **state)
{
	struct bucket_table *t = bucket_table_create(&rate);
	char name[16];

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(bucket_take(t, "first", 1000), 0);
	for (unsigned int i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		assert_int_equal(bucket_take(t, name, 1001 + i), 0);
	}
	assert_int_not_equal(bucket_take(t, "first", 1010), 0);
	for (unsigned int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "m%u", i);
		assert_int_equal(bucket_take(t, name, 1011), 0);
	}
	assert_int_equal(bucket_take(t, "first", 1012), 0);
	bucket_table_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bucket_empties_and_fills),
		cmocka_unit_test(the_quietest_gives_way),
	};

	return access_init() != 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
