/* SPDX-License-Identifier: BSD-3-Clause */
// From flows to deltas: each flow of a pane has one delta with what it counted in that pane and
// nothing else, whenever the delta is written; what found no room is counted as lost.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>

#include "eal_support.h"
#include "world.h"

#define DELTAS 8

static void
deltas_add_up(void **state)
{
	struct world *w = world_create("add_up", 3, DELTAS);
	struct pane *p;

	(void)state;
	w->flow[4].state = 0;  // begun before
	w->flow[4].dir[0] = (struct flow_direction){.packets = 1000, .bytes = 100000};
	assert_true(pane_writer_open(&w->writer, 77));
	assert_true(packet(w, 3, 0, 100));
	assert_true(packet(w, 4, 0, 60));
	assert_true(packet(w, 3, 1, 60));
	assert_true(packet(w, 3, 1, UINT32_MAX));
	pane_writer_close(&w->writer);
	assert_false(pane_writer_work(&w->writer, 2));
	p = pane_receive(w->writer.exchange);
	assert_true(p != NULL && p->index == 77 && p->count == 2 && !p->last);
	assert_true(p->flow_packets == 4 && p->flow_bytes == UINT64_C(220) + UINT32_MAX);
	assert_true(p->lost_packets == 0 && p->lost_bytes == 0);
	delta_is(&p->deltas[0], 3, 1, 100, 2, UINT64_C(60) + UINT32_MAX, true);
	delta_is(&p->deltas[1], 4, 1, 60, 0, 0, false);
	world_free(w);
}

// A flow that is seen in the next pane before its turn counts in both, each packet once.
static void
seen_before_its_turn(void **state)
{
	struct world *w = world_create("turn", 4, DELTAS);
	struct pane *p;

	(void)state;
	pane_writer_open(&w->writer, 1);
	for (unsigned int i = 0; i < 5; i++)
		packet(w, i, 0, 10 + i);
	pane_writer_close(&w->writer);
	pane_writer_open(&w->writer, 2);
	assert_true(pane_writer_work(&w->writer, 2));   // 0 and 1
	packet(w, 4, 1, 1000);
	packet(w, 0, 0, 2000);
	assert_null(pane_receive(w->writer.exchange));  // not whole yet
	assert_false(pane_writer_work(&w->writer, 3));
	p = pane_receive(w->writer.exchange);
	assert_true(p != NULL && p->index == 1 && p->count == 5);
	delta_is(&p->deltas[0], 0, 1, 10, 0, 0, true);
	delta_is(&p->deltas[2], 4, 1, 14, 0, 0, true);  // before its turn
	delta_is(&p->deltas[4], 3, 1, 13, 0, 0, true);
	pane_writer_close(&w->writer);
	pane_writer_work(&w->writer, UINT32_MAX);
	p = pane_receive(w->writer.exchange);
	assert_true(p != NULL && p->index == 2 && p->count == 2);
	delta_is(&p->deltas[0], 0, 1, 2000, 0, 0, false);
	delta_is(&p->deltas[1], 4, 0, 0, 1, 1000, false);
	world_free(w);
}

// A flow ends, and another one takes its slot, in the open pane and while the pane is worked off.
static void
slot_changes_hands(void **state)
{
	struct world *w = world_create("hands", 4, DELTAS);
	struct pane *p;

	(void)state;
	pane_writer_open(&w->writer, 1);
	packet(w, 7, 0, 1);
	packet(w, 8, 0, 2);
	pane_writer_flow_ended(&w->writer, &w->flow[7]);
	flow_begin(&w->flow[7], 9);
	packet(w, 7, 1, 4);
	pane_writer_close(&w->writer);
	pane_writer_flow_ended(&w->writer, &w->flow[8]);
	flow_begin(&w->flow[8], 10);
	pane_writer_open(&w->writer, 2);
	packet(w, 8, 0, 8);
	pane_writer_work(&w->writer, UINT32_MAX);
	p = pane_receive(w->writer.exchange);
	assert_int_equal(p->count, 3);
	delta_is(&p->deltas[0], 7, 1, 1, 0, 0, true);
	delta_is(&p->deltas[1], 8, 1, 2, 0, 0, true);
	delta_is(&p->deltas[2], 9, 0, 0, 1, 4, true);
	pane_writer_flow_ended(&w->writer, &w->flow[7]);  // in no pane any more: nothing is due
	pane_writer_close(&w->writer);
	pane_writer_work(&w->writer, UINT32_MAX);
	p = pane_receive(w->writer.exchange);
	assert_int_equal(p->count, 1);
	delta_is(&p->deltas[0], 10, 1, 8, 0, 0, true);
	world_free(w);
}

