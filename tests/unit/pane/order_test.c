/* SPDX-License-Identifier: BSD-3-Clause */
// A worker that may wait hands its deltas over in an order that the packets decide: how soon the merge
// lcore gives parts back does not change it. Where keys have to be dropped, that order tells in results.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "eal_support.h"
#include "world.h"

#define PARTS 8
#define DELTAS 2

struct order {
	struct world *world;
	uint8_t flows[128];
	unsigned int count;
};

// The merge lcore folds a part: false if none has come.
static bool
part_fold(struct order *o)
{
	struct pane *p = pane_receive(o->world->writer.exchange);

	if (p == NULL)
		return false;
	for (uint32_t i = 0; i < p->count; i++)
		o->flows[o->count++] = p->deltas[i].key.addr[1][15];
	pane_recycle(o->world->writer.exchange, p);
	return true;
}

static void
part_wait(void *arg)
{
	assert_true(part_fold(arg));  // else nobody would ever go on
}

static void
packets_of(struct order *o, unsigned int from, unsigned int to, bool end, bool soon)
{
	struct pane_writer *w = &o->world->writer;

	for (unsigned int i = from; i < to; i++) {
		packet(o->world, i, 0, 60);
		if (end)
			pane_writer_flow_ended(w, &o->world->flow[i]);
		while (soon && part_fold(o))
			;
	}
}

// Three panes, the last flow of the second one seen again in the third, in which others end.
static void
panes_write(struct order *o, bool soon)
{
	struct pane_writer *w = &o->world->writer;

	w->wait = part_wait;
	w->wait_arg = o;
	assert_true(pane_writer_open(w, 1));
	packets_of(o, 0, 8, false, soon);
	pane_writer_close(w);
	pane_writer_work(w, UINT32_MAX);
	assert_true(pane_writer_open(w, 2));
	packets_of(o, 8, 16, false, soon);
	pane_writer_close(w);
	assert_true(pane_writer_open(w, 3));
	packets_of(o, 16, 24, true, soon);
	packets_of(o, 15, 16, false, soon);
	pane_writer_close(w);
	pane_writer_work(w, UINT32_MAX);
	while (part_fold(o))
		;
}

static void
soon_or_late(void **state)
{
	struct order orders[2] = {{0}};

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		orders[i].world = world_create("order", PARTS, DELTAS);
		panes_write(&orders[i], i == 0);
		assert_int_equal(orders[i].world->writer.lost_packets, 0);
		world_free(orders[i].world);
	}
	assert_int_equal(orders[0].count, 25);
	assert_int_equal(orders[1].count, 25);
	assert_memory_equal(orders[0].flows, orders[1].flows, 25);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(soon_or_late),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
