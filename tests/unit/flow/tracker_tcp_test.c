/* SPDX-License-Identifier: BSD-3-Clause */
// Ends by TCP, told as conversations: a line per packet.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "flow_support.h"

#define T0 (1700000000 * S)
#define F TCP_FIN
#define Y TCP_SYN
#define R TCP_RST
#define A TCP_ACK
#define LINES 10

struct line {
	char from;        // 'a' speaks to 'b' or the other way; 0 ends the conversation
	uint8_t flags;
	uint32_t seq, ack, payload;
	uint64_t gap_us;  // since the packet before
	int ends;         // enum flow_end that this packet brings about, 0 for none
	bool begins;      // this packet is the first one of a flow
};

struct conversation {
	const char *name;
	struct line line[LINES];
};

static const struct conversation conversations[] = {
	{"the usual one", {
		{'a', Y, 100, 0, 0, 0, 0, true},
		{'b', Y | A, 500, 101, 0, 1, 0, false},
		{'a', A, 101, 501, 10, 1, 0, false},
		{'a', F | A, 111, 501, 0, 1, 0, false},
		{'b', A, 501, 112, 0, 1, 0, false},
		{'b', F | A, 501, 112, 0, 1, 0, false},
		{'a', A, 112, 502, 0, 1, FLOW_END_FIN, false},
		{'a', A, 112, 502, 0, 1, 0, true}}},  // a late packet is a flow of its own
	{"the answering end closes first", {
		{'a', A, 1, 1, 0, 0, 0, true},
		{'b', F | A, 1, 1, 5, 1, 0, false},
		{'a', F | A, 1, 7, 0, 1, 0, false},
		{'b', A, 7, 2, 0, 1, FLOW_END_FIN, false}}},
	{"both at once: the one whose FIN came first acknowledges the other", {
		{'a', F | A, 10, 20, 0, 0, 0, true},
		{'b', F | A, 20, 10, 0, 1, 0, false},
		{'b', A, 21, 11, 0, 1, 0, false},   // of a's, the earlier one
		{'a', A, 11, 21, 0, 1, FLOW_END_FIN, false}}},
	{"an acknowledgement that does not cover the FIN ends nothing", {
		{'a', F | A, 10, 20, 0, 0, 0, true},
		{'b', F | A, 20, 11, 30, 1, 0, false},
		{'a', A, 11, 20, 0, 1, 0, false},
		{'a', A, 11, 50, 0, 1, 0, false},
		{'a', A, 11, 51, 0, 1, FLOW_END_FIN, false}}},
	{"an acknowledgement number without ACK is no acknowledgement", {
		{'a', F | A, 10, 20, 0, 0, 0, true},
		{'b', F | A, 20, 11, 0, 1, 0, false},
		{'a', 0, 11, 21, 0, 1, 0, false},
		{'a', A, 11, 21, 0, 1, FLOW_END_FIN, false}}},
	{"numbers wrap around", {
		{'a', F | A, 0xfffffff0, 0xffffffff, 0, 0, 0, true},
		{'b', F | A, 0xffffffff, 0xfffffff1, 0, 1, 0, false},
		{'a', A, 0xfffffff1, 0xffffffff, 0, 1, 0, false},
		{'a', A, 0xfffffff1, 0, 0, 1, FLOW_END_FIN, false}}},
	{"a FIN sent again changes nothing", {
		{'a', F | A, 10, 20, 0, 0, 0, true},
		{'a', F | A, 10, 20, 0, 1000000, 0, false},
		{'b', F | A, 20, 11, 0, 1, 0, false},
		{'b', F | A, 20, 11, 0, 1, 0, false},
		{'a', F | A, 10, 20, 0, 1, 0, false},
		{'a', A, 11, 21, 0, 1, FLOW_END_FIN, false}}},
	{"a FIN sent again with the acknowledgement completes the close", {
		{'a', F | A, 10, 20, 0, 0, 0, true},
		{'b', F | A, 20, 11, 0, 1, 0, false},
		{'a', F | A, 10, 21, 0, 1, FLOW_END_FIN, false}}},
	{"a FIN with a SYN takes a number for each", {
		{'a', Y | F, 10, 0, 0, 0, 0, true},
		{'b', Y | F | A, 20, 12, 0, 1, 0, false},
		{'a', A, 12, 21, 0, 1, 0, false},
		{'a', A, 12, 22, 0, 1, FLOW_END_FIN, false}}},
	{"reset, from either end, on a first packet as well", {
		{'a', A, 1, 1, 0, 0, 0, true},
		{'b', R, 1, 0, 0, 1, FLOW_END_RST, false},
		{'a', R | A, 1, 1, 0, 1, FLOW_END_RST, true},
		{'b', R, 1, 1, 0, 1, FLOW_END_RST, true}}},
	{"reset beats a close that it would complete", {
		{'a', F | A, 10, 20, 0, 0, 0, true},
		{'b', F | A, 20, 11, 0, 1, 0, false},
		{'a', R | A, 11, 21, 0, 1, FLOW_END_RST, false}}},
	{"a SYN after the end begins a new flow with the ends the other way round", {
		{'a', R, 1, 1, 0, 0, FLOW_END_RST, true},
		{'b', Y, 900, 0, 0, 1, 0, true},
		{'a', Y | A, 5, 901, 0, 1, 0, false}}},
	{"two seconds after the first FIN, and not a microsecond before", {
		{'a', F | A, 10, 20, 0, 0, 0, true},
		{'b', A, 20, 11, 0, 1999999, 0, false},
		{'b', A, 20, 11, 0, 1, FLOW_END_FIN_TIMEOUT, true}}},
	{"a FIN sent again does not prolong it", {
		{'a', F | A, 10, 20, 0, 0, 0, true},
		{'a', F | A, 10, 20, 0, 1500000, 0, false},
		{'b', F | A, 20, 11, 0, 400000, 0, false},
		{'b', A, 21, 11, 0, 100000, FLOW_END_FIN_TIMEOUT, true}}},
};