// A full pane goes on counting: flows that are in it stay, the others are lost by number.
static void
full_pane(void **state)
{
	struct world *w = world_create("full", 3, DELTAS);
	const struct pane *open;
	struct pane *p;

	(void)state;
	assert_int_equal(w->writer.flows_most, PANE_FLOWS);
	w->writer.flows_most = DELTAS;
	pane_writer_open(&w->writer, 1);
	for (unsigned int i = 0; i < DELTAS + 2; i++)
		assert_int_equal(packet(w, i, 0, 10), i < DELTAS);
	assert_true(packet(w, DELTAS - 1, 1, 10));
	assert_false(packet(w, DELTAS, 1, 10));
	open = w->writer.open->part;
	assert_true(open->flow_packets == DELTAS + 4);
	assert_true(open->lost_packets == 3 && open->lost_bytes == 30);
	pane_writer_close(&w->writer);
	// the next pane has room again, and only for what comes in it
	pane_writer_open(&w->writer, 2);
	assert_true(packet(w, DELTAS, 0, 5));
	pane_writer_close(&w->writer);
	pane_writer_work(&w->writer, UINT32_MAX);
	p = pane_receive(w->writer.exchange);
	assert_int_equal(p->count, DELTAS);
	delta_is(&p->deltas[DELTAS - 1], DELTAS - 1, 1, 10, 1, 10, true);
	p = pane_receive(w->writer.exchange);
	assert_true(p->count == 1 && p->lost_packets == 0);
	delta_is(&p->deltas[0], DELTAS, 1, 5, 0, 0, false);
	world_free(w);
}

// Without an open pane detail is lost, but what an earlier pane is due is not.
static void
no_pane_open(void **state)
{
	struct world *w = world_create("no_pane", 3, DELTAS);
	struct pane *p;

	(void)state;
	pane_writer_open(&w->writer, 1);
	packet(w, 1, 0, 10);
	packet(w, 2, 0, 20);
	pane_writer_close(&w->writer);
	assert_false(packet(w, 2, 0, 500));
	pane_writer_work(&w->writer, UINT32_MAX);
	assert_false(packet(w, 1, 0, 500));
	p = pane_receive(w->writer.exchange);
	assert_int_equal(p->count, 2);
	delta_is(&p->deltas[0], 2, 1, 20, 0, 0, true);
	delta_is(&p->deltas[1], 1, 1, 10, 0, 0, true);
	pane_writer_open(&w->writer, 2);
	assert_true(packet(w, 1, 0, 7));
	pane_writer_close(&w->writer);
	pane_writer_work(&w->writer, UINT32_MAX);
	delta_is(&pane_receive(w->writer.exchange)->deltas[0], 1, 1, 7, 0, 0, false);
	world_free(w);
}

// Marks that flows keep from many panes ago, and from no pane, match none that is open.
static void
stale_marks(void **state)
{
	static const unsigned int counts[] = {3, 4, 7, 16};

	(void)state;
	for (size_t c = 0; c < RTE_DIM(counts); c++) {
		struct world *w = world_create("stale", counts[c], DELTAS);
		struct random r = {c + 1};

		for (uint64_t index = 1; index < 100000; index++) {
			struct pane *p;

			assert_true(pane_writer_open(&w->writer, index));
			for (unsigned int i = 0; i < FLOWS; i++)
				assert_int_not_equal(w->flow[i].pane, w->writer.open->sequence);
			for (unsigned int k = 0; k < DELTAS; k++)
				assert_true(packet(w, (unsigned int)random_below(&r, FLOWS), k & 1,
					(uint32_t)index));
			pane_writer_close(&w->writer);
			pane_writer_work(&w->writer, (uint32_t)random_below(&r, DELTAS));
			while ((p = pane_receive(w->writer.exchange)) != NULL) {
				uint64_t packets = 0;

				for (uint32_t i = 0; i < p->count; i++)
					packets += p->deltas[i].packets[0] + p->deltas[i].packets[1];
				assert_int_equal(packets, DELTAS);
				pane_recycle(w->writer.exchange, p);
			}
		}
		world_free(w);
	}
}

