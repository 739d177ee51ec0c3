/* SPDX-License-Identifier: BSD-3-Clause */
// A walk over the flow table in steps against a sort of all flows.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "flow/flow_scan.h"
#include "flow_support.h"

#define T0 (1700000000 * S)
#define FLOWS 600

// Flow i: i % 17 + 1 packets there and i % 3 back, of its own size, from T0 + i ms on.
static void
flows_make(struct bench *b)
{
	bench_begin(b, 1024, (struct flow_limits){.idle_us = 600 * S, .tcp_end = true}, T0);
	for (unsigned int i = 0; i < FLOWS; i++) {
		struct packet p = {.ts_us = T0 + i * 1000, .src = (uint16_t)i, .dst = 9999,
			.sport = 1000, .dport = 53, .proto = 6, .wire_bytes = 64 + i * 7 % 1400};
		struct packet back = {.src = 9999, .dst = (uint16_t)i, .sport = 53, .dport = 1000,
			.proto = 6, .wire_bytes = 500};
		bool new;

		for (unsigned int n = 0; n <= i % 17; n++, p.ts_us += i * 13 % 9000)
			bench_packet(b, &p, &new);
		back.ts_us = p.ts_us;
		for (unsigned int n = 0; n < i % 3; n++)
			bench_packet(b, &back, &new);
	}
}

static uint64_t
value_of(const struct flow *f, enum flow_order order)
{
	struct flow_counters c;

	flow_part_counters(f, FLOW_BOTH, &c);
	switch (order) {
	case FLOW_BY_BYTES:
		return c.bytes;
	case FLOW_BY_PACKETS:
		return c.packets;
	case FLOW_BY_LAST:
		return f->last_us;
	case FLOW_BY_FIRST:
		return f->first_us;
	default:
		return f->last_us - f->first_us;
	}
}

static int
u64_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

// What the walk should give: the values of flows that match, sorted.
static uint32_t
model_values(const struct bench *b, const struct flow_scan *s, uint64_t *ret)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < b->table->fresh; i++) {
		const struct flow *f = &b->table->flows[i];

		if (f->key.version != 0 && (s->match == NULL || s->match(s->arg, f)))
			ret[n++] = value_of(f, s->order);
	}
	qsort(ret, n, sizeof(*ret), u64_compare);
	for (uint32_t i = 0; i < n / 2 && !s->ascending; i++) {
		uint64_t v = ret[i];

		ret[i] = ret[n - 1 - i];
		ret[n - 1 - i] = v;
	}
	return n;
}

static unsigned int
walk(struct flow_scan *s, const struct flow_table *t, unsigned int budget, uint64_t now_us)
{
	unsigned int steps = 1;

	while (!flow_scan_step(s, t, budget, now_us + steps))
		steps++;
	return steps;
}

static bool
source_is_even(const void *arg, const struct flow *f)
{
	assert_ptr_equal(arg, "even");
	return f->key.addr[f->fwd_swapped][15] % 2 == 0;
}

static void
answer_is_right(struct bench *b, struct flow_scan *s)
{
	static uint64_t expected[FLOWS];
	const struct flow *got[FLOWS];
	uint32_t n = model_values(b, s, expected), shown;

	assert_true(s->complete);
	assert_int_equal(s->matched, n);
	shown = flow_scan_collect(s, 1, s->limit, got);
	assert_int_equal(shown, RTE_MIN(n, s->limit));
	for (uint32_t i = 0; i < shown; i++)
		assert_int_equal(value_of(got[i], s->order), expected[i]);
}

static void
orders_and_limits(void **state)
{
	static const uint32_t limits[] = {1, 2, 50, FLOWS};
	struct bench b;

	(void)state;
	flows_make(&b);
	for (unsigned int order = 0; order < FLOW_ORDERS; order++)
		for (unsigned int i = 0; i < RTE_DIM(limits) * 4; i++) {
			struct flow_scan s;

			assert_int_equal(flow_scan_init(&s, limits[i / 4]), 0);
			s.order = (enum flow_order)order;
			s.ascending = i % 2 == 1;
			if (i % 4 >= 2) {
				s.match = source_is_even;
				s.arg = "even";
			}
			walk(&s, b.table, 7, T0);
			assert_int_equal(s.looked, FLOWS);
			answer_is_right(&b, &s);
			flow_scan_fini(&s);
		}
	bench_end(&b);
}

