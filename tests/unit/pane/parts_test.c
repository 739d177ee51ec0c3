/* SPDX-License-Identifier: BSD-3-Clause */
// A pane's way in parts: in order, with the totals once, and what happens when there is no empty
// part.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "eal_support.h"
#include "world.h"

// The parts of one pane: the first one has the totals so far, the last one says that it is the
// last.
static void
pane_in_parts(void **state)
{
	struct world *w = world_create("parts", 8, 4);
	struct pane *p;

	(void)state;
	pane_writer_open(&w->writer, 5);
	w->writer.open->part->packets = 12;
	w->writer.open->part->filter_version = 3;
	for (unsigned int i = 0; i < 10; i++)
		packet(w, i, 0, 100 + i);
	w->writer.open->last = true;
	pane_writer_close(&w->writer);
	assert_true(pane_writer_work(&w->writer, 4));
	assert_null(pane_receive(w->writer.exchange));  // full, but it may be the last
	assert_false(pane_writer_work(&w->writer, 6));
	for (unsigned int part = 0; part < 3; part++) {
		p = pane_receive(w->writer.exchange);
		assert_true(p->index == 5 && p->filter_version == 3);
		assert_int_equal(p->count, part < 2 ? 4 : 2);
		assert_true(p->continued == (part < 2) && p->last == (part == 2));
		assert_int_equal(p->packets, part == 0 ? 12 : 0);
		assert_true(p->flow_packets == (part == 0 ? 10 : 0) && p->lost_packets == 0);
		assert_int_equal(p->flow_bytes, part == 0 ? 1045 : 0);
		for (unsigned int i = 0; i < p->count; i++)
			delta_is(&p->deltas[i], part * 4 + i, 1, 100 + part * 4 + i, 0, 0, true);
	}
	assert_null(pane_receive(w->writer.exchange));
	world_free(w);
}

// Flows that end in the open pane fill parts of it; none overtakes the pane before.
static void
parts_in_order(void **state)
{
	struct world *w = world_create("order", 16, 2);
	uint64_t packets[3] = {0}, index = 1;
	struct pane *p;

	(void)state;
	pane_writer_open(&w->writer, 1);
	for (unsigned int i = 0; i < 7; i++)
		packet(w, i, 0, 1);
	pane_writer_close(&w->writer);
	pane_writer_open(&w->writer, 2);
	assert_true(pane_writer_work(&w->writer, 5));
	for (unsigned int i = 20; i < 29; i++) {
		packet(w, i, 0, 1);
		pane_writer_flow_ended(&w->writer, &w->flow[i]);
	}
	assert_false(pane_writer_work(&w->writer, 5));
	pane_writer_close(&w->writer);
	pane_writer_work(&w->writer, UINT32_MAX);
	while ((p = pane_receive(w->writer.exchange)) != NULL) {
		assert_true(p->index == index && p->count > 0);
		packets[index] += p->flow_packets;
		for (uint32_t i = 0; i < p->count; i++)
			assert_true((p->deltas[i].key.addr[1][15] >= 20) == (index == 2));
		index += !p->continued;
	}
	assert_true(index == 3 && packets[1] == 7 && packets[2] == 9);
	world_free(w);
}

// Without an empty part the closed pane rests. What has to be written all the same is lost, by
// number.
static void
parts_run_out(void **state)
{
	struct world *w = world_create("run_out", 3, 2);
	struct pane *p;

	(void)state;
	pane_writer_open(&w->writer, 1);
	for (unsigned int i = 0; i < 9; i++)
		packet(w, i, 0, 10 + i);
	pane_writer_close(&w->writer);
	pane_writer_open(&w->writer, 2);
	assert_false(pane_writer_work(&w->writer, 100));  // 0 to 3
	assert_true(w->flow[3].pane == 0 && w->flow[4].pane != 0);
	packet(w, 8, 1, 1000);                            // its delta of pane 1 is lost
	assert_true(w->writer.lost_packets == 1 && w->writer.lost_bytes == 18);
	p = pane_receive(w->writer.exchange);
	assert_true(p->index == 1 && p->count == 2 && p->flow_packets == 9 && p->lost_packets == 0);
	delta_is(&p->deltas[1], 1, 1, 11, 0, 0, true);
	assert_null(pane_receive(w->writer.exchange));
	pane_recycle(w->writer.exchange, p);
	assert_false(pane_writer_work(&w->writer, 100));  // 4 and 5
	pane_writer_close(&w->writer);                    // 6 and 7 are lost
	assert_true(w->writer.lost_packets == 3 && w->writer.lost_bytes == 18 + 16 + 17);
	p = pane_receive(w->writer.exchange);
	assert_true(p->index == 1 && p->count == 2 && p->continued);
	assert_true(p->lost_packets == 1 && p->lost_bytes == 18);
	p = pane_receive(w->writer.exchange);
	assert_true(p->index == 1 && p->count == 2 && !p->continued && p->lost_packets == 2);
	delta_is(&p->deltas[1], 5, 1, 15, 0, 0, true);
	assert_false(pane_writer_work(&w->writer, 100));
	p = pane_receive(w->writer.exchange);
	assert_true(p->index == 2 && p->count == 1 && p->lost_packets == 0);
	delta_is(&p->deltas[0], 8, 0, 0, 1, 1000, false);
	world_free(w);
}

