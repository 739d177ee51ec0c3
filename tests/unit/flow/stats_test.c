/* SPDX-License-Identifier: BSD-3-Clause */
// Statistics of a flow against a computation from the list of its packets: exact where integers
// are, within a few units of the last place where a root is drawn.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>

#include "eal_support.h"
#include "flow_support.h"
#include "flow/flow_stats.h"

#define MOST 3000

struct series {
	unsigned int n;
	int64_t v[MOST];
};

// Mean first, then the squares of the differences from it: another way than the sums.
static void
series_summarize(const struct series *s, struct flow_summary *ret)
{
	long double mean = 0, squares = 0;

	*ret = (struct flow_summary){0};
	if (s->n == 0)
		return;
	ret->min = ret->max = s->v[0];
	for (unsigned int i = 0; i < s->n; i++) {
		mean += s->v[i];
		ret->min = RTE_MIN(ret->min, s->v[i]);
		ret->max = RTE_MAX(ret->max, s->v[i]);
	}
	mean /= s->n;
	for (unsigned int i = 0; i < s->n; i++)
		squares += (s->v[i] - mean) * (s->v[i] - mean);
	ret->mean = (double)mean;
	ret->std = s->n > 1 ? (double)sqrtl(squares / (s->n - 1)) : 0;
}

static void
near(double found, double expected)
{
	double allowed = 1e-9 * fabs(expected) + 1e-9;

	if (!(fabs(found - expected) <= allowed))
		fail_msg("%.17g is not %.17g", found, expected);
}

static void
summary_check(const struct series *s, uint64_t n, int64_t min, int64_t max, int64_t sum,
	flow_u128 squares)
{
	struct flow_summary found, expected;
	flow_u128 true_squares = 0;
	__int128 true_sum = 0;

	for (unsigned int i = 0; i < s->n; i++) {
		true_sum += s->v[i];
		true_squares += (flow_u128)((__int128)s->v[i] * s->v[i]);
	}
	assert_int_equal(n, s->n);
	assert_true(true_sum == sum && true_squares == squares);
	flow_summarize(n, min, max, sum, squares, &found);
	series_summarize(s, &expected);
	assert_true(found.min == expected.min && found.max == expected.max);
	near(found.mean, expected.mean);
	near(found.std, expected.std);
}

struct history {
	struct series size[3], gap[3];   // fwd, rev, both
	uint64_t last[3];
	uint64_t packets[3];
};

static void
history_add(struct history *h, unsigned int which, uint64_t ts_us, uint32_t size)
{
	h->size[which].v[h->size[which].n++] = size;
	if (h->packets[which]++ > 0)
		h->gap[which].v[h->gap[which].n++] = (int64_t)(ts_us - h->last[which]);
	h->last[which] = ts_us;
}

static void
gaps_check(const struct series *s, const struct flow *f, enum flow_part part)
{
	struct flow_gaps g;

	flow_gaps(f, part, &g);
	if (s->n == 0)
		assert_true(g.min_us == 0 && g.max_us == 0);
	summary_check(s, g.n, g.min_us, g.max_us, g.sum_us, g.squares);
}

static void
history_check(const struct history *h, const struct flow *f)
{
	uint64_t bytes = f->dir[0].bytes + f->dir[1].bytes;
	bool one = f->dir[1].packets == 0;

	for (unsigned int i = 0; i < 2; i++) {
		const struct flow_direction *d = &f->dir[i];

		assert_int_equal(d->packets, h->packets[i]);
		summary_check(&h->size[i], d->packets, d->size_min, d->size_max, (int64_t)d->bytes,
			flow_size_squares(f, (enum flow_part)i));
	}
	summary_check(&h->size[2], f->dir[0].packets + f->dir[1].packets,
		one ? f->dir[0].size_min : RTE_MIN(f->dir[0].size_min, f->dir[1].size_min),
		RTE_MAX(f->dir[0].size_max, f->dir[1].size_max), (int64_t)bytes,
		flow_size_squares(f, FLOW_BOTH));
	for (unsigned int part = 0; part < FLOW_PARTS; part++)
		gaps_check(&h->gap[part], f, (enum flow_part)part);
}

enum pace { STEADY, SHUFFLED, YEARS, BURST };

