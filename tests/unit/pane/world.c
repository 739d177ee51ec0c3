/* SPDX-License-Identifier: BSD-3-Clause */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

void
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
	f->state = FLOW_STARTED;
}

struct world *
world_create(const char *name, unsigned int parts, uint32_t deltas)
{
	struct world *w = aligned_alloc(RTE_CACHE_LINE_SIZE,
		RTE_ALIGN(sizeof(*w), RTE_CACHE_LINE_SIZE));

	assert_non_null(w);
	w->given_back = 0;
	w->table = (struct flow_table){.flows = w->flow};
	for (uint8_t i = 0; i < FLOWS; i++)
		flow_begin(&w->flow[i], i);
	assert_int_equal(pane_writer_init(&w->writer, pane_exchange_create(name, parts, deltas,
		SOCKET_ID_ANY), &w->table, FLOWS, SOCKET_ID_ANY), 0);
	assert_non_null(w->writer.exchange);
	return w;
}

void
world_free(struct world *w)
{
	pane_writer_fini(&w->writer);
	pane_exchange_free(w->writer.exchange);
	free(w);
}

bool
packet(struct world *w, unsigned int flow, unsigned int dir, uint32_t wire_bytes)
{
	struct flow *f = &w->flow[flow];
	bool noted = pane_writer_has(&w->writer, f) ||
		pane_writer_enter(&w->writer, f, wire_bytes);

	if (w->writer.open != NULL)
		pane_count(w->writer.open->part, 1, wire_bytes);
	if (dir == 1)
		f->state |= FLOW_TWO_WAY;
	f->dir[dir].packets++;
	f->dir[dir].bytes += wire_bytes;
	return noted;
}

void
delta_is(const struct pane_delta *d, unsigned int flow, uint64_t fwd, uint64_t fwd_bytes,
	uint64_t rev, uint64_t rev_bytes, bool started)
{
	assert_int_equal(d->key.addr[1][15], flow);
	assert_true(d->packets[0] == fwd && d->bytes[0] == fwd_bytes);
	assert_true(d->packets[1] == rev && d->bytes[1] == rev_bytes);
	assert_int_equal(d->started, started);
	assert_true(d->fwd_swapped == (flow & 1) && d->app == 300 + flow);
	assert_true(d->filter_mask == UINT64_C(1) << flow);
	assert_true(d->src_mac[5] == flow && d->dst_mac[0] == flow);
}
