/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_RUN_H
#define WEIR_PKTGEN_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "pacing.h"
#include "plan.h"

// The way through a plan: the position in its sequence of packets, and what changes at which
// packet - the table to draw from, the second of the answer key, the end. Generator lcore only.

#define BURST_MAX 32

struct run {
	struct plan *plan;
	uint64_t serial;         // of the plan; 0 before the first one
	uint64_t position;       // number of the next packet
	struct timeline time;    // rate 0: packets go as fast as they can, and time is TSC's
	uint64_t clock;          // TSC at time.ns, for rate 0
	uint64_t hz;
	uint64_t slip_ns;        // time given up to packets that were late
	uint64_t second;         // that the answer key counts
	uint32_t segment;
	const struct alias_table *draw;
	uint64_t next_ns;        // when the next change is
	uint64_t next_position;  // and at which packet, where there is a rate
	bool done;
};

// Packets on their way to the port.
struct burst {
	uint16_t n;
	uint16_t sent;  // the first ones, taken by the port
	struct rte_mbuf *packets[BURST_MAX];
	uint32_t flows[BURST_MAX];
	uint16_t bytes[BURST_MAX];
};

void run_begin(struct run *r, struct plan *plan, uint64_t hz, uint64_t now);
// From here on at this rate; the position stays.
void run_rate_set(struct run *r, uint64_t rate, uint64_t now);
void run_resume(struct run *r, uint64_t now);  // after a pause, of which rate 0 knows nothing
void run_slip(struct run *r, uint64_t packets);  // that were late

// Packets that may be built until something changes; makes the changes that are due. 0: done, or
// the answer key has to be folded first.
uint64_t run_room(struct run *r, uint64_t now);

// The profile's duration has passed.
bool run_time_over(const struct run *r, uint64_t now);

// Build the next n packets (at most run_room() and BURST_MAX) into b. False: no mbufs, nothing
// changed.
bool run_build(struct run *r, struct rte_mempool *pool, uint16_t n, struct burst *b);

#endif
