/* SPDX-License-Identifier: BSD-3-Clause */
// The timer wheel: nothing before its deadline, nothing later than one tick after it.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "eal_support.h"
#include "flow_support.h"

#define FLOWS 500
#define AHEAD_US (FLOW_TIMER_TICK_US * (FLOW_TIMER_SLOTS - 2))
#define YEAR (UINT64_C(31557600) * S)

struct wheel {
	struct flow_timer timer;
	struct flow_table *table;
	struct flow *flow[FLOWS];
	uint64_t deadline[FLOWS];  // 0: not filed
	uint64_t now_us;
};

static struct wheel *
wheel_create(uint64_t now_us)
{
	struct wheel *w = test_calloc(1, sizeof(*w));

	w->now_us = now_us;
	w->table = flow_table_create("test", 4096, 1, -1);
	flow_timer_init(&w->timer, now_us);
	for (uint16_t i = 0; i < FLOWS; i++) {
		struct packet_meta m;

		meta_of(&(struct packet){.src = 1, .dst = i}, w->table, &m);
		w->flow[i] = flow_table_insert(w->table, &m.key, m.hash, 0);
		w->flow[i]->filter_mask = i;
	}
	return w;
}

static void
wheel_free(struct wheel *w)
{
	flow_table_free(w->table);
	test_free(w);
}

static void
wheel_file(struct wheel *w, unsigned int i, uint64_t deadline_us)
{
	flow_timer_file(&w->timer, w->table, w->flow[i], deadline_us);
	w->deadline[i] = deadline_us;
}

// Advance; whatever comes out must be due, whatever is left must not be overdue.
static unsigned int
wheel_advance(struct wheel *w, uint64_t now_us)
{
	unsigned int fired = 0;
	struct flow *f;

	w->now_us = now_us;
	while ((f = flow_timer_next(&w->timer, w->table, now_us)) != NULL) {
		uint64_t i = f->filter_mask;

		assert_ptr_equal(f, w->flow[i]);
		assert_true(w->deadline[i] != 0 && w->deadline[i] <= now_us);
		assert_int_equal(f->timer_slot, FLOW_TIMER_NONE);
		w->deadline[i] = 0;
		fired++;
	}
	for (unsigned int i = 0; i < FLOWS; i++)
		assert_true(w->deadline[i] == 0 || w->deadline[i] + FLOW_TIMER_TICK_US >= now_us);
	return fired;
}

static void
random_deadlines(void **state)
{
	struct wheel *w = wheel_create(1700000000 * S + 77);
	struct random r = {1};
	unsigned int fired = 0, filed = 0;

	(void)state;
	for (unsigned int step = 0; step < 20000; step++) {
		unsigned int i = (unsigned int)random_below(&r, FLOWS);

		if (random_below(&r, 4) == 0) {
			flow_timer_cancel(&w->timer, w->table, w->flow[i]);
			flow_timer_cancel(&w->timer, w->table, w->flow[i]);  // not in it: nothing
			w->deadline[i] = 0;
		} else {
			wheel_file(w, i, w->now_us + random_below(&r, step % 2 ? 50000 : AHEAD_US));
			filed++;
		}
		if (random_below(&r, 3) == 0)
			fired += wheel_advance(w, w->now_us + random_below(&r, 200000));
	}
	fired += wheel_advance(w, w->now_us + 2 * AHEAD_US);
	for (unsigned int i = 0; i < FLOWS; i++)
		assert_int_equal(w->deadline[i], 0);
	assert_true(fired > filed / 10);
	wheel_free(w);
}

static void
exact_moment(void **state)
{
	const uint64_t start = FLOW_TIMER_TICK_US * 1000;
	struct wheel *w = wheel_create(start);

	(void)state;
	wheel_file(w, 0, start + FLOW_TIMER_TICK_US);  // the beginning of the next tick
	assert_int_equal(wheel_advance(w, start + FLOW_TIMER_TICK_US - 1), 0);
	assert_int_equal(wheel_advance(w, start + FLOW_TIMER_TICK_US), 0);
	assert_int_equal(wheel_advance(w, start + 2 * FLOW_TIMER_TICK_US - 1), 0);
	assert_int_equal(wheel_advance(w, start + 2 * FLOW_TIMER_TICK_US), 1);
	wheel_free(w);
}

