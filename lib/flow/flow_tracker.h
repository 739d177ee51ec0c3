/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_FLOW_FLOW_TRACKER_H
#define WEIR_FLOW_FLOW_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/histogram.h"
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

struct flow_counts {
	uint64_t created;
	uint64_t active;
	uint64_t ended[FLOW_END_COUNT];
};

struct flow_tracker {
	struct flow_table *table;
	const struct protocol_table *protocols;
	struct flow_limits limits;
	struct flow_counts counts;
	uint64_t removals;  // changes when any flow was taken out: references may be stale
	// Called with a flow that has ended, before its slot is used again; f->end says how.
	void (*on_end)(void *arg, const struct flow *f);
	void *arg;
	struct flow_timer timer;
	// Microseconds from a timeout's deadline on the clock to the flow's end here; any thread reads.
	struct histogram lateness;
};

// Set up over a table; now_us is where the clock starts. Limits may change at any time between
// calls and hold for all flows from then on: at a flow's next packet, and where none comes, when
// its timer is looked at next, which may take one turn of the wheel (67 s).
void flow_tracker_init(struct flow_tracker *tr, struct flow_table *table,
	const struct protocol_table *protocols, const struct flow_limits *limits, uint64_t now_us);

/*
 * The flow of a packet: the one in the table, unless its time is up by the clock or by the
 * packet's time stamp (then it ends and a new one begins); a new one otherwise. `candidate` is a
 * flow that may be it (from the prefetching phase), or NULL. Never NULL; *ret_new tells whether it
 * has just begun.
 */
struct flow *flow_tracker_resolve(struct flow_tracker *tr, const struct packet_meta *m,
	struct flow *candidate, uint64_t now_us, bool *ret_new);

// After the packet was counted: note FIN, end the flow on RST or when a close is complete. f is
// not to be used afterwards if this returns true.
bool flow_tracker_close(struct flow_tracker *tr, struct flow *f, const struct packet_meta *m,
	unsigned int dir, uint64_t now_us);

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