static uint64_t
pace_step(struct random *r, enum pace pace, uint64_t ts_us)
{
	switch (pace) {
	case STEADY:
		return ts_us + random_below(r, 1000);
	case SHUFFLED:
		return 1000 * S + random_below(r, 1000 * S);  // forwards and backwards
	case YEARS:
		return random_below(r, INT64_MAX / 1000);     // anything a capture can say
	default:
		return ts_us;
	}
}

static void
run(enum pace pace, uint32_t size_most, unsigned int packets, unsigned int rev_percent)
{
	struct history *h = test_calloc(1, sizeof(*h));
	struct random r = {pace * 10 + packets};
	struct flow f = {0};
	uint64_t ts = 1700000000 * S, now = ts;

	for (unsigned int i = 0; i < packets; i++) {
		unsigned int dir = i > 0 && random_below(&r, 100) < rev_percent;
		struct packet_meta m = {.ts_us = ts,
			.wire_bytes = (uint32_t)random_below(&r, size_most),
			.ttl = (uint8_t)random_below(&r, 256), .swapped = (uint8_t)dir};

		now = RTE_MAX(now, ts);
		if (i == 0)
			flow_stats_begin(&f, &m, now);
		assert_int_equal(flow_direction_of(&f, &m), dir);
		flow_stats_update(&f, &m, dir, now);
		assert_true(f.last_us == ts && flow_seen_us(&f) == now);
		history_add(h, dir, ts, m.wire_bytes);
		history_add(h, 2, ts, m.wire_bytes);
		if (i < 20 || i == packets - 1)
			history_check(h, &f);
		ts = pace_step(&r, pace, ts);
	}
	test_free(h);
}

static void
random_series(void **state)
{
	(void)state;
	run(STEADY, 1519, MOST, 40);
	run(STEADY, 1519, 2, 100);
	run(SHUFFLED, 262144, MOST, 50);
	run(BURST, 1, 100, 50);
	run(BURST, 1519, 1, 0);
}

static void
huge_series(void **state)
{
	(void)state;
	run(YEARS, 1U << 30, 2000, 30);  // squares beyond 64 bits
}

// Two values a unit apart, far from zero: the difference of large squares has to survive.
static void
nothing_cancels(void **state)
{
	const uint64_t a = (UINT64_C(1) << 52) + 1;
	struct flow_summary s;

	(void)state;
	flow_summarize(2, (int64_t)a, (int64_t)a + 1, (int64_t)(2 * a + 1),
		(flow_u128)a * a + (flow_u128)(a + 1) * (a + 1), &s);
	near(s.std, sqrt(0.5));
	flow_summarize(1000, (int64_t)a, (int64_t)a + 1, (int64_t)(1000 * a + 500),
		500 * (flow_u128)a * a + 500 * (flow_u128)(a + 1) * (a + 1), &s);
	near(s.std, 0.5 * sqrt(1000.0 / 999));
}

/*
 * Time stamps that leap back and forth by centuries, as a hostile capture may have them: the sum
 * stays small while the squares grow, and n * squares passes 2^128.
 */
static void
leaps_of_centuries(void **state)
{
	const int64_t leap = INT64_MAX / 1000;
	const uint64_t n = 1 << 20;
	struct flow_summary s;

	(void)state;
	flow_summarize(n, -leap, leap, 0, (flow_u128)leap * (flow_u128)leap * n, &s);
	near(s.std / (double)leap, sqrt((double)n / (double)(n - 1)));
	assert_true(s.mean == 0);
}

// The extremes of a 64-bit time are told exactly, not through a double.
static void
extremes_are_exact(void **state)
{
	struct flow_summary s;

	(void)state;
	flow_summarize(3, -(INT64_C(1) << 53) - 1, (INT64_C(1) << 53) + 1, 0, 0, &s);
	assert_true((int64_t)s.min == -(INT64_C(1) << 53) - 1);
	assert_true((int64_t)s.max == (INT64_C(1) << 53) + 1);
}

static void
empty_and_single(void **state)
{
	struct flow_summary s;

	(void)state;
	flow_summarize(0, 5, 6, 7, 8, &s);
	assert_true(s.min == 0 && s.max == 0 && s.mean == 0 && s.std == 0);
	flow_summarize(1, 5, 5, 5, 25, &s);
	assert_true(s.min == 5 && s.max == 5 && s.mean == 5 && s.std == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_series),
		cmocka_unit_test(huge_series),
		cmocka_unit_test(nothing_cancels),
		cmocka_unit_test(leaps_of_centuries),
		cmocka_unit_test(extremes_are_exact),
		cmocka_unit_test(empty_and_single),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