static void
say(struct bench *b, const struct line *l, uint64_t ts_us, bool *ret_new)
{
	bool a = l->from == 'a';

	bench_packet(b, &(struct packet){.ts_us = ts_us, .src = a ? 7 : 3, .dst = a ? 3 : 7,
		.sport = a ? 1000 : 80, .dport = a ? 80 : 1000, .proto = 6, .flags = l->flags,
		.seq = l->seq, .ack = l->ack, .payload = l->payload}, ret_new);
}

static void
play(const struct conversation *c)
{
	struct bench b;
	uint64_t ts = T0;

	bench_begin(&b, 64, (struct flow_limits){60 * S, 120 * S, true}, T0);
	for (unsigned int i = 0; i < LINES && c->line[i].from != 0; i++) {
		const struct line *l = &c->line[i];
		size_t before = b.ended.count;
		bool is_new;

		ts += l->gap_us;
		say(&b, l, ts, &is_new);
		if (is_new != l->begins || b.ended.count - before != (l->ends != 0))
			fail_msg("%s: line %u", c->name, i + 1);
		if (l->ends != 0)
			assert_int_equal(b.ended.record[before].end, l->ends);
		assert_true(bench_adds_up(&b));
	}
	bench_end(&b);
}

static void
conversations_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < RTE_DIM(conversations); i++)
		play(&conversations[i]);
}

