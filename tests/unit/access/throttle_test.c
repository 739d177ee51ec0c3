/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "access/throttle.h"
#include "base/clock.h"

static const struct throttle_key a = {{1}}, b = {{2}};

static void
fail_once(struct throttle *t, const struct throttle_key *key, uint64_t now)
{
	assert_int_equal(throttle_begin(t, key, now), 0);
	throttle_end(t, key, "anna", THROTTLE_WRONG, now);
}

static void
pauses_grow(void **state)
{
	struct throttle *t = throttle_create();
	uint64_t now = 1;

	(void)state;
	for (int i = 0; i < 5; i++)
		fail_once(t, &a, now);
	for (unsigned int pause = 1; pause <= 256; pause *= 2) {
		assert_int_equal(throttle_begin(t, &a, now), pause);
		assert_int_equal(throttle_begin(t, &b, now), 0);
		throttle_end(t, &b, "anna", THROTTLE_GOOD, now);
		now += pause * CLOCK_US_PER_S;
		fail_once(t, &a, now);
	}
	assert_int_equal(throttle_begin(t, &a, now), 300);
	now += 300 * CLOCK_US_PER_S;
	assert_int_equal(throttle_begin(t, &a, now), 0);
	throttle_end(t, &a, "anna", THROTTLE_GOOD, now);
	for (int i = 0; i < 4; i++)
		fail_once(t, &a, now);
	assert_int_equal(throttle_begin(t, &a, now), 0);
	throttle_free(t);
}

// One's own right password does not make good what was tried against another.
static void
guesses_cannot_be_hidden(void **state)
{
	struct throttle *t = throttle_create();
	uint64_t now = 1;

	(void)state;
	for (int i = 0; i < 4; i++)
		fail_once(t, &a, now);
	assert_int_equal(throttle_begin(t, &a, now), 0);
	throttle_end(t, &a, "vera", THROTTLE_GOOD, now);
	fail_once(t, &a, now);
	assert_int_equal(throttle_begin(t, &a, now), 1);
	// The user's own right one does.
	now += CLOCK_US_PER_S;
	assert_int_equal(throttle_begin(t, &a, now), 0);
	throttle_end(t, &a, "anna", THROTTLE_GOOD, now);
	for (int i = 0; i < 4; i++)
		fail_once(t, &a, now);
	assert_int_equal(throttle_begin(t, &a, now), 0);
	throttle_end(t, &a, "anna", THROTTLE_NEITHER, now);
	// And time does, one by one, although the address is in use.
	for (int i = 0; i < 2; i++) {
		now += 301 * CLOCK_US_PER_S;
		assert_int_equal(throttle_begin(t, &a, now), 0);
		throttle_end(t, &a, "vera", THROTTLE_GOOD, now);
	}
	for (int i = 0; i < 2; i++)
		fail_once(t, &a, now);
	assert_int_equal(throttle_begin(t, &a, now), 0);
	throttle_end(t, &a, "anna", THROTTLE_WRONG, now);
	assert_int_equal(throttle_begin(t, &a, now), 1);
	throttle_free(t);
}

static void
two_at_the_same_time(void **state)
{
	struct throttle *t = throttle_create();

	(void)state;
	assert_int_equal(throttle_begin(t, &a, 1), 0);
	assert_int_equal(throttle_begin(t, &a, 1), 0);
	assert_int_equal(throttle_begin(t, &a, 1), 1);
	assert_int_equal(throttle_begin(t, &b, 1), 0);
	throttle_end(t, &a, "anna", THROTTLE_NEITHER, 1);
	assert_int_equal(throttle_begin(t, &a, 1), 0);
	throttle_free(t);
}

static void
many_addresses_take_no_memory(void **state)
{
	struct throttle *t = throttle_create();
	uint64_t now = 1;

	(void)state;
	for (int i = 0; i < 5; i++)
		fail_once(t, &a, now);
	for (uint32_t i = 0; i < 100000; i++) {
		const struct throttle_key key = {{9, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};

		fail_once(t, &key, ++now);
	}
	throttle_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_grow),
		cmocka_unit_test(guesses_cannot_be_hidden),
		cmocka_unit_test(two_at_the_same_time),
		cmocka_unit_test(many_addresses_take_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