// A deadline that is already past is not forgotten and does not come within the same tick.
static void
past_deadline(void **state)
{
	struct wheel *w = wheel_create(YEAR);

	(void)state;
	flow_timer_file(&w->timer, w->table, w->flow[0], 5);
	w->deadline[0] = YEAR;
	assert_null(flow_timer_next(&w->timer, w->table, YEAR));
	assert_int_equal(wheel_advance(w, YEAR + FLOW_TIMER_TICK_US), 1);
	wheel_free(w);
}

// Beyond the wheel's end a flow comes out early, once a turn, and never late.
static void
far_deadlines(void **state)
{
	struct wheel *w = wheel_create(YEAR);
	const uint64_t deadline = YEAR + 3600 * S;
	unsigned int visits = 0;
	uint64_t now = YEAR;

	(void)state;
	flow_timer_file(&w->timer, w->table, w->flow[0], deadline);
	for (; now < deadline + FLOW_TIMER_TICK_US; now += FLOW_TIMER_TICK_US / 3) {
		if (flow_timer_next(&w->timer, w->table, now) == NULL)
			continue;
		visits++;
		if (now >= deadline)
			break;
		flow_timer_file(&w->timer, w->table, w->flow[0], deadline);
	}
	assert_in_range(now, deadline, deadline + FLOW_TIMER_TICK_US);
	assert_in_range(visits, 50, 60);  // 3600 s / 67 s
	flow_timer_file(&w->timer, w->table, w->flow[0], UINT64_MAX);
	assert_null(flow_timer_next(&w->timer, w->table, now + S));
	wheel_free(w);
}

static void
jumps_of_years(void **state)
{
	static const uint64_t jumps[] = {YEAR, 30 * YEAR, FLOW_TIMER_TICK_US * FLOW_TIMER_SLOTS,
		FLOW_TIMER_TICK_US * (FLOW_TIMER_SLOTS + 1),
		FLOW_TIMER_TICK_US * (FLOW_TIMER_SLOTS - 1)};
	struct random r = {9};

	(void)state;
	for (size_t j = 0; j < RTE_DIM(jumps); j++) {
		struct wheel *w = wheel_create(YEAR + j);

		for (unsigned int i = 0; i < FLOWS; i++)
			wheel_file(w, i, w->now_us + random_below(&r, AHEAD_US));
		assert_int_equal(wheel_advance(w, w->now_us + jumps[j]), FLOWS);
		wheel_file(w, 3, w->now_us + 5 * S);  // and it still works there
		assert_int_equal(wheel_advance(w, w->now_us + 5 * S - 1), 0);
		assert_int_equal(wheel_advance(w, w->now_us + 1 + FLOW_TIMER_TICK_US), 1);
		wheel_free(w);
	}
}

static void
millions_of_refiles(void **state)
{
	struct wheel *w = wheel_create(YEAR);
	struct random r = {4};

	(void)state;
	for (unsigned int step = 0; step < 3000000; step++) {
		unsigned int i = (unsigned int)random_below(&r, FLOWS);

		wheel_file(w, i, w->now_us + 60 * S + random_below(&r, S));
		if (step % 10000 == 0)
			assert_int_equal(wheel_advance(w, w->now_us + S / 100), 0);
	}
	assert_int_equal(wheel_advance(w, w->now_us + 62 * S), FLOWS);
	wheel_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_deadlines),
		cmocka_unit_test(exact_moment),
		cmocka_unit_test(past_deadline),
		cmocka_unit_test(far_deadlines),
		cmocka_unit_test(jumps_of_years),
		cmocka_unit_test(millions_of_refiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
