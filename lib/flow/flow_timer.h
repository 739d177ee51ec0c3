/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_FLOW_FLOW_TIMER_H
#define WEIR_FLOW_FLOW_TIMER_H

#include <stdint.h>

#include "flow/flow_table.h"

// A timing wheel over the flows of one table (Varghese and Lauck, 1987, scheme 4). Each flow is in
// one list at most. Packets do not touch the wheel: a flow is looked at when the deadline that it
// had when it was filed has come, and filed again if it has been seen since. So a flow costs one
// visit per timeout, and a visit that finds nothing to do costs one cache line.

#define FLOW_TIMER_TICK_US UINT64_C(8192)
#define FLOW_TIMER_SLOTS 8192  // 67 s ahead; later deadlines are filed at the far end

struct flow_timer {
	uint64_t tick;   // all earlier ticks are done
	uint32_t head[FLOW_TIMER_SLOTS];
};

// All lists empty, time now_us.
void flow_timer_init(struct flow_timer *w, uint64_t now_us);

// File f at its deadline, not before the tick after the current one. Moves it if it was filed.
void flow_timer_file(struct flow_timer *w, struct flow_table *t, struct flow *f,
	uint64_t deadline_us);

// Take f out of the wheel; nothing happens if it is not in it.
void flow_timer_cancel(struct flow_timer *w, struct flow_table *t, struct flow *f);

/*
 * The next flow that was filed at or before now_us, taken out of the wheel, or NULL when there is
 * none (then time has moved to now_us). Lists of ticks that were jumped over are visited once
 * each, however far the jump. now_us must not go backwards.
 */
struct flow *flow_timer_next(struct flow_timer *w, struct flow_table *t, uint64_t now_us);

#endif
