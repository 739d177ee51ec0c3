/* SPDX-License-Identifier: BSD-3-Clause */
#include "pane/pane_writer.h"

#include <errno.h>

#include <rte_prefetch.h>

#include "base/mem.h"
#include "pane/pane_heaviest.h"

// Of the flows that are due next, the one whose other lines are asked for.
#define AHEAD (PANE_AHEAD / 2)

size_t
pane_writer_bytes(uint32_t slots)
{
	return 2 * slot_set_bytes(slots);
}

int
pane_writer_init(struct pane_writer *w, struct pane_exchange *x, struct flow_table *table,
	uint32_t slots, int socket)
{
	*w = (struct pane_writer){
		.exchange = x, .table = table, .flows_most = RTE_MAX(slots, PANE_FLOWS),
		.sets_bytes = pane_writer_bytes(slots),
	};
	w->full_end = &w->full;
	w->sets_memory = mem_table_alloc("touched flows", w->sets_bytes, socket);
	if (w->sets_memory == NULL)
		return -ENOMEM;
	for (unsigned int i = 0; i < RTE_DIM(w->lists); i++)
		slot_set_init(&w->lists[i].touched,
			RTE_PTR_ADD(w->sets_memory, i * slot_set_bytes(slots)), slots);
	return 0;
}

void
pane_writer_fini(struct pane_writer *w)
{
	mem_table_free(w->sets_memory, w->sets_bytes);
	w->sets_memory = NULL;
}

// Sequences do not repeat within 2^32 openings. 0 is left to flows that were in no pane yet.
bool
pane_writer_open(struct pane_writer *w, uint64_t index)
{
	struct pane_list *l = &w->lists[w->closed == &w->lists[0]];
	struct pane *part = pane_open(w->exchange, index);

	if (part == NULL)
		return false;
	w->sequence += w->sequence != UINT32_MAX ? 1 : 2;
	*l = (struct pane_list){
		.sequence = w->sequence, .touched = l->touched, .part = part,
	};
	w->open = l;
	return true;
}

// The list's part is over: it goes, or waits for the pane before it.
static void
part_leave(struct pane_writer *w, struct pane_list *l)
{
	struct pane *p = l->part;

	if (l == w->closed || w->closed == NULL) {
		pane_seal(w->exchange, p);
		return;
	}
	*w->full_end = p;
	w->full_end = &p->next;
	w->full_count++;
}

// Are all parts here, so that none comes back before some go? One is the open list's and one the
// closed list's, none is empty.
static bool
parts_all_here(const struct pane_writer *w)
{
	return w->closed != NULL && w->full_count + 2 == w->exchange->count;
}

// Would they be, if the open list took one more? Who does not wait leaves that one to the closed pane.
static bool
part_is_spoken_for(const struct pane_writer *w, const struct pane_list *l)
{
	return w->wait == NULL && w->closed != NULL && l != w->closed &&
		w->full_count + 3 >= w->exchange->count;
}

// Is there room for one more delta? If need be when the merge lcore has given a part back: where all
// are here, those that are full have to go first. Only then, as how soon parts come back may not
// decide in which order deltas go.
static bool
part_has_room(struct pane_writer *w, struct pane_list *l)
{
	struct pane *next, *part = l->part;
	const uint64_t index = part->index;
	const uint32_t filter_version = part->filter_version;

	if (likely(part->count < part->capacity))
		return true;
	if (part_is_spoken_for(w, l))
		return false;
	next = pane_open(w->exchange, index);
	if (next == NULL && w->wait == NULL)
		return false;
	if (next == NULL && l != w->closed && parts_all_here(w))
		pane_writer_work(w, UINT32_MAX);
	part->continued = true;
	part_leave(w, l);  // from here on it is the merge lcore's
	while (next == NULL) {
		w->wait(w->wait_arg);
		next = pane_open(w->exchange, index);
	}
	next->filter_version = filter_version;
	l->part = next;
	return true;
}

// The flow leaves the pane without a delta.
static void
delta_lose(struct pane_writer *w, struct pane_list *l, struct flow *f)
{
	for (unsigned int dir = 0; dir < flow_directions(f); dir++) {
		uint64_t packets = f->dir[dir].packets - f->pane_packets[dir];
		uint64_t bytes = f->dir[dir].bytes - f->pane_bytes[dir];

		l->part->lost_packets += packets;
		l->part->lost_bytes += bytes;
		w->lost_packets += packets;
		w->lost_bytes += bytes;
	}
	f->state &= (uint8_t)~FLOW_STARTED;
	f->pane = 0;
}