// However many flows end in the open pane, one part stays for the closed one: else all would be here, and
// the merge lcore would have nothing to give back.
static void
closed_pane_goes_on(void **state)
{
	struct world *w = world_create("goes_on", 6, 2);
	unsigned int closed = 0;
	struct pane *p;

	(void)state;
	pane_writer_open(&w->writer, 1);
	for (unsigned int i = 0; i < 10; i++)
		packet(w, i, 0, 1);
	pane_writer_close(&w->writer);
	pane_writer_open(&w->writer, 2);
	for (unsigned int i = 20; i < 40; i++) {
		packet(w, i, 0, 1);
		pane_writer_flow_ended(&w->writer, &w->flow[i]);
	}
	assert_in_range(w->writer.lost_packets, 1, 12);
	while (w->writer.closed != NULL) {
		pane_writer_work(&w->writer, 3);
		p = pane_receive(w->writer.exchange);
		assert_true(p != NULL && p->index == 1 && p->lost_packets == 0);
		closed += p->count;
		pane_recycle(w->writer.exchange, p);
	}
	while ((p = pane_receive(w->writer.exchange)) != NULL && p->index == 1)
		closed += p->count;
	assert_int_equal(closed, 10);
	assert_true(p != NULL && p->index == 2);
	world_free(w);
}

static void
part_give_back(void *arg)
{
	struct world *w = arg;
	struct pane *p = pane_receive(w->writer.exchange);

	assert_non_null(p);  // else nobody would ever go on
	assert_true(p->count > 0);
	w->given_back += p->count;
	pane_recycle(w->writer.exchange, p);
}

// Who may wait loses nothing, with three parts for two panes that are both being written.
static void
waits_for_parts(void **state)
{
	struct world *w = world_create("waits", 3, 2);
	struct pane *p;

	(void)state;
	w->writer.wait = part_give_back;
	w->writer.flows_most = 1;
	w->writer.wait_arg = w;
	pane_writer_open(&w->writer, 1);
	for (unsigned int i = 0; i < 20; i++)
		packet(w, i, 0, 1);
	pane_writer_close(&w->writer);
	pane_writer_open(&w->writer, 2);
	for (unsigned int i = 30; i < 45; i++) {
		packet(w, i, 0, 1);
		pane_writer_flow_ended(&w->writer, &w->flow[i]);
	}
	assert_null(w->writer.closed);
	pane_writer_close(&w->writer);
	pane_writer_work(&w->writer, UINT32_MAX);
	while ((p = pane_receive(w->writer.exchange)) != NULL)
		w->given_back += p->count;
	assert_true(w->given_back == 35 && w->writer.lost_packets == 0);
	world_free(w);
}

// The memory of a part is there when it is opened, all at once, and that of one that nobody opened is
// not.
static void
parts_by_need(void **state)
{
	struct world *w = world_create("need", 4, 4096);
	struct pane_exchange *x = w->writer.exchange;
	struct pane *p, *other;

	(void)state;
	pane_exchange_by_need(x);
	assert_int_equal(eal_pages_present(x->deltas, x->bytes), 0);
	p = pane_open(x, 1);
	assert_int_equal(eal_pages_present(p->deltas, 128 * 4096), 128);
	assert_int_equal(eal_pages_present(x->deltas, x->bytes), 128);
	memset(p->deltas, 1, 128 * 4096);
	other = pane_open(x, 2);
	assert_int_equal(eal_pages_present(x->deltas, x->bytes), 256);
	pane_recycle(x, other);
	pane_recycle(x, p);
	assert_ptr_equal(pane_open(x, 3), p);
	assert_int_equal(eal_pages_present(x->deltas, x->bytes), 256);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pane_in_parts),
		cmocka_unit_test(parts_in_order),
		cmocka_unit_test(parts_run_out),
		cmocka_unit_test(closed_pane_goes_on),
		cmocka_unit_test(waits_for_parts),
		cmocka_unit_test(parts_by_need),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
