/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/flow_timer.h"

#include <rte_prefetch.h>

void
flow_timer_init(struct flow_timer *w, uint64_t now_us)
{
	w->tick = now_us / FLOW_TIMER_TICK_US;
	for (unsigned int i = 0; i < FLOW_TIMER_SLOTS; i++)
		w->head[i] = FLOW_NONE;
}

void
flow_timer_cancel(struct flow_timer *w, struct flow_table *t, struct flow *f)
{
	if (f->timer_slot == FLOW_TIMER_NONE)
		return;
	if (f->timer_prev != FLOW_NONE)
		t->flows[f->timer_prev].timer_next = f->timer_next;
	else
		w->head[f->timer_slot] = f->timer_next;
	if (f->timer_next != FLOW_NONE)
		t->flows[f->timer_next].timer_prev = f->timer_prev;
	f->timer_slot = FLOW_TIMER_NONE;
	f->timer_next = FLOW_NONE;
	f->timer_prev = FLOW_NONE;
}

void
flow_timer_file(struct flow_timer *w, struct flow_table *t, struct flow *f, uint64_t deadline_us)
{
	uint64_t tick = deadline_us / FLOW_TIMER_TICK_US + 1;
	uint32_t slot, self = flow_table_slot(t, f);

	flow_timer_cancel(w, t, f);
	if (tick <= w->tick)
		tick = w->tick + 1;
	if (tick > w->tick + FLOW_TIMER_SLOTS - 1)
		tick = w->tick + FLOW_TIMER_SLOTS - 1;
	slot = (uint32_t)(tick % FLOW_TIMER_SLOTS);
	f->timer_slot = (uint16_t)slot;
	f->timer_prev = FLOW_NONE;
	f->timer_next = w->head[slot];
	if (f->timer_next != FLOW_NONE)
		t->flows[f->timer_next].timer_prev = self;
	w->head[slot] = self;
}

struct flow *
flow_timer_next(struct flow_timer *w, struct flow_table *t, uint64_t now_us)
{
	uint64_t now = now_us / FLOW_TIMER_TICK_US;

	if (now > w->tick + FLOW_TIMER_SLOTS)
		w->tick = now - FLOW_TIMER_SLOTS;  // every list once is enough
	for (;;) {
		uint32_t slot = w->head[w->tick % FLOW_TIMER_SLOTS];

		if (slot != FLOW_NONE) {
			struct flow *f = &t->flows[slot];

			if (f->timer_next != FLOW_NONE)
				rte_prefetch0(&t->flows[f->timer_next]);
			flow_timer_cancel(w, t, f);
			return f;
		}
		if (w->tick >= now)
			return NULL;
		w->tick++;
	}
}
