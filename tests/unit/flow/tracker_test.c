/* SPDX-License-Identifier: BSD-3-Clause */
// Ends by time: to the microsecond on the packets' time, by the clock where no packet comes; want
// of room; the end of the run.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "flow_support.h"

#define T0 (1700000000 * S)
#define WHEEL_US (FLOW_TIMER_TICK_US * FLOW_TIMER_SLOTS)

static const struct flow_limits usual = {.idle_us = 60 * S, .active_us = 120 * S, .tcp_end = true};
static const struct flow_limits never = {.tcp_end = true};

// A packet from 1 to 2 at T0 + at; was it the first one of a flow?
static bool
begins(struct bench *b, uint64_t at)
{
	bool is_new;

	bench_packet(b, &(struct packet){.ts_us = T0 + at, .src = 1, .dst = 2}, &is_new);
	assert_true(bench_adds_up(b));
	return is_new;
}

static enum flow_end
last_end(const struct bench *b)
{
	assert_true(b->ended.count > 0);
	return (enum flow_end)b->ended.record[b->ended.count - 1].end;
}

static void
idle_is_exact(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, 64, usual, T0);
	assert_true(begins(&b, 0));
	assert_false(begins(&b, 60 * S - 1));
	assert_true(begins(&b, 2 * (60 * S) - 1));
	assert_int_equal(b.ended.count, 1);
	assert_int_equal(last_end(&b), FLOW_END_IDLE);
	assert_int_equal(b.ended.record[0].dir[0].packets, 2);
	assert_int_equal(b.ended.record[0].last_us, T0 + 60 * S - 1);
	bench_end(&b);
}

static void
active_is_exact(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, 64, usual, T0);
	for (unsigned int i = 0; i < 120; i++)
		assert_int_equal(begins(&b, i * S), i == 0);
	assert_false(begins(&b, 120 * S - 1));
	assert_true(begins(&b, 120 * S));
	assert_int_equal(last_end(&b), FLOW_END_ACTIVE);
	assert_int_equal(b.ended.record[0].dir[0].packets, 121);
	for (unsigned int i = 1; i < 120; i++)
		assert_false(begins(&b, (120 + i) * S));
	assert_true(begins(&b, 240 * S));
	bench_end(&b);
}

// The timeout that comes first names the end, also when both have passed; the idle one on a draw.
static void
first_timeout_names_the_end(void **state)
{
	static const struct {
		uint64_t idle, active, gap;
		enum flow_end end;
	} cases[] = {
		{60 * S, 120 * S, 1000 * S, FLOW_END_IDLE},
		{120 * S, 60 * S, 1000 * S, FLOW_END_ACTIVE},
		{60 * S, 60 * S, 60 * S, FLOW_END_IDLE},
		{0, 5, 5, FLOW_END_ACTIVE},
		{1, 0, 1, FLOW_END_IDLE},
		// Ages in ticks look alike again after 17 years.
		{0, 120 * S, (UINT64_C(1) << (32 + FLOW_TICK_SHIFT)) + S, FLOW_END_ACTIVE},
	};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct bench b;

		bench_begin(&b, 64, (struct flow_limits){cases[i].idle, cases[i].active, true}, T0);
		assert_true(begins(&b, 0));
		assert_false(begins(&b, 0));
		assert_true(begins(&b, cases[i].gap));
		assert_int_equal(last_end(&b), cases[i].end);
		bench_end(&b);
	}
}

static void
zero_is_never(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, 64, never, T0);
	assert_true(begins(&b, 0));
	assert_false(begins(&b, UINT64_C(31557600) * 80 * S));
	while (flow_tracker_expire(&b.tracker, b.now_us, 64))
		;
	assert_false(begins(&b, UINT64_C(31557600) * 160 * S));
	assert_int_equal(b.ended.count, 0);
	bench_end(&b);
}

// Without a packet: not before the deadline, at most a tick after it.
static void
clock_ends_flows(void **state)
{
	const uint64_t deadline = T0 + 7 + 60 * S;
	struct bench b;
	uint64_t now;

	(void)state;
	bench_begin(&b, 64, usual, T0);
	assert_true(begins(&b, 7));
	for (now = T0; b.ended.count == 0; now += 1009)
		assert_false(flow_tracker_expire(&b.tracker, now, 64));
	assert_in_range(now - 1009, deadline, deadline + FLOW_TIMER_TICK_US + 1009);
	assert_int_equal(last_end(&b), FLOW_END_IDLE);
	assert_true(bench_adds_up(&b));
	bench_end(&b);
}

