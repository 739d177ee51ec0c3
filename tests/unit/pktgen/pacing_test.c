/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include <rte_cycles.h>

#include "pacing.h"

// The arithmetic on a made-up clock, and one run on the real one.

static void
nothing_drifts_over_a_day(void **state)
{
	static const uint64_t rates[] = {1, 3, 999983, 1000000000};
	const uint64_t hz = 2999999999u;
	uint64_t late;

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		struct pacing p;
		uint64_t now = 12345, total = 0;

		pacing_start(&p, hz, rates[i], now);
		// Steps of 50 ms and a little: never behind by 100 ms, never on a whole second.
		for (unsigned int step = 0; step < 20 * 86400; step++) {
			uint64_t budget;

			now += hz / 20 - 7;
			budget = pacing_budget(&p, now, &late);
			assert_int_equal(late, 0);
			pacing_take(&p, budget);
			total += budget;
		}
		assert_int_equal(total,
			1 + (uint64_t)((unsigned __int128)(now - 12345) * rates[i] / hz));
	}
}

static void
more_than_100_ms_behind_is_late(void **state)
{
	const uint64_t hz = 1000000000;
	struct pacing p;
	uint64_t late;

	(void)state;
	pacing_start(&p, hz, 1000, 0);
	assert_int_equal(pacing_budget(&p, hz / 20, &late), 51);
	assert_int_equal(late, 0);
	pacing_take(&p, 51);
	assert_int_equal(pacing_budget(&p, hz / 20 + 3 * hz, &late), 100);
	assert_int_equal(late, 2900);
	pacing_take(&p, 100);
	assert_int_equal(pacing_budget(&p, hz / 20 + 3 * hz, &late), 0);
	assert_int_equal(late, 0);
}

static void
wait_ends_when_the_packets_are_due(void **state)
{
	const uint64_t hz = 1000000000;
	struct pacing p;
	uint64_t late;

	(void)state;
	pacing_start(&p, hz, 1000, 0);
	pacing_take(&p, pacing_budget(&p, 0, &late));
	assert_int_equal(pacing_wait_us(&p, 0, 1), 1000);
	assert_int_equal(pacing_wait_us(&p, 250000, 32), 31750);
	assert_int_equal(pacing_budget(&p, 31999999, &late), 31);
	assert_int_equal(pacing_budget(&p, 32000000, &late), 32);
	assert_int_equal(pacing_wait_us(&p, 32000000, 32), 0);
}

static void
packet_time_and_position_are_inverse(void **state)
{
	const struct timeline t = {.ns = 500, .position = 7, .rate = 3};

	(void)state;
	assert_int_equal(timeline_ns(&t, 7), 500);
	assert_int_equal(timeline_ns(&t, 10), 1000000500);
	assert_int_equal(timeline_position(&t, 0), 7);
	assert_int_equal(timeline_position(&t, 1000000500), 10);
	assert_int_equal(timeline_position(&t, 1000000501), 11);
	assert_int_equal(timeline_position(&t, UINT64_MAX), UINT64_MAX);
}

// 100 kpps on the real clock: never ahead, and after half a second within half a percent. On a busy
// machine this process may be away just then; what it missed is caught up, so it gets some time
// for it, in which the percent does not grow.
static void
rate_is_held(void **state)
{
	struct sink s = {0};
	struct generator *g = generator_of("{\"addresses\": [\"192.0.2.1\"],"
		" \"protocols\": [\"DNS\"], \"rate_pps\": 100000, \"size\": {\"type\": \"fixed\","
		" \"bytes\": 64}}", &s, false);
	uint64_t hz = rte_get_tsc_hz(), begin, passed;
	struct generator_stats stats;
	double counted, due;

	(void)state;
	generator_start(g);
	begin = rte_rdtsc();
	do {
		generator_poll(g);
		generator_stats_get(g, &stats);
		passed = rte_rdtsc() - begin;
		counted = (double)(stats.sent + stats.late);
		due = 100000.0 * (double)passed / (double)hz;
		assert_true(counted <= due + 1);
	} while (passed < hz / 2 || (counted < due * 0.995 && passed < 4 * hz));
	assert_true(counted >= due * 0.995);
	assert_true(stats.running);
	assert_int_equal(stats.sent, s.packets);
	generator_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_drifts_over_a_day),
		cmocka_unit_test(more_than_100_ms_behind_is_late),
		cmocka_unit_test(wait_ends_when_the_packets_are_due),
		cmocka_unit_test(packet_time_and_position_are_inverse),
		cmocka_unit_test(rate_is_held),
	};

	return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