// The flow leaves the pane: what it counted in it.
static void
delta_write(struct pane_writer *w, struct pane_list *l, struct flow *f)
{
	struct pane_delta *d;

	if (unlikely(!part_has_room(w, l))) {
		delta_lose(w, l, f);
		return;
	}
	d = &l->part->deltas[l->part->count];
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
	pane_weigh(l->part, l->part->count++);
	f->state &= (uint8_t)~FLOW_STARTED;
	f->pane = 0;
}

static bool
pane_is_full(const struct pane_writer *w, const struct pane_list *l)
{
	return l->entered == w->flows_most && w->wait == NULL;
}

bool
pane_writer_enter(struct pane_writer *w, struct flow *f, uint32_t wire_bytes)
{
	struct pane_list *l = w->open;

	if (unlikely(w->closed != NULL && f->pane == w->closed->sequence))
		delta_write(w, w->closed, f);
	if (unlikely(l == NULL || pane_is_full(w, l))) {
		f->state &= (uint8_t)~FLOW_STARTED;  // the pane that it began in does not have it
		if (l != NULL) {
			l->part->lost_packets++;
			l->part->lost_bytes += wire_bytes;
		}
		return false;
	}
	f->pane_packets[1] = f->pane_bytes[1] = 0;
	for (unsigned int dir = 0; dir < flow_directions(f); dir++) {
		f->pane_packets[dir] = f->dir[dir].packets;
		f->pane_bytes[dir] = f->dir[dir].bytes;
	}
	f->pane = l->sequence;
	l->entered++;
	slot_set_add(&l->touched, flow_table_slot(w->table, f));
	return true;
}

void
pane_writer_flow_ended(struct pane_writer *w, struct flow *f)
{
	if (f->pane == 0)
		return;
	if (w->open != NULL && f->pane == w->open->sequence)
		delta_write(w, w->open, f);
	else if (w->closed != NULL && f->pane == w->closed->sequence)
		delta_write(w, w->closed, f);
}

// Have the next ones wait, with their first lines on the way.
static void
due_fill(struct pane_writer *w)
{
	uint32_t slot;

	while (w->due_count < PANE_AHEAD && slot_set_take(&w->closed->touched, &slot)) {
		rte_prefetch0(&w->table->flows[slot].key);
		w->due[(w->due_first + w->due_count++) % PANE_AHEAD] = slot;
	}
}

// With the first line of the one that comes AHEAD of them there: what its delta is made of.
static void
due_prefetch(const struct pane_writer *w)
{
	const struct flow *f = &w->table->flows[w->due[(w->due_first + AHEAD) % PANE_AHEAD]];

	if (w->due_count <= AHEAD)
		return;
	rte_prefetch0(&f->dir[0]);
	if (flow_directions(f) > 1)
		rte_prefetch0(&f->dir[1]);
	rte_prefetch0(&f->pane_packets);
}

// The pane is over: its last part goes to the merge lcore, and what had to wait for it.
static void
closed_finish(struct pane_writer *w)
{
	struct pane_list *l = w->closed;
	struct pane *p, *next;

	l->part->last = l->last;
	part_leave(w, l);
	w->closed = NULL;
	for (p = w->full; p != NULL; p = next) {
		next = p->next;
		pane_seal(w->exchange, p);
	}
	w->full = NULL;
	w->full_end = &w->full;
	w->full_count = 0;
}

// Go through the closed pane's next flows. Without room for a delta it is lost where `now` says so,
// else that is all for now.
static bool
closed_work(struct pane_writer *w, uint32_t budget, bool now)
{
	struct pane_list *l = w->closed;

	for (due_fill(w); w->due_count > 0; due_fill(w)) {
		struct flow *f = &w->table->flows[w->due[w->due_first]];

		if (budget-- == 0)
			return true;
		due_prefetch(w);
		// Others had their delta written before, and may be in the open pane, or be gone.
		if (f->pane == l->sequence) {
			if (unlikely(!now && !part_has_room(w, l)))
				return false;
			delta_write(w, l, f);
		}
		w->due_first = (w->due_first + 1) % PANE_AHEAD;
		w->due_count--;
	}
	closed_finish(w);
	return false;
}

bool
pane_writer_work(struct pane_writer *w, uint32_t budget)
{
	return unlikely(w->closed != NULL) && closed_work(w, budget, false);
}

void
pane_writer_close(struct pane_writer *w)
{
	if (w->open == NULL)
		return;
	if (w->closed != NULL)
		closed_work(w, UINT32_MAX, true);
	w->closed = w->open;
	w->open = NULL;
}
