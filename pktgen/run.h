/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_RUN_H
#define WEIR_PKTGEN_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "draw_ahead.h"
#include "plan.h"
#include "timeline.h"

// The way through a plan: the position in its sequence of packets, and what changes at which
// packet - the table to draw from, the rate, the second of the answer key, the end.
//
// Several lcores each walk the whole sequence and build what belongs to their own flows
// (docs/adr/0023). So all that a packet depends on is with one lcore, and together they send what
// one alone would send. Each run belongs to one generator lcore.

#define BURST_MAX 64       // packets of a burst
#define BURST_USUAL 64     // positions that one lcore alone takes at a time

struct run {
	struct plan *plan;
	uint64_t serial;         // of the plan; 0 before the first one
	unsigned int share;      // this lcore's number, below shares
	unsigned int shares;
	int stamp_offset;        // of the mbuf field that gets the packet time; negative: none
	uint64_t position;       // number of the next packet
	uint64_t at;             // its place on the timeline
	uint64_t rate;           // the profile's; 0: packets go as fast as they can, time is TSC's
	struct timeline time;
	uint64_t clock;          // TSC at time.ns, for rate 0
	uint64_t hz;
	uint64_t slip_ns;        // time given up to delays
	uint64_t second;         // that the answer key counts
	uint32_t segment;
	const struct alias_table *draw;
	struct draw_ahead ahead; // where one lcore sends all
	uint64_t next_ns;        // when the next change is
	uint64_t next_at;        // and where on the timeline, where there is a rate
	bool done;
};

// Packets on their way to the port.
struct burst {
	uint16_t n;
	uint16_t sent;  // the first ones, taken by the port
	struct rte_mbuf *packets[BURST_MAX];
	uint32_t flows[BURST_MAX];
	uint16_t bytes[BURST_MAX];
	bool begins[BURST_MAX];         // another flow in the place of one that ended
	uint64_t words[BURST_MAX];      // that the packets of events were made from
};

// What a run keeps from plan to plan: share, shares, stamp_offset and hz.
void run_begin(struct run *r, struct plan *plan, uint64_t now);
// From here on at this rate; the position stays.
void run_rate_set(struct run *r, uint64_t rate, uint64_t now);
void run_resume(struct run *r, uint64_t now);  // after a pause, of which rate 0 knows nothing
void run_slip(struct run *r, uint64_t ns);     // time that is given up

// Packet time of the next packet; where nothing is sent, when that may change.
uint64_t run_next_ns(const struct run *r);

/*
 * Positions that may be built until something changes; makes the changes that are due.
 * @param now TSC
 * @param now_ns packet time, later packets are not due; UINT64_MAX: all are
 * @return at most `most`; 0: done, nothing due, or the answer key has to be folded first
 */
uint64_t run_room(struct run *r, uint64_t now, uint64_t now_ns, uint64_t most);

// Packets due at now_ns, at most `most`, were there no further change.
uint64_t run_due(const struct run *r, uint64_t now_ns, uint64_t most);

// The profile's duration has passed.
bool run_time_over(const struct run *r, uint64_t now);

// Positions to take at a time.
static inline uint64_t
run_step(const struct run *r)
{
	return r->shares == 1 ? BURST_USUAL : BURST_MAX;
}

// Build this lcore's packets of the next n positions (at most run_room() and run_step()) into b.
// False: no mbufs, nothing changed.
bool run_build(struct run *r, struct rte_mempool *pool, uint16_t n, struct burst *b);

#endif