static void
expiry_keeps_its_budget(void **state)
{
	struct bench b;
	unsigned int calls = 0;

	(void)state;
	bench_begin(&b, 1024, usual, T0);
	for (uint16_t i = 0; i < 500; i++)
		bench_packet(&b, &(struct packet){.ts_us = T0, .src = 1, .dst = i}, NULL);
	while (flow_tracker_expire(&b.tracker, T0 + 300 * S, 10)) {
		calls++;
		assert_true(b.ended.count <= calls * 10);
	}
	assert_int_equal(b.ended.count, 500);
	assert_in_range(calls, 50, 120);
	assert_int_equal(b.tracker.counts.ended[FLOW_END_IDLE], 500);
	bench_end(&b);
}

/*
 * Without timeouts a flow costs a visit per turn of the wheel and not one per tick: a million
 * silent flows would keep the worker busy with nothing.
 */
static void
silent_flows_cost_nothing(void **state)
{
	struct bench b;
	unsigned int visits = 0;

	(void)state;
	bench_begin(&b, 64, never, T0);
	assert_true(begins(&b, 0));
	for (uint64_t at = 0; at < 20 * WHEEL_US; at += FLOW_TIMER_TICK_US)
		visits += flow_tracker_expire(&b.tracker, T0 + at, 1);
	assert_in_range(visits, 15, 25);
	bench_end(&b);
}

// New limits hold at once for packets, and within a turn of the wheel where none comes.
static void
limits_change(void **state)
{
	struct flow_limits limits = never;
	struct bench b;
	uint64_t at;

	(void)state;
	bench_begin(&b, 64, never, T0);
	assert_true(begins(&b, 0));
	assert_false(begins(&b, 100 * S));
	limits.idle_us = 50 * S;
	flow_tracker_set_limits(&b.tracker, &limits);
	assert_false(begins(&b, 150 * S - 1));
	assert_true(begins(&b, 200 * S));
	limits.idle_us = 0;
	flow_tracker_set_limits(&b.tracker, &limits);
	assert_false(begins(&b, 400 * S));
	limits.active_us = 200 * S;
	flow_tracker_set_limits(&b.tracker, &limits);
	assert_true(begins(&b, 400 * S));
	limits = (struct flow_limits){.idle_us = 3600 * S};
	flow_tracker_set_limits(&b.tracker, &limits);
	assert_int_equal(b.ended.count, 2);
	flow_tracker_expire(&b.tracker, T0 + 401 * S, 64);
	limits.idle_us = 5 * S;
	flow_tracker_set_limits(&b.tracker, &limits);
	for (at = 401 * S; b.ended.count == 2; at += S)
		flow_tracker_expire(&b.tracker, T0 + at, 64);
	assert_in_range(at, 405 * S, 402 * S + WHEEL_US + 2 * S);
	assert_int_equal(last_end(&b), FLOW_END_IDLE);
	bench_end(&b);
}

// A packet that goes back in time ends nothing; time is measured from there on.
static void
backward_time_ends_nothing(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, 64, usual, T0);
	assert_true(begins(&b, 50 * S));
	assert_false(begins(&b, 0));
	assert_false(begins(&b, 1));
	bench_packet(&b, &(struct packet){.ts_us = 0, .src = 1, .dst = 2}, NULL);  // 1970
	assert_int_equal(b.ended.count, 0);
	assert_int_equal(b.now_us, T0 + 50 * S);
	bench_end(&b);
	// on their own time the two packets are 65 s apart, though the flow was at 50 s in between
	bench_begin(&b, 64, usual, T0);
	assert_true(begins(&b, 50 * S));
	assert_false(begins(&b, 10 * S));
	assert_true(begins(&b, 75 * S));
	assert_int_equal(last_end(&b), FLOW_END_IDLE);
	bench_end(&b);
}

/*
 * Another flow's packet moves the clock beyond this flow's idle timeout, then an older packet of
 * this flow arrives. Whether timers were looked at in between (that depends on where a burst
 * ends) must not show in the records.
 */
