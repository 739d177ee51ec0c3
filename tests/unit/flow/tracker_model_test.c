/* SPDX-License-Identifier: BSD-3-Clause */
// The tracker against the model: random conversations among few ends, so that flows come back,
// close, run out of time; timers are looked at at random. Same records, field by field.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "eal_support.h"
#include "flow_model.h"

#define T0 (1700000000 * S)

struct world {
	struct random r;
	unsigned int hosts;
	unsigned int backward_percent;
	uint64_t step_us;      // usual distance of packets
	struct flow_limits limits;
};

static uint64_t
next_time(struct world *w, uint64_t ts, uint64_t clock)
{
	unsigned int dice = (unsigned int)random_below(&w->r, 1000);

	if (dice < w->backward_percent * 10)
		return clock - random_below(&w->r, 4 * S);
	if (dice > 990)  // to the moment of a timeout, or one beside it
		return ts + w->limits.idle_us + random_below(&w->r, 3) - 1;
	if (dice > 980)
		return ts + FIN_US + random_below(&w->r, 3) - 1;
	return RTE_MAX(ts, clock) + random_below(&w->r, w->step_us);
}

static void
next_packet(struct world *w, struct packet *p, uint64_t clock)
{
	unsigned int dice = (unsigned int)random_below(&w->r, 100);

	p->ts_us = next_time(w, p->ts_us, clock);
	p->src = (uint16_t)random_below(&w->r, w->hosts);
	p->dst = (uint16_t)random_below(&w->r, w->hosts);
	p->sport = (uint16_t)random_below(&w->r, 2);
	p->dport = (uint16_t)random_below(&w->r, 2);
	p->proto = random_below(&w->r, 5) == 0 ? 17 : 6;
	p->wire_bytes = 1 + (uint32_t)random_below(&w->r, 9000);
	p->l3_bytes = (uint32_t)random_below(&w->r, 9000);
	p->ttl = (uint8_t)random_next(&w->r);
	p->flags = 0;
	p->seq = p->ack = p->payload = 0;
	if (p->proto != 6)
		return;
	p->flags = dice < 3 ? TCP_RST : dice < 30 ? TCP_FIN | TCP_ACK : dice < 90 ? TCP_ACK :
		TCP_SYN;
	p->seq = (uint32_t)random_below(&w->r, 8) - 4;  // around the wrap
	p->ack = (uint32_t)random_below(&w->r, 12) - 5;
	p->payload = (uint32_t)random_below(&w->r, 3);
}

