/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PANE_PANE_ACCOUNT_H
#define WEIR_PANE_PANE_ACCOUNT_H

#include <rte_branch_prediction.h>

#include "flow/flow.h"
#include "packet/packet.h"
#include "pane/pane.h"

// The delta of a flow in the open pane, made at the flow's first packet in it. NULL when the pane
// is full.
static inline struct pane_delta *
pane_delta_of(struct pane *p, struct flow *f, bool started)
{
	struct pane_delta *d;

	if (likely(f->delta_pane == p->sequence))
		return &p->deltas[f->delta_index];
	if (unlikely(p->count == p->capacity))
		return NULL;
	d = &p->deltas[p->count];
	memset(d, 0, sizeof(*d));
	d->filter_mask = f->filter_mask;
	d->app = f->app;
	d->started = started;
	d->fwd_swapped = f->fwd_swapped;
	d->key = f->key;
	memcpy(d->src_mac, f->src_mac, sizeof(d->src_mac));
	memcpy(d->dst_mac, f->dst_mac, sizeof(d->dst_mac));
	f->delta_pane = p->sequence;
	f->delta_index = p->count++;
	return d;
}

// Would a packet of f need a delta that p has no room for?
static inline bool
pane_is_full(const struct pane *p, const struct flow *f)
{
	return p->count == p->capacity && f->delta_pane != p->sequence;
}

// Count a packet of flow f, direction dir, in the pane. False when its detail had to be dropped
// (totals still count it).
static inline bool
pane_account(struct pane *p, struct flow *f, const struct packet_meta *m, unsigned int dir,
	bool started)
{
	struct pane_delta *d = pane_delta_of(p, f, started);

	p->flow_packets++;
	p->flow_bytes += m->wire_bytes;
	if (unlikely(d == NULL)) {
		p->lost_packets++;
		p->lost_bytes += m->wire_bytes;
		return false;
	}
	d->packets[dir]++;
	d->bytes[dir] += m->wire_bytes;
	return true;
}

#endif
