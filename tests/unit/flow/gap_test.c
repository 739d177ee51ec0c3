/* SPDX-License-Identifier: BSD-3-Clause */
// Where the hot and the cold part of the statistics meet: gaps about 32 bits, negative ones, both
// kinds mixed in every order, and sums of squares that pass 64 bits.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "eal_support.h"
#include "flow/flow_stats.h"
#include "flow_support.h"

#define T0 (UINT64_C(1) << 62)  // leaves room for any gap on both sides
#define GAP_32 (INT64_C(1) << 32)
#define MOST 64

struct step {
	int64_t gap;      // to the packet before, of either direction; the first one's is not used
	uint32_t bytes;
	unsigned int dir;
};

// Sums over a list, the simplest way.
struct truth {
	uint64_t n;
	__int128 min, max, sum;
	unsigned __int128 gap_squares, size_squares;
};

static void
truth_of(const struct step *s, unsigned int count, enum flow_part part, struct truth *ret)
{
	__int128 time = 0, before = 0;
	bool any = false;

	*ret = (struct truth){0};
	for (unsigned int i = 0; i < count; i++) {
		time += i > 0 ? s[i].gap : 0;
		if (part != FLOW_BOTH && s[i].dir != part)
			continue;
		ret->size_squares += (unsigned __int128)s[i].bytes * s[i].bytes;
		if (any) {
			__int128 gap = time - before;

			ret->min = ret->n == 0 || gap < ret->min ? gap : ret->min;
			ret->max = ret->n == 0 || gap > ret->max ? gap : ret->max;
			ret->sum += gap;
			ret->gap_squares += (unsigned __int128)(gap * gap);
			ret->n++;
		}
		any = true;
		before = time;
	}
}

static void
part_check(const struct flow *f, enum flow_part part, const struct step *s, unsigned int count)
{
	struct flow_gaps g;
	struct truth t;

	memset(&g, 0xa5, sizeof(g));
	flow_gaps(f, part, &g);
	truth_of(s, count, part, &t);
	assert_int_equal(g.n, t.n);
	if (g.min_us != t.min || g.max_us != t.max)
		fail_msg("part %u: gaps from %lld to %lld are said to be from %lld to %lld",
			(unsigned int)part, (long long)t.min, (long long)t.max,
			(long long)g.min_us, (long long)g.max_us);
	assert_true(g.sum_us == t.sum);
	assert_true(g.squares == t.gap_squares);
	assert_true(flow_size_squares(f, part) == t.size_squares);
}

// Plays the steps and checks all parts after every one of them. The first is forward.
static void
play(const struct step *s, unsigned int count, struct flow *f)
{
	uint64_t ts = T0;

	// As flow_table_insert() gives it: the cold part is what another flow has left.
	memset(f, 0, FLOW_HOT_BYTES);
	memset((uint8_t *)f + FLOW_HOT_BYTES, 0xa5, sizeof(*f) - FLOW_HOT_BYTES);
	for (unsigned int i = 0; i < count; i++) {
		struct packet_meta m = {.wire_bytes = s[i].bytes, .swapped = (uint8_t)s[i].dir};

		ts += i > 0 ? (uint64_t)s[i].gap : 0;
		m.ts_us = ts;
		if (i == 0)
			flow_stats_begin(f, &m, ts);
		flow_stats_update(f, &m, s[i].dir, ts);
		for (unsigned int part = 0; part < FLOW_PARTS; part++)
			part_check(f, (enum flow_part)part, s, i + 1);
	}
}

// One gap alone, in each direction.
static void
single_gaps(void **state)
{
	static const int64_t gaps[] = {0, 1, GAP_32 / 2, GAP_32 - 2, GAP_32 - 1, GAP_32,
		GAP_32 + 1, 2 * GAP_32 - 1, -1, -2, 2 - GAP_32, 1 - GAP_32, -GAP_32, -GAP_32 - 1,
		INT64_C(1) << 62, -(INT64_C(1) << 62)};

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(gaps); i++) {
		struct step s[] = {{0, 60, 0}, {gaps[i], 60, 0}, {0, 60, 1}, {gaps[i], 60, 1}};
		struct flow_gaps g;
		struct flow f;

		if (gaps[i] == INT64_C(1) << 62 || gaps[i] == -(INT64_C(1) << 62))
			s[2].gap = -gaps[i];  // stay within 64 bits
		play(s, RTE_DIM(s), &f);
		for (unsigned int part = FLOW_FWD; part <= FLOW_REV; part++) {
			flow_gaps(&f, (enum flow_part)part, &g);
			assert_true(g.n == 1 && g.min_us == gaps[i] && g.max_us == gaps[i]);
			assert_true(g.sum_us == gaps[i]);
			assert_true(g.squares == (flow_u128)((__int128)gaps[i] * gaps[i]));
		}
	}
}