static int
record_compare(const void *va, const void *vb)
{
	const struct flow *a = va, *b = vb;
	uint64_t x[] = {a->born_us, a->dir[0].first_us, a->seen_us, a->dir[0].packets,
		a->dir[0].bytes, a->dir[1].bytes};
	uint64_t y[] = {b->born_us, b->dir[0].first_us, b->seen_us, b->dir[0].packets,
		b->dir[0].bytes, b->dir[1].bytes};

	for (unsigned int i = 0; i < RTE_DIM(x); i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

static void
direction_equal(const struct flow_direction *a, const struct flow_direction *b)
{
	assert_int_equal(a->packets, b->packets);
	assert_int_equal(a->bytes, b->bytes);
	assert_int_equal(a->l3_bytes, b->l3_bytes);
	assert_int_equal(a->tcp_flags, b->tcp_flags);
	assert_int_equal(a->ttl_min, b->ttl_min);
	assert_int_equal(a->ttl_max, b->ttl_max);
	assert_int_equal(a->size_min, b->size_min);
	assert_int_equal(a->size_max, b->size_max);
	assert_true(a->size_squares == b->size_squares && a->iat_squares == b->iat_squares);
	assert_int_equal(a->iat_min_us, b->iat_min_us);
	assert_int_equal(a->iat_max_us, b->iat_max_us);
	if (a->packets > 0) {
		assert_int_equal(a->first_us, b->first_us);
		assert_int_equal(a->last_us, b->last_us);
	}
}

static void
record_equal(const struct flow *a, const struct flow *b)
{
	assert_int_equal(a->end, b->end);
	direction_equal(&a->dir[0], &b->dir[0]);
	direction_equal(&a->dir[1], &b->dir[1]);
	assert_int_equal(a->iat_min_us, b->iat_min_us);
	assert_int_equal(a->iat_max_us, b->iat_max_us);
	assert_true(a->iat_squares == b->iat_squares);
	assert_int_equal(a->last_us, b->last_us);
	assert_int_equal(a->born_us, b->born_us);
}

static void
compare_all(struct bench *b, const struct model *m, unsigned int *ret_ends)
{
	struct record_list expected = {0};

	for (size_t i = 0; i < m->count; i++) {
		struct flow f;

		model_record(&m->flow[i], &f);
		record_list_add(&expected, &f);
		ret_ends[f.end]++;
	}
	assert_int_equal(b->ended.count, expected.count);
	qsort(expected.record, expected.count, sizeof(struct flow), record_compare);
	qsort(b->ended.record, b->ended.count, sizeof(struct flow), record_compare);
	for (size_t i = 0; i < expected.count; i++)
		record_equal(&b->ended.record[i], &expected.record[i]);
	record_list_free(&expected);
}

static void
play(struct world *w, unsigned int packets, unsigned int *ret_ends)
{
	struct model m = {.limits = w->limits, .clock_us = T0};
	struct packet p = {.ts_us = T0};
	struct bench b;

	bench_begin(&b, 8192, w->limits, T0);
	for (unsigned int i = 0; i < packets; i++) {
		next_packet(w, &p, b.now_us);
		model_packet(&m, &p);
		bench_packet(&b, &p, NULL);
		if (random_below(&w->r, 4) == 0)
			flow_tracker_expire(&b.tracker, b.now_us,
				(unsigned int)random_below(&w->r, 4));
		if (i % 512 == 0)
			assert_true(bench_adds_up(&b));
	}
	model_flush(&m);
	flow_tracker_flush(&b.tracker, b.now_us);
	assert_true(bench_adds_up(&b));
	assert_int_equal(b.tracker.counts.active, 0);
	assert_int_equal(b.tracker.counts.ended[FLOW_END_EVICTED], 0);
	compare_all(&b, &m, ret_ends);
	model_free(&m);
	bench_end(&b);
}

static void
time_forward(void **state)
{
	unsigned int ends[FLOW_END_COUNT] = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world w = {{seed}, 3 + seed % 4, 0, S / 20, {5 * S, 8 * S, true}};

		play(&w, 3000, ends);
	}
	for (unsigned int e = FLOW_END_IDLE; e < FLOW_END_COUNT; e++)
		assert_true(e == FLOW_END_EVICTED || ends[e] > 20);  // all kinds were tried
}

static void
time_back_and_forth(void **state)
{
	unsigned int ends[FLOW_END_COUNT] = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world w = {{seed * 77}, 3 + seed % 4, 15, S / 20, {3 * S, 8 * S, true}};

		play(&w, 3000, ends);
	}
	for (unsigned int e = FLOW_END_IDLE; e < FLOW_END_COUNT; e++)
		assert_true(e == FLOW_END_EVICTED || ends[e] > 20);
}

static void
without_some_limits(void **state)
{
	static const struct flow_limits limits[] = {{0, 8 * S, true}, {5 * S, 0, true},
		{0, 0, true}, {0, 0, false}, {5 * S, 8 * S, false}, {1, 1, true}};
	unsigned int ends[FLOW_END_COUNT] = {0};

	(void)state;
	for (uint64_t i = 0; i < RTE_DIM(limits); i++) {
		struct world w = {{i + 5}, 4, (unsigned int)i * 3, S / 10, limits[i]};

		play(&w, 3000, ends);
	}
	assert_true(ends[FLOW_END_FLUSH] > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_forward),
		cmocka_unit_test(time_back_and_forth),
		cmocka_unit_test(without_some_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
