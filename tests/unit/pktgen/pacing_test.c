/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include <rte_cycles.h>

#include "pacing.h"
#include "timeline.h"

// The arithmetic on a made-up clock, and one run on the real one.

static void
nothing_drifts_over_a_day(void **state)
{
	const uint64_t hz = 2999999999u, begin = 12345;
	struct pacing p;
	uint64_t now = begin;

	(void)state;
	pacing_start(&p, hz, 500, now);
	for (unsigned int step = 0; step < 20 * 86400; step++) {
		now += hz / 20 - 7;
		assert_int_equal(pacing_ns(&p, now), 500 +
			(uint64_t)((unsigned __int128)(now - begin) * 1000000000 / hz));
	}
}

static void
more_than_100_ms_behind_is_given_up(void **state)
{
	const uint64_t hz = 1000000000;
	struct pacing p;

	(void)state;
	pacing_start(&p, hz, 0, 0);
	assert_int_equal(pacing_slip(&p, 0, 100000000), 0);
	assert_int_equal(pacing_ns(&p, 300000000), 300000000);
	assert_int_equal(pacing_slip(&p, 50000000, 300000000), 150000000);
	// Time stood still for so long.
	assert_int_equal(pacing_ns(&p, 300000000), 150000000);
	assert_int_equal(pacing_slip(&p, 50000000, 150000000), 0);
}

static void
waits_end_in_time(void **state)
{
	(void)state;
	assert_int_equal(pacing_wait_us(5000, 5000, 10), 0);
	assert_int_equal(pacing_wait_us(5000, 8999, 10), 3);
	assert_int_equal(pacing_wait_us(5000, 8999, 2), 2);
}

static void
packet_time_and_place_are_inverse(void **state)
{
	const struct timeline t = {.ns = 500, .at = 7, .rate = 3};
	const uint64_t packet = TIMELINE_PACKET;

	(void)state;
	assert_int_equal(timeline_ns(&t, 7), 500);
	assert_int_equal(timeline_ns(&t, 7 + 3 * packet), 1000000500);
	assert_int_equal(timeline_at(&t, 0), 7);
	assert_int_equal(timeline_at(&t, 1000000500), 7 + 3 * packet);
	assert_int_equal(timeline_at(&t, 1000000501), 7 + 3 * packet + 1);
	assert_int_equal(timeline_at(&t, UINT64_MAX), UINT64_MAX);
}

// 1000 packets a second on the average, all of them in the first fifth of each second.
static void
bursts_squeeze_time(void **state)
{
	const struct timeline t = {.rate = 1000, .on_ns = 200000000, .period_ns = 1000000000};
	const uint64_t packet = TIMELINE_PACKET;

	(void)state;
	for (uint64_t i = 0; i < 5000; i++)
		assert_int_equal(timeline_ns(&t, i * packet),
			i / 1000 * 1000000000 + i % 1000 * 200000);
	for (uint64_t ns = 0; ns < 3000000000; ns += 99999) {
		uint64_t at = timeline_at(&t, ns);

		assert_true(timeline_ns(&t, at) >= ns);
		assert_true(at == 0 || timeline_ns(&t, at - 1) < ns);
	}
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
		generator_poll(g, 0);
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
		cmocka_unit_test(more_than_100_ms_behind_is_given_up),
		cmocka_unit_test(waits_end_in_time),
		cmocka_unit_test(packet_time_and_place_are_inverse),
		cmocka_unit_test(bursts_squeeze_time),
		cmocka_unit_test(rate_is_held),
	};

	return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
