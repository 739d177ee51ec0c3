/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/live_clock.h"

#define S UINT64_C(1000000)
#define WALL (UINT64_C(1700000000) * S)

static uint64_t
shown(const struct live_clock *c, uint64_t monotonic_us)
{
	return (uint64_t)((int64_t)monotonic_us + c->offset_us);
}

static void
follows_wall_time(void **state)
{
	struct live_clock c;

	(void)state;
	live_clock_init(&c, WALL, 5 * S);
	assert_int_equal(shown(&c, 5 * S), WALL);
	// A slow monotonic clock: 20 ppm a second are taken over at once.
	for (uint64_t s = 1; s <= 100; s++) {
		assert_int_equal(live_clock_follow(&c, WALL + s * (S + 20), (5 + s) * S), 20);
		assert_int_equal(shown(&c, (5 + s) * S), WALL + s * (S + 20));
	}
}

static void
step_forward_is_taken(void **state)
{
	struct live_clock c;

	(void)state;
	live_clock_init(&c, WALL, 0);
	assert_int_equal(live_clock_follow(&c, WALL + 3600 * S + S, S), 3600 * S);
	assert_int_equal(shown(&c, S), WALL + 3601 * S);
}

static void
step_back_is_given_back_slowly(void **state)
{
	const int64_t step = 7200 * (int64_t)S;
	struct live_clock c;
	uint64_t before, ticks = 0;

	(void)state;
	live_clock_init(&c, WALL, 0);
	before = shown(&c, 0);
	for (uint64_t now = S / 10;; now += S / 10, ticks++) {
		uint64_t wall = WALL + now - (uint64_t)step, us;
		int64_t difference = live_clock_follow(&c, wall, now);

		us = shown(&c, now);
		// Never back, and nine tenths of the time that passes at least.
		assert_true(us >= before + 9 * S / 100);
		assert_true(us >= wall);
		before = us;
		if (difference == 0)
			break;
	}
	// A tenth is given back: two hours take twenty.
	assert_in_range(ticks, 719990, 720010);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_wall_time),
		cmocka_unit_test(step_forward_is_taken),
		cmocka_unit_test(step_back_is_given_back_slowly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