static void
steps_are_bounded(void **state)
{
	struct flow_scan s;
	struct bench b;

	(void)state;
	flows_make(&b);
	assert_int_equal(flow_scan_init(&s, 10), 0);
	assert_false(flow_scan_step(&s, b.table, 4, T0 + 5));
	assert_int_equal(s.next, 4);
	assert_int_equal(s.looked, 4);
	assert_false(s.complete);
	assert_int_equal(walk(&s, b.table, 4, T0 + 5), FLOWS / 4 - 1);
	assert_int_equal(s.from_us, T0 + 5);
	assert_int_equal(s.to_us, T0 + 5 + FLOWS / 4 - 1);
	flow_scan_fini(&s);
	bench_end(&b);
}

static void
flow_reset(struct bench *b, uint16_t i)
{
	struct packet p = {.ts_us = T0 + 8 * S, .src = i, .dst = 9999, .sport = 1000, .dport = 53,
		.proto = 6, .flags = TCP_RST};
	bool new;

	bench_packet(b, &p, &new);
	assert_false(new);
}

// A flow that ends before its slot is reached is not in the answer; a copy stays as it was when its
// flow ends, and the slot is taken again, behind the walk.
static void
table_changes_meanwhile(void **state)
{
	const struct flow *got[FLOWS];
	uint64_t looked, bytes;
	struct flow_scan s;
	struct bench b;
	bool new;
	struct packet p = {.ts_us = T0 + 9 * S, .src = 5000, .dst = 1, .wire_bytes = 1500};

	(void)state;
	flows_make(&b);
	assert_int_equal(flow_scan_init(&s, FLOWS), 0);
	assert_false(flow_scan_step(&s, b.table, FLOWS / 2, T0));
	bytes = s.bytes;
	flow_reset(&b, FLOWS / 2 + 1);
	flow_reset(&b, 3);
	assert_true(b.table->flows[3].key.version == 0);
	bench_packet(&b, &p, &new);
	assert_true(new);
	assert_true(b.table->flows[3].key.version != 0);
	walk(&s, b.table, 16, T0);
	looked = s.looked;
	assert_int_equal(looked, FLOWS - 1);
	assert_int_equal(flow_scan_collect(&s, 1, FLOWS, got), looked);
	for (uint32_t i = 0; i < looked; i++)
		assert_true(got[i]->last_us < T0 + 9 * S);
	assert_true(s.bytes > bytes);
	flow_scan_fini(&s);
	bench_end(&b);
}

static void
empty_and_several(void **state)
{
	const struct flow *got[20];
	struct flow_scan s[2];
	struct bench a, b;

	(void)state;
	flows_make(&a);
	bench_begin(&b, 64, (struct flow_limits){.idle_us = 600 * S, .active_us = 0}, T0);
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(flow_scan_init(&s[i], 20), 0);
	assert_int_equal(walk(&s[1], b.table, 16, T0), 1);
	assert_int_equal(s[1].looked, 0);
	walk(&s[0], a.table, 16, T0);
	assert_int_equal(flow_scan_collect(s, 2, 20, got), 20);
	flow_scan_fini(&s[1]);
	// The same table twice: every flow comes twice, and the limit is of the answer.
	assert_int_equal(flow_scan_init(&s[1], 20), 0);
	walk(&s[1], a.table, 16, T0);
	assert_int_equal(flow_scan_collect(s, 2, 20, got), 20);
	for (unsigned int i = 0; i < 20; i += 2)
		assert_true(flow_key_equal(&got[i]->key, &got[i + 1]->key));
	flow_scan_fini(&s[0]);
	flow_scan_fini(&s[1]);
	bench_end(&a);
	bench_end(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_and_limits),
		cmocka_unit_test(steps_are_bounded),
		cmocka_unit_test(table_changes_meanwhile),
		cmocka_unit_test(empty_and_several),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
