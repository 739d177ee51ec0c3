/* SPDX-License-Identifier: BSD-3-Clause */
// The tracker against the model: random conversations among few ends, so that flows come back,
// close, run out of time; timers are looked at at random. Same records, field by field.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "eal_support.h"
#include "flow/flow_stats.h"
#include "flow_model.h"

#define T0 (1700000000 * S)

struct world {
	struct random r;
	unsigned int hosts;
	unsigned int backward_percent;
	uint64_t step_us;      // usual distance of packets
	struct flow_limits limits;
	unsigned int step_bits;  // up to so many bits less than step_us
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
	return RTE_MAX(ts, clock) + random_below(&w->r,
		w->step_us >> random_below(&w->r, w->step_bits + 1));
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

// Six numbers by which flows and answers can be brought into one order.
struct order {
	uint64_t v[6];
};

static int
order_compare(const struct order *a, const struct order *b)
{
	for (unsigned int i = 0; i < RTE_DIM(a->v); i++)
		if (a->v[i] != b->v[i])
			return a->v[i] < b->v[i] ? -1 : 1;
	return 0;
}

static int
flow_compare(const void *va, const void *vb)
{
	const struct flow *a = va, *b = vb;
	struct order x = {{a->born_us, a->first_us, flow_seen_us(a), a->dir[0].packets,
		a->dir[0].bytes, a->dir[1].bytes}};
	struct order y = {{b->born_us, b->first_us, flow_seen_us(b), b->dir[0].packets,
		b->dir[0].bytes, b->dir[1].bytes}};

	return order_compare(&x, &y);
}

static int
answer_compare(const void *va, const void *vb)
{
	const struct model_answer *a = va, *b = vb;
	struct order x = {{a->born_us, a->part[0].first_us, a->seen_us, a->part[0].packets,
		a->part[0].bytes, a->part[1].bytes}};
	struct order y = {{b->born_us, b->part[0].first_us, b->seen_us, b->part[0].packets,
		b->part[0].bytes, b->part[1].bytes}};

	return order_compare(&x, &y);
}

static void
part_equal(const struct flow *f, enum flow_part part, const struct model_part *a)
{
	struct flow_gaps g;

	flow_gaps(f, part, &g);
	assert_int_equal(g.n, a->gaps);
	assert_true(g.min_us == a->gap_min && g.max_us == a->gap_max);
	assert_true(g.sum_us == a->gap_sum && g.squares == a->gap_squares);
	assert_true(flow_size_squares(f, part) == a->size_squares);
}

static void
direction_equal(const struct flow *f, enum flow_part part, const struct model_part *a)
{
	uint64_t first_us, last_us;
	struct flow_counters c;

	flow_part_counters(f, part, &c);
	assert_int_equal(c.packets, a->packets);
	assert_int_equal(c.bytes, a->bytes);
	assert_int_equal(c.l3_bytes, a->l3_bytes);
	assert_int_equal(c.tcp_flags, a->tcp_flags);
	assert_int_equal(c.ttl_min, a->ttl_min);
	assert_int_equal(c.ttl_max, a->ttl_max);
	assert_int_equal(c.size_min, a->size_min);
	assert_int_equal(c.size_max, a->size_max);
	if (a->packets > 0) {
		flow_part_times(f, part, &first_us, &last_us);
		assert_int_equal(first_us, a->first_us);
		assert_int_equal(last_us, a->last_us);
	}
}

static void
flow_equal(const struct flow *f, const struct model_answer *a)
{
	const struct model_part *both = &a->part[MODEL_BOTH];

	assert_int_equal(f->end, a->end);
	direction_equal(f, FLOW_FWD, &a->part[MODEL_FWD]);
	direction_equal(f, FLOW_REV, &a->part[MODEL_REV]);
	part_equal(f, FLOW_FWD, &a->part[MODEL_FWD]);
	part_equal(f, FLOW_REV, &a->part[MODEL_REV]);
	part_equal(f, FLOW_BOTH, both);
	assert_int_equal(f->first_us, both->first_us);
	assert_int_equal(f->last_us, both->last_us);
	assert_int_equal(f->born_us, a->born_us);
	assert_int_equal(flow_seen_us(f), a->seen_us);
}

// What was tried: ends of each kind, and flows with gaps both of 32 bits and of more.
struct tally {
	unsigned int ends[FLOW_END_COUNT];
	unsigned int mixed;
};

static void
tally_add(struct tally *t, const struct model_answer *a)
{
	t->ends[a->end]++;
	for (unsigned int i = 0; i < MODEL_PARTS; i++) {
		const struct model_part *p = &a->part[i];

		t->mixed += p->gap_max >= INT64_C(1) << 32 && p->gap_min >= 0 &&
			p->gap_min < UINT32_MAX;
	}
}

static void
compare_all(struct bench *b, const struct model *m, struct tally *tally)
{
	struct model_answer *expected = test_calloc(m->count, sizeof(*expected));

	for (size_t i = 0; i < m->count; i++) {
		model_answer(&m->flow[i], &expected[i]);
		tally_add(tally, &expected[i]);
	}
	assert_int_equal(b->ended.count, m->count);
	qsort(expected, m->count, sizeof(*expected), answer_compare);
	qsort(b->ended.record, b->ended.count, sizeof(struct flow), flow_compare);
	for (size_t i = 0; i < m->count; i++)
		flow_equal(&b->ended.record[i], &expected[i]);
	test_free(expected);
}

static void
play(struct world *w, unsigned int packets, struct tally *tally)
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
	compare_all(&b, &m, tally);
	model_free(&m);
	bench_end(&b);
}

static void
time_forward(void **state)
{
	struct tally tally = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world w = {{seed}, 3 + seed % 4, 0, S / 20, {5 * S, 8 * S, true}, 0};

		play(&w, 3000, &tally);
	}
	for (unsigned int e = FLOW_END_IDLE; e < FLOW_END_COUNT; e++)
		assert_true(e == FLOW_END_EVICTED || tally.ends[e] > 20);  // all kinds were tried
}

static void
time_back_and_forth(void **state)
{
	struct tally tally = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world w = {{seed * 77}, 3 + seed % 4, 15, S / 20, {3 * S, 8 * S, true}, 0};

		play(&w, 3000, &tally);
	}
	for (unsigned int e = FLOW_END_IDLE; e < FLOW_END_COUNT; e++)
		assert_true(e == FLOW_END_EVICTED || tally.ends[e] > 20);
}

static void
without_some_limits(void **state)
{
	static const struct flow_limits limits[] = {{0, 8 * S, true}, {5 * S, 0, true},
		{0, 0, true}, {0, 0, false}, {5 * S, 8 * S, false}, {1, 1, true}};
	struct tally tally = {0};

	(void)state;
	for (uint64_t i = 0; i < RTE_DIM(limits); i++) {
		struct world w = {{i + 5}, 4, (unsigned int)i * 3, S / 10, limits[i], 0};

		play(&w, 3000, &tally);
	}
	assert_true(tally.ends[FLOW_END_FLUSH] > 0);
}

// Steps of milliseconds and of hours in the same flow.
static void
gaps_narrow_and_wide(void **state)
{
	struct tally tally = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world w = {{seed * 131}, 1, (unsigned int)seed % 2 * 5,
			UINT64_C(1) << 34, {0, 0, seed % 3 != 0}, 20};

		play(&w, 3000, &tally);
	}
	assert_true(tally.mixed > 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_forward),
		cmocka_unit_test(time_back_and_forth),
		cmocka_unit_test(without_some_limits),
		cmocka_unit_test(gaps_narrow_and_wide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
