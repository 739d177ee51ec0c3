/* SPDX-License-Identifier: BSD-3-Clause */
// Deltas of one pane: one per touched flow, all packets in them or counted as lost; references of
// flows to older panes never match.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>

#include "eal_support.h"
#include "pane/pane_account.h"

#define DELTAS 8

static void
flow_begin(struct flow *f, uint8_t number)
{
	memset(f, 0, sizeof(*f));
	f->key.version = 4;
	f->key.addr[1][15] = number;
	f->app = (uint16_t)(300 + number);
	f->filter_mask = UINT64_C(1) << number;
	f->fwd_swapped = number & 1;
	f->src_mac[5] = number;
	f->dst_mac[0] = number;
}

static void
deltas_add_up(void **state)
{
	struct pane_exchange *x = pane_exchange_create("add_up", 3, DELTAS, SOCKET_ID_ANY);
	struct pane *p = pane_open(x, 77);
	struct packet_meta m = {.wire_bytes = 100};
	struct flow f[2];
	const struct pane_delta *d;

	(void)state;
	flow_begin(&f[0], 3);
	flow_begin(&f[1], 4);
	assert_true(pane_account(p, &f[0], &m, 0, true));
	m.wire_bytes = 60;
	assert_true(pane_account(p, &f[1], &m, 0, false));
	assert_true(pane_account(p, &f[0], &m, 1, false));
	m.wire_bytes = UINT32_MAX;
	assert_true(pane_account(p, &f[0], &m, 1, false));
	assert_true(p->index == 77 && p->count == 2 && !p->last);
	assert_true(p->flow_packets == 4 && p->flow_bytes == UINT64_C(220) + UINT32_MAX);
	assert_true(p->lost_packets == 0 && p->lost_bytes == 0);
	d = &p->deltas[0];
	assert_true(d->packets[0] == 1 && d->bytes[0] == 100);
	assert_true(d->packets[1] == 2 && d->bytes[1] == UINT64_C(60) + UINT32_MAX);
	assert_true(d->started == 1 && d->fwd_swapped == 1 && d->app == 303 && d->filter_mask == 8);
	assert_true(flow_key_equal(&d->key, &f[0].key));
	assert_true(d->src_mac[5] == 3 && d->dst_mac[0] == 3);
	d = &p->deltas[1];
	assert_true(d->packets[0] == 1 && d->bytes[0] == 60 && d->packets[1] == 0);
	assert_true(d->started == 0 && d->fwd_swapped == 0 && d->app == 304);
	pane_exchange_free(x);
}

// A full pane goes on counting: flows that have a delta keep it, the others are lost by number.
static void
full_pane(void **state)
{
	struct pane_exchange *x = pane_exchange_create("full", 3, DELTAS, SOCKET_ID_ANY);
	struct pane *p = pane_open(x, 1);
	struct packet_meta m = {.wire_bytes = 10};
	struct flow f[DELTAS + 2];

	(void)state;
	for (uint8_t i = 0; i < DELTAS + 2; i++) {
		flow_begin(&f[i], i);
		assert_int_equal(pane_account(p, &f[i], &m, 0, true), i < DELTAS);
	}
	assert_true(pane_account(p, &f[DELTAS - 1], &m, 1, false));
	assert_false(pane_account(p, &f[DELTAS], &m, 1, false));
	assert_true(p->count == DELTAS && p->flow_packets == DELTAS + 4);
	assert_true(p->lost_packets == 3 && p->lost_bytes == 30);
	assert_int_equal(p->deltas[DELTAS - 1].packets[1], 1);
	// the next pane has room again
	pane_seal(x, p);
	p = pane_open(x, 2);
	assert_true(pane_account(p, &f[DELTAS], &m, 0, false));
	assert_true(p->count == 1 && p->lost_packets == 0);
	pane_exchange_free(x);
}

// References that flows keep from millions of panes ago, and from no pane, match none that is open.
static void
stale_references(void **state)
{
	static const unsigned int counts[] = {3, 4, 7, 16};
	struct packet_meta m = {.wire_bytes = 1};

	(void)state;
	for (size_t c = 0; c < RTE_DIM(counts); c++) {
		struct pane_exchange *x = pane_exchange_create("stale", counts[c], DELTAS,
			SOCKET_ID_ANY);
		struct random r = {c + 1};
		struct flow f[64];

		for (uint8_t i = 0; i < 64; i++)
			flow_begin(&f[i], i);
		for (uint64_t index = 1; index < 200000; index++) {
			struct pane *p = pane_open(x, index);

			for (unsigned int i = 0; i < 64; i++)
				assert_int_not_equal(f[i].delta_pane, p->sequence);
			for (unsigned int k = 0; k < DELTAS; k++) {
				unsigned int i = (unsigned int)random_below(&r, 64);
				const struct pane_delta *d = pane_delta_of(p, &f[i], false);

				assert_non_null(d);
				assert_true(flow_key_equal(&d->key, &f[i].key));
				pane_account(p, &f[i], &m, 0, false);
			}
			pane_seal(x, p);
			assert_ptr_equal(pane_receive(x), p);
			pane_recycle(x, p);
		}
		pane_exchange_free(x);
	}
}

// However opening, sealing and recycling interleave, a sequence number is used once.
static void
sequences_are_unique(void **state)
{
	enum { OPENINGS = 100000 };
	struct pane_exchange *x = pane_exchange_create("unique", 5, 1, SOCKET_ID_ANY);
	uint8_t *used = test_calloc(OPENINGS * 5 + 10, 1);
	struct pane *held[5];
	unsigned int holding = 0;
	struct random r = {8};

	(void)state;
	for (unsigned int opened = 0; opened < OPENINGS;) {
		struct pane *p;

		if (random_below(&r, 2) == 0 && (p = pane_open(x, opened)) != NULL) {
			assert_true(p->sequence != 0 && p->sequence < OPENINGS * 5 + 10);
			assert_int_equal(used[p->sequence]++, 0);
			pane_seal(x, p);
			opened++;
		} else if (random_below(&r, 2) == 0 && (p = pane_receive(x)) != NULL) {
			held[holding++] = p;
		} else if (holding > 0) {
			unsigned int i = (unsigned int)random_below(&r, holding);

			pane_recycle(x, held[i]);
			held[i] = held[--holding];
		}
	}
	test_free(used);
	pane_exchange_free(x);
}

// After 2^32 the numbers start again, but a flow that was in no pane yet still matches none.
static void
sequence_wraps(void **state)
{
	struct pane_exchange *x = pane_exchange_create("wraps", 4, 1, SOCKET_ID_ANY);
	struct packet_meta m = {.wire_bytes = 5};
	struct flow f;

	(void)state;
	for (unsigned int i = 0; i < 4; i++)
		x->panes[i].sequence = UINT32_MAX - 7 + i;
	for (unsigned int i = 0; i < 12; i++) {
		struct pane *p = pane_open(x, i);

		flow_begin(&f, 1);
		assert_int_not_equal(p->sequence, f.delta_pane);
		assert_true(pane_account(p, &f, &m, 0, true));
		assert_int_equal(p->count, 1);
		pane_seal(x, p);
		pane_recycle(x, pane_receive(x));
	}
	pane_exchange_free(x);
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
		cmocka_unit_test(full_pane),
		cmocka_unit_test(stale_references),
		cmocka_unit_test(sequences_are_unique),
		cmocka_unit_test(sequence_wraps),
		cmocka_unit_test(no_empty_pane),
		cmocka_unit_test(creation_fails_by_name),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