// Numbers of panes start again, but a flow that was in no pane yet still matches none.
static void
sequence_wraps(void **state)
{
	struct world *w = world_create("wraps", 4, 1);
	struct pane_exchange *x = w->writer.exchange;
	uint32_t before = w->writer.sequence = UINT32_MAX - 5;

	(void)state;
	for (unsigned int i = 0; i < 12; i++) {
		struct pane *p;

		flow_begin(&w->flow[1], 1);
		assert_true(pane_writer_open(&w->writer, i));
		assert_int_not_equal(w->writer.open->sequence, w->flow[1].pane);
		assert_int_not_equal(w->writer.open->sequence, before);
		before = w->writer.open->sequence;
		assert_true(packet(w, 1, 0, 5));
		pane_writer_close(&w->writer);
		pane_writer_work(&w->writer, 1);
		p = pane_receive(x);
		assert_int_equal(p->count, 1);
		pane_recycle(x, p);
	}
	assert_true(before < 12);
	world_free(w);
}

static void
no_empty_pane(void **state)
{
	struct pane_exchange *x = pane_exchange_create("none", 3, 1, SOCKET_ID_ANY);
	struct pane *p;

	(void)state;
	assert_null(pane_receive(x));
	for (uint64_t i = 0; i < 3; i++) {
		p = pane_open(x, i);
		p->packets = p->lost_packets = 9;
		p->last = true;
		pane_seal(x, p);
	}
	assert_null(pane_open(x, 3));
	for (uint64_t i = 0; i < 3; i++) {
		p = pane_receive(x);
		assert_int_equal(p->index, i);
		pane_recycle(x, p);
	}
	assert_null(pane_receive(x));
	p = pane_open(x, 9);
	assert_true(p->index == 9 && p->packets == 0 && p->lost_packets == 0 && !p->last);
	pane_exchange_free(x);
}

static void
creation_fails_by_name(void **state)
{
	struct pane_exchange *x;

	(void)state;
	errno = 0;
	assert_null(pane_exchange_create("bad", 2, 8, SOCKET_ID_ANY));
	assert_int_equal(errno, EINVAL);
	errno = 0;
	assert_null(pane_exchange_create("bad", 3, 0, SOCKET_ID_ANY));
	assert_int_equal(errno, EINVAL);
	x = pane_exchange_create("same", 3, 8, SOCKET_ID_ANY);
	assert_non_null(x);
	assert_int_equal(pane_exchange_bytes(3, 8), x->bytes);
	errno = 0;
	assert_null(pane_exchange_create("same", 3, 8, SOCKET_ID_ANY));  // the name is taken
	assert_int_equal(errno, EEXIST);
	pane_exchange_free(x);
	x = pane_exchange_create("same", 3, 8, SOCKET_ID_ANY);  // and free again
	assert_non_null(x);
	pane_exchange_free(x);
	pane_exchange_free(NULL);
	assert_null(pane_exchange_create("far_too_long_a_name_for_a_ring_of_dpdk", 3, 8,
		SOCKET_ID_ANY));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deltas_add_up),
		cmocka_unit_test(seen_before_its_turn),
		cmocka_unit_test(slot_changes_hands),
		cmocka_unit_test(full_pane),
		cmocka_unit_test(no_pane_open),
		cmocka_unit_test(stale_marks),
		cmocka_unit_test(sequence_wraps),
		cmocka_unit_test(no_empty_pane),
		cmocka_unit_test(creation_fails_by_name),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
