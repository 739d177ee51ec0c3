/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_FLOW_FLOW_TRACKER_H
#define WEIR_FLOW_FLOW_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/histogram.h"
#include <rte_branch_prediction.h>

#include "flow/flow_stats.h"
#include "flow/flow_table.h"
#include "flow/flow_timer.h"
#include "packet/packet.h"
#include "packet/protocol.h"

// The life of flows on one worker: found or begun by a packet, counted, ended by time, by TCP, by
// want of room, or by the end of the run. One worker owns it.

struct flow_limits {
	uint64_t idle_us;    // 0: never
	uint64_t active_us;  // 0: never
	bool tcp_end;        // end on FIN and RST
};

// The same limits as a packet is held against them: the gap from which on a flow may be over
// (UINT64_MAX: never), and the age in steps of FLOW_TICK_SHIFT.
struct flow_limits_hot {
	uint64_t idle_us;
	uint32_t active_ticks;
};

struct flow_counts {
	uint64_t created;
	uint64_t active;
	uint64_t ended[FLOW_END_COUNT];
};

struct flow_tracker {
	struct flow_table *table;
	const struct protocol_table *protocols;
	struct flow_limits limits;  // changed by flow_tracker_set_limits() only
	struct flow_limits_hot hot;
	struct flow_counts counts;
	uint64_t removals;  // changes when any flow was taken out: references may be stale
	// Called with a flow that has ended, before its slot is used again; f->end says how.
	void (*on_end)(void *arg, struct flow *f);
	void *arg;
	struct flow_timer timer;
	// Microseconds from a timeout's deadline on the clock to the flow's end here; any thread reads.
	struct histogram lateness;
};

// Set up over a table; now_us is where the clock starts.
void flow_tracker_init(struct flow_tracker *tr, struct flow_table *table,
	const struct protocol_table *protocols, const struct flow_limits *limits, uint64_t now_us);

// Limits may change at any time between calls and hold for all flows from then on: at a flow's
// next packet, and where none comes, when its timer is looked at next, which may take one turn of
// the wheel (67 s).
void flow_tracker_set_limits(struct flow_tracker *tr, const struct flow_limits *limits);

// The rest of flow_tracker_resolve(), for packets that are not the next one of a living flow.
struct flow *flow_tracker_resolve_slow(struct flow_tracker *tr, const struct packet_meta *m,
	uint64_t now_us, bool *ret_new);

/*
 * Is f, whose key is m's, certainly alive? Decided from its first line and its direction's. "Not
 * certainly" means: some FIN was seen, time ran backwards, or a timeout is near or over.
 */
static inline bool
flow_is_alive(const struct flow_tracker *tr, const struct flow *f, const struct packet_meta *m,
	uint64_t now_us)
{
	const struct flow_direction *d = &f->dir[flow_direction_of(f, m)];

	return (f->state & FLOW_SKEWED) == 0 && f->fin_seen == 0 && m->ts_us == now_us &&
		now_us - f->last_us < tr->hot.idle_us &&
		(uint32_t)(now_us >> FLOW_TICK_SHIFT) - d->born_tick < tr->hot.active_ticks;
}

/*
 * The flow of a packet: the one in the table, unless its time is up by the clock or by the
 * packet's time stamp (then it ends and a new one begins); a new one otherwise. `candidate` is a
 * flow that may be it (from the prefetching phase), or NULL. Never NULL; *ret_new tells whether it
 * has just begun.
 */
static inline struct flow *
flow_tracker_resolve(struct flow_tracker *tr, const struct packet_meta *m,
	struct flow *candidate, uint64_t now_us, bool *ret_new)
{
	if (likely(candidate != NULL && flow_key_equal(&candidate->key, &m->key) &&
		flow_is_alive(tr, candidate, m, now_us))) {
		*ret_new = false;
		return candidate;
	}
	return flow_tracker_resolve_slow(tr, m, now_us, ret_new);
}

// The rest of flow_tracker_close(), for packets that have to do with an end.
bool flow_tracker_close_slow(struct flow_tracker *tr, struct flow *f, const struct packet_meta *m,
	unsigned int dir, uint64_t now_us);

// After the packet was counted: note FIN, end the flow on RST or when a close is complete. f is
// not to be used afterwards if this returns true.
static inline bool
flow_tracker_close(struct flow_tracker *tr, struct flow *f, const struct packet_meta *m,
	unsigned int dir, uint64_t now_us)
{
	if (likely((m->tcp_flags & (TCP_FIN | TCP_RST)) == 0 && f->fin_seen == 0))
		return false;
	return flow_tracker_close_slow(tr, f, m, dir, now_us);
}

// End flows whose time is up at now_us, at most `budget` visits. Returns true if there is more.
bool flow_tracker_expire(struct flow_tracker *tr, uint64_t now_us, unsigned int budget);

/*
 * How many visits fit between two bursts. An idle worker has time. A busy one does a few, so that
 * tens of thousands of flows that idle out together do not keep it from its ports, and more of
 * them the further the wheel has fallen behind the clock (one more for each tick of 8 ms).
 */
#define FLOW_EXPIRE_IDLE 64
#define FLOW_EXPIRE_BUSY 8

static inline unsigned int
flow_tracker_budget(const struct flow_tracker *tr, uint64_t now_us, bool busy)
{
	uint64_t behind = now_us / FLOW_TIMER_TICK_US - tr->timer.tick;

	return !busy || behind > FLOW_EXPIRE_IDLE - FLOW_EXPIRE_BUSY ? FLOW_EXPIRE_IDLE :
		FLOW_EXPIRE_BUSY + (unsigned int)behind;
}

// End everything that is left, as the run is over at now_us.
void flow_tracker_flush(struct flow_tracker *tr, uint64_t now_us);

#endif
