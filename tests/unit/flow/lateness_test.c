/* SPDX-License-Identifier: BSD-3-Clause */
// How late flows end that nothing but the clock ends, and that many of them stall nobody.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "flow_support.h"

#define T0 (1700000000 * S)
#define FLOWS 50000
#define LOOP_US 10  // one turn of a worker that handles 32 packets at 3.2 million per second

static const struct flow_limits usual = {.idle_us = 60 * S, .active_us = 120 * S, .tcp_end = true};

static struct histogram_summary
lateness(const struct bench *b)
{
	struct histogram_summary s;

	histogram_summarize(&b->tracker.lateness, &s);
	return s;
}

static int
number_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void
close_above(uint64_t found, uint64_t truth)
{
	assert_in_range(found, truth, truth + truth / 16);
}

/*
 * All flows idle out in the same millisecond under a worker that is busy all the time. No turn does
 * more than a burst's worth, and the last one has gone when their number at the smallest budget
 * and a tick of the wheel say. What was measured is what the records say.
 */
static void
many_at_once(void **state)
{
	static uint64_t late[FLOWS];
	uint64_t now = T0 + 60 * S;
	size_t seen = 0;
	struct bench b;

	(void)state;
	bench_begin(&b, 2 * FLOWS, usual, T0);
	for (unsigned int i = 0; i < FLOWS; i++)
		bench_packet(&b, &(struct packet){.ts_us = T0 + i / 50, .src = (uint16_t)i,
			.dst = (uint16_t)(i >> 8), .sport = (uint16_t)i}, NULL);
	assert_int_equal(b.tracker.counts.active, FLOWS);
	for (; b.ended.count < FLOWS; now += LOOP_US) {
		unsigned int budget = flow_tracker_budget(&b.tracker, now, true);

		assert_in_range(budget, FLOW_EXPIRE_BUSY, FLOW_EXPIRE_IDLE);
		flow_tracker_expire(&b.tracker, now, budget);
		assert_true(b.ended.count - seen <= budget);
		for (; seen < b.ended.count; seen++)
			late[seen] = now - (b.ended.record[seen].last_us + 60 * S);
		assert_true(now < T0 + 61 * S);
	}
	qsort(late, FLOWS, sizeof(late[0]), number_compare);
	assert_int_equal(lateness(&b).count, FLOWS);
	close_above(lateness(&b).p50, late[FLOWS / 2 - 1]);
	close_above(lateness(&b).p99, late[FLOWS - FLOWS / 100 - 1]);
	assert_int_equal(lateness(&b).max, late[FLOWS - 1]);
	assert_in_range(lateness(&b).max, 1, FLOW_TIMER_TICK_US +
		FLOWS / FLOW_EXPIRE_BUSY * LOOP_US + 1000);
	bench_end(&b);
}

// Idle turns take more, and so does a busy worker that has fallen behind.
static void
budget_grows_with_the_lag(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, 64, usual, T0);
	assert_int_equal(flow_tracker_budget(&b.tracker, T0, false), FLOW_EXPIRE_IDLE);
	assert_int_equal(flow_tracker_budget(&b.tracker, T0, true), FLOW_EXPIRE_BUSY);
	assert_int_equal(flow_tracker_budget(&b.tracker, T0 + 20 * FLOW_TIMER_TICK_US, true),
		FLOW_EXPIRE_BUSY + 20);
	assert_int_equal(flow_tracker_budget(&b.tracker, T0 + 3600 * S, true), FLOW_EXPIRE_IDLE);
	bench_end(&b);
}

// Each way in which a timeout is noticed counts once, and ends without a deadline do not.
static void
every_timeout_counts_once(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, 64, usual, T0);
	bench_packet(&b, &(struct packet){.ts_us = T0, .src = 1, .dst = 2}, NULL);
	bench_packet(&b, &(struct packet){.ts_us = T0 + 63 * S, .src = 1, .dst = 2}, NULL);
	assert_int_equal(lateness(&b).count, 1);  // noticed by its own next packet
	assert_int_equal(lateness(&b).max, 3 * S);
	bench_packet(&b, &(struct packet){.ts_us = T0 + 63 * S, .src = 3, .dst = 4, .proto = 6,
		.flags = TCP_RST}, NULL);
	assert_int_equal(b.tracker.counts.ended[FLOW_END_RST], 1);
	assert_int_equal(lateness(&b).count, 1);
	flow_tracker_flush(&b.tracker, T0 + 64 * S);
	assert_int_equal(b.tracker.counts.ended[FLOW_END_FLUSH], 1);
	assert_int_equal(lateness(&b).count, 1);
	bench_packet(&b, &(struct packet){.ts_us = T0 + 65 * S, .src = 1, .dst = 2}, NULL);
	flow_tracker_flush(&b.tracker, T0 + 65 * S + 60 * S);
	assert_int_equal(lateness(&b).count, 2);  // due in this very microsecond
	assert_int_equal(lateness(&b).p50, 0);
	bench_end(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_at_once),
		cmocka_unit_test(budget_grows_with_the_lag),
		cmocka_unit_test(every_timeout_counts_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
