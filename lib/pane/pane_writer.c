/* SPDX-License-Identifier: BSD-3-Clause */
#include "pane/pane_writer.h"

#include <rte_prefetch.h>

// Flows whose lines are on their way while one is written: the first line, which tells which of the
// others it takes, and those.
#define AHEAD_FIRST 16
#define AHEAD 8

void
pane_writer_init(struct pane_writer *w, struct pane_exchange *x, struct flow_table *table)
{
	*w = (struct pane_writer){.exchange = x, .table = table};
}

bool
pane_writer_open(struct pane_writer *w, uint64_t index)
{
	w->open = pane_open(w->exchange, index);
	return w->open != NULL;
}

// The flow leaves the pane: what it counted in it.
static void
delta_write(struct pane *p, struct flow *f)
{
	struct pane_delta *d = &p->deltas[p->count++];

	d->packets[1] = d->bytes[1] = 0;
	for (unsigned int dir = 0; dir < flow_directions(f); dir++) {
		d->packets[dir] = f->dir[dir].packets - f->pane_packets[dir];
		d->bytes[dir] = f->dir[dir].bytes - f->pane_bytes[dir];
	}
	d->filter_mask = f->filter_mask;
	d->app = f->app;
	d->started = (f->state & FLOW_STARTED) != 0;
	d->fwd_swapped = f->fwd_swapped;
	d->key = f->key;
	memcpy(d->src_mac, f->src_mac, sizeof(d->src_mac));
	memcpy(d->dst_mac, f->dst_mac, sizeof(d->dst_mac));
	f->state &= (uint8_t)~FLOW_STARTED;
	f->pane = 0;
}

bool
pane_writer_enter(struct pane_writer *w, struct flow *f, uint32_t wire_bytes)
{
	struct pane *p = w->open;

	if (unlikely(w->closed != NULL && f->pane == w->closed->sequence))
		delta_write(w->closed, f);
	if (unlikely(p == NULL || p->touched_count == p->capacity)) {
		f->state &= (uint8_t)~FLOW_STARTED;  // the pane that it began in does not have it
		if (p != NULL) {
			p->lost_packets++;
			p->lost_bytes += wire_bytes;
		}
		return false;
	}
	f->pane_packets[1] = f->pane_bytes[1] = 0;
	for (unsigned int dir = 0; dir < flow_directions(f); dir++) {
		f->pane_packets[dir] = f->dir[dir].packets;
		f->pane_bytes[dir] = f->dir[dir].bytes;
	}
	f->pane = p->sequence;
	p->touched[p->touched_count++] = flow_table_slot(w->table, f);
	return true;
}

void
pane_writer_flow_ended(struct pane_writer *w, struct flow *f)
{
	if (f->pane == 0)
		return;
	if (w->open != NULL && f->pane == w->open->sequence)
		delta_write(w->open, f);
	else if (w->closed != NULL && f->pane == w->closed->sequence)
		delta_write(w->closed, f);
}

// With the flow's first line there: what its delta is made of.
static void
flow_prefetch(const struct flow *f)
{
	rte_prefetch0(&f->dir[0]);
	if (flow_directions(f) > 1)
		rte_prefetch0(&f->dir[1]);
	rte_prefetch0(&f->pane_packets);
}

// The pane is over: hand it to the merge lcore.
static void
closed_finish(struct pane_writer *w)
{
	pane_seal(w->exchange, w->closed);
	w->closed = NULL;
}

bool
pane_writer_work(struct pane_writer *w, uint32_t budget)
{
	struct pane *p = w->closed;
	uint32_t end;

	if (likely(p == NULL))
		return false;
	end = p->touched_count - w->closed_at < budget ? p->touched_count : w->closed_at + budget;
	for (uint32_t i = w->closed_at; i < end; i++) {
		struct flow *f = &w->table->flows[p->touched[i]];

		if (i + AHEAD_FIRST < p->touched_count)
			rte_prefetch0(&w->table->flows[p->touched[i + AHEAD_FIRST]].key);
		if (i + AHEAD < p->touched_count)
			flow_prefetch(&w->table->flows[p->touched[i + AHEAD]]);
		// Others had their delta written before, and may be in the open pane, or be gone.
		if (f->pane == p->sequence)
			delta_write(p, f);
	}
	w->closed_at = end;
	if (end < p->touched_count)
		return true;
	closed_finish(w);
	return false;
}

void
pane_writer_close(struct pane_writer *w)
{
	if (w->open == NULL)
		return;
	pane_writer_work(w, UINT32_MAX);
	w->closed = w->open;
	w->closed_at = 0;
	w->open = NULL;
}