// With tcp_end off flags end nothing, and turning it on holds for what comes then.
static void
tcp_end_off(void **state)
{
	struct bench b;
	bool is_new;

	(void)state;
	bench_begin(&b, 64, (struct flow_limits){60 * S, 120 * S, false}, T0);
	say(&b, &(struct line){.from = 'a', .flags = R}, T0, &is_new);
	say(&b, &(struct line){.from = 'b', .flags = F | A}, T0, &is_new);
	say(&b, &(struct line){.from = 'a', .flags = F | A, .ack = 9}, T0, &is_new);
	say(&b, &(struct line){.from = 'b', .flags = A, .ack = 9}, T0 + 5 * S, &is_new);
	assert_true(!is_new && b.ended.count == 0);
	b.tracker.limits.tcp_end = true;
	say(&b, &(struct line){.from = 'b', .flags = F | A}, T0 + 6 * S, &is_new);
	assert_true(!is_new);
	say(&b, &(struct line){.from = 'a', .flags = A, .ack = 1}, T0 + 8 * S, &is_new);
	assert_true(is_new);
	assert_int_equal(b.ended.record[0].end, FLOW_END_FIN_TIMEOUT);
	bench_end(&b);
}

// The clock ends a half-closed flow, too: within a tick, whatever it was filed under before.
static void
fin_timeout_by_clock(void **state)
{
	struct bench b;
	uint64_t now;

	(void)state;
	bench_begin(&b, 64, (struct flow_limits){0, 0, true}, T0);
	say(&b, &(struct line){.from = 'a', .flags = A}, T0, NULL);
	say(&b, &(struct line){.from = 'a', .flags = F | A}, T0 + S, NULL);
	for (now = T0 + S; b.ended.count == 0; now += 500)
		flow_tracker_expire(&b.tracker, now, 8);
	assert_in_range(now - 500, T0 + S + FIN_US, T0 + S + FIN_US + FLOW_TIMER_TICK_US + 500);
	assert_int_equal(b.ended.record[0].end, FLOW_END_FIN_TIMEOUT);
	bench_end(&b);
}

// A packet that went back in time does not move the FIN with it: two seconds stay two seconds.
static void
fin_timeout_after_backward_packet(void **state)
{
	struct bench b;
	bool is_new;

	(void)state;
	bench_begin(&b, 64, (struct flow_limits){60 * S, 120 * S, true}, T0);
	say(&b, &(struct line){.from = 'a', .flags = F | A, .seq = 10}, T0 + S, NULL);
	say(&b, &(struct line){.from = 'b', .flags = A, .ack = 11}, T0 + S / 2, NULL);
	say(&b, &(struct line){.from = 'b', .flags = A, .ack = 11}, T0 + 26 * S / 10, &is_new);
	assert_false(is_new);
	say(&b, &(struct line){.from = 'b', .flags = A, .ack = 11}, T0 + 3 * S - 1, &is_new);
	assert_false(is_new);
	say(&b, &(struct line){.from = 'b', .flags = A, .ack = 11}, T0 + 3 * S, &is_new);
	assert_true(is_new);
	assert_int_equal(b.ended.record[0].end, FLOW_END_FIN_TIMEOUT);
	bench_end(&b);
}

// Both ends alike: one direction only, so the close can never be seen to complete.
static void
talking_to_itself(void **state)
{
	struct packet p = {.src = 5, .dst = 5, .sport = 80, .dport = 80, .proto = 6,
		.flags = F | A};
	struct bench b;
	struct flow *f;

	(void)state;
	bench_begin(&b, 64, (struct flow_limits){60 * S, 120 * S, true}, T0);
	for (unsigned int i = 0; i < 4; i++) {
		p.ts_us = T0 + i;
		p.ack = i;
		f = bench_packet(&b, &p, NULL);
	}
	assert_true(b.ended.count == 0 && f->dir[0].packets == 4 && f->dir[1].packets == 0);
	p.sport = 81;  // the ports make two directions of one address
	p.ack = p.seq = 0;
	f = bench_packet(&b, &p, NULL);
	assert_int_equal(f->dir[0].packets, 1);
	p.sport = 80;
	p.dport = 81;
	f = bench_packet(&b, &p, NULL);
	assert_int_equal(f->dir[1].packets, 1);
	bench_end(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conversations_end),
		cmocka_unit_test(tcp_end_off),
		cmocka_unit_test(fin_timeout_by_clock),
		cmocka_unit_test(fin_timeout_after_backward_packet),
		cmocka_unit_test(talking_to_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