static void
timers_do_not_show(void **state)
{
	(void)state;
	for (unsigned int looked = 0; looked < 2; looked++) {
		struct bench b;

		bench_begin(&b, 64, usual, T0);
		assert_true(begins(&b, 0));
		bench_packet(&b, &(struct packet){.ts_us = T0 + 100 * S, .src = 3, .dst = 4}, NULL);
		if (looked)
			flow_tracker_expire(&b.tracker, b.now_us, 64);
		assert_true(begins(&b, 20 * S));
		assert_int_equal(b.ended.count, 1);
		assert_int_equal(last_end(&b), FLOW_END_IDLE);
		bench_end(&b);
	}
}

static void
flush_names_what_was_due(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, 64, usual, T0);
	bench_packet(&b, &(struct packet){.ts_us = T0, .src = 1, .dst = 2}, NULL);
	bench_packet(&b, &(struct packet){.ts_us = T0 + 1, .src = 3, .dst = 4}, NULL);
	flow_tracker_flush(&b.tracker, T0 + 60 * S);
	assert_int_equal(b.tracker.counts.ended[FLOW_END_IDLE], 1);
	assert_int_equal(b.tracker.counts.ended[FLOW_END_FLUSH], 1);
	assert_int_equal(b.tracker.counts.active, 0);
	assert_true(bench_adds_up(&b));
	flow_tracker_flush(&b.tracker, T0 + 60 * S);
	assert_int_equal(b.ended.count, 2);
	assert_true(begins(&b, 61 * S));  // and the tracker is fit for use
	bench_end(&b);
}

static void
full_table_evicts(void **state)
{
	struct bench b;

	(void)state;
	bench_begin(&b, 16, usual, T0);
	for (uint16_t i = 0; i < 1000; i++) {
		bench_packet(&b, &(struct packet){.ts_us = T0 + i * 1000, .src = 1, .dst = i},
			NULL);
		assert_true(bench_adds_up(&b));
		assert_true(b.table->count <= 16);
	}
	assert_int_equal(b.ended.count, 984);
	assert_int_equal(b.tracker.counts.ended[FLOW_END_EVICTED], 984);
	// An evicted flow whose time was up anyway ended for that reason.
	for (uint16_t i = 0; i < 16; i++)
		bench_packet(&b, &(struct packet){.ts_us = T0 + 600 * S, .src = 2, .dst = i}, NULL);
	assert_true(b.tracker.counts.ended[FLOW_END_IDLE] >= 10);
	assert_true(bench_adds_up(&b));
	bench_end(&b);
}

static void
nobody_listens(void **state)
{
	struct bench b;
	uint64_t removals;

	(void)state;
	bench_begin(&b, 64, usual, T0);
	b.tracker.on_end = NULL;
	bench_packet(&b, &(struct packet){.ts_us = T0, .src = 1, .dst = 2}, NULL);
	removals = b.tracker.removals;
	bench_packet(&b, &(struct packet){.ts_us = T0 + 90 * S, .src = 1, .dst = 2}, NULL);
	assert_int_equal(b.tracker.counts.ended[FLOW_END_IDLE], 1);
	assert_true(b.tracker.removals != removals);
	bench_end(&b);
}

static void
application_of_first_packet(void **state)
{
	struct bench b;
	const struct flow *f;

	(void)state;
	bench_begin(&b, 64, usual, T0);
	f = bench_packet(&b, &(struct packet){.ts_us = T0, .src = 9, .dst = 2, .sport = 53,
		.dport = 123}, NULL);
	assert_string_equal(protocol_name(b.protocols, f->app), "NTP");  // destination first
	f = bench_packet(&b, &(struct packet){.ts_us = T0, .src = 9, .dst = 2, .sport = 53,
		.dport = 40000}, NULL);
	assert_string_equal(protocol_name(b.protocols, f->app), "DNS");
	f = bench_packet(&b, &(struct packet){.ts_us = T0, .src = 1, .dst = 2, .sport = 30000,
		.dport = 40000, .proto = 6}, NULL);
	assert_string_equal(protocol_name(b.protocols, f->app), "TCP");
	bench_end(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_is_exact),
		cmocka_unit_test(active_is_exact),
		cmocka_unit_test(first_timeout_names_the_end),
		cmocka_unit_test(zero_is_never),
		cmocka_unit_test(clock_ends_flows),
		cmocka_unit_test(expiry_keeps_its_budget),
		cmocka_unit_test(silent_flows_cost_nothing),
		cmocka_unit_test(limits_change),
		cmocka_unit_test(backward_time_ends_nothing),
		cmocka_unit_test(timers_do_not_show),
		cmocka_unit_test(flush_names_what_was_due),
		cmocka_unit_test(full_table_evicts),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(application_of_first_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