// 2^32 - 2 is the longest gap of the hot part.
static void
border_of_the_parts(void **state)
{
	static const struct { int64_t gap; bool wide; } cases[] = {{0, false}, {GAP_32 - 2, false},
		{GAP_32 - 1, true}, {GAP_32, true}, {-1, true}};

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		struct step s[] = {{0, 60, 0}, {cases[i].gap, 60, 0}};
		struct flow f;

		play(s, RTE_DIM(s), &f);
		assert_int_equal(f.dir[0].gap_min_us == FLOW_GAP_WIDE, cases[i].wide);
		assert_int_equal((f.state & FLOW_COLD) != 0, cases[i].wide);
		if (cases[i].wide) {
			assert_true(f.gaps_wide[FLOW_FWD].min_us <= f.gaps_wide[FLOW_FWD].max_us);
			assert_true(f.gaps_wide[FLOW_REV].min_us > f.gaps_wide[FLOW_REV].max_us);
		}
	}
}

// Every sequence of four gaps out of these, with every choice of directions.
static void
every_order(void **state)
{
	static const int64_t gaps[] = {0, 7, GAP_32 - 2, GAP_32 - 1, GAP_32, -1, -5 * GAP_32};
	unsigned int sequences = 1;

	(void)state;
	for (unsigned int i = 0; i < 4; i++)
		sequences *= RTE_DIM(gaps);
	for (unsigned int q = 0; q < sequences * 16; q++) {
		struct step s[5] = {{0, 60, 0}};
		unsigned int rest = q / 16;
		struct flow f;

		for (unsigned int i = 1; i < RTE_DIM(s); i++, rest /= RTE_DIM(gaps))
			s[i] = (struct step){gaps[rest % RTE_DIM(gaps)], 60 + i,
				q >> (i - 1) & 1};
		play(s, RTE_DIM(s), &f);
	}
}

// Four times 2^62 is 2^64: the low part is 0 again.
static void
squares_of_sizes_carry(void **state)
{
	struct step s[MOST];
	struct flow f;

	(void)state;
	for (unsigned int i = 0; i < 8; i++)
		s[i] = (struct step){1, UINT32_C(1) << 31, i / 4};
	play(s, 8, &f);
	assert_true(flow_size_squares(&f, FLOW_FWD) == (flow_u128)1 << 64);
	assert_true(flow_size_squares(&f, FLOW_REV) == (flow_u128)1 << 64);
	assert_true(flow_size_squares(&f, FLOW_BOTH) == (flow_u128)2 << 64);
	assert_true(f.dir[0].size_squares == 0 && f.dir[1].size_squares == 0);
	for (unsigned int i = 0; i < MOST; i++)
		s[i] = (struct step){1, UINT32_MAX - i % 2, i % 3 == 2};
	play(s, MOST, &f);
	assert_true(flow_size_squares(&f, FLOW_BOTH) >> 64 > 60);
	for (unsigned int i = 0; i < MOST; i++)  // in one direction alone
		s[i].dir = i > 0;
	play(s, MOST, &f);
	assert_true(flow_size_squares(&f, FLOW_FWD) >> 64 == 0);
	assert_true(flow_size_squares(&f, FLOW_REV) >> 64 > 60);
}

static void
squares_of_gaps_carry(void **state)
{
	struct flow_gaps g;
	struct step s[MOST];
	struct flow f;

	(void)state;
	for (unsigned int i = 0; i < 5; i++)
		s[i] = (struct step){GAP_32 / 2, 60, 0};
	play(s, 5, &f);
	flow_gaps(&f, FLOW_FWD, &g);
	assert_true(g.squares == (flow_u128)1 << 64 && f.dir[0].gap_squares == 0);
	for (unsigned int i = 0; i < MOST; i++)  // narrow ones that carry nearly each time
		s[i] = (struct step){GAP_32 - 2, 60, 0};
	play(s, MOST, &f);
	flow_gaps(&f, FLOW_BOTH, &g);
	assert_true(g.squares >> 64 == 62 && g.max_us == GAP_32 - 2);
	for (unsigned int i = 0; i < MOST; i++)  // the other direction's turn: wide for each alone
		s[i].dir = i % 2;
	play(s, MOST, &f);
	flow_gaps(&f, FLOW_REV, &g);
	assert_true(g.min_us == 2 * (GAP_32 - 2) && g.squares >> 64 > 100);
}

// A wide square, whose low half fills the low part, before and after narrow ones that carry.
static void
squares_of_both_kinds_carry(void **state)
{
	static const int64_t kinds[] = {GAP_32 - 2, GAP_32 - 1, GAP_32 + 12345, -3 * GAP_32 + 1,
		GAP_32 - 7, 1 - GAP_32};
	struct random r = {5};
	struct step s[MOST];
	struct flow f;

	(void)state;
	for (unsigned int run = 0; run < 500; run++) {
		for (unsigned int i = 0; i < MOST; i++)
			s[i] = (struct step){kinds[random_below(&r, RTE_DIM(kinds))],
				UINT32_MAX - (uint32_t)random_below(&r, 1000),
				i > 0 && random_below(&r, 3) == 0};
		play(s, MOST, &f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_gaps),
		cmocka_unit_test(border_of_the_parts),
		cmocka_unit_test(every_order),
		cmocka_unit_test(squares_of_sizes_carry),
		cmocka_unit_test(squares_of_gaps_carry),
		cmocka_unit_test(squares_of_both_kinds_carry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
