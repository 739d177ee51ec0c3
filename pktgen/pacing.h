/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_PACING_H
#define WEIR_PKTGEN_PACING_H

#include <stdint.h>

// When the next packets are due, by TSC. Packet number n after a start is due n / rate seconds
// after it, so short delays are caught up and nothing drifts. Who falls more than 100 ms behind
// does not flood the port to make up for it: what is due beyond that is counted as late.

struct pacing {
	uint64_t hz;
	uint64_t rate;    // packets per second, above 0
	uint64_t anchor;  // a moment, moved on by whole seconds
	uint64_t due;     // packets due at the anchor, since the start
	uint64_t taken;   // packets taken or late, since the start
};

void pacing_start(struct pacing *p, uint64_t hz, uint64_t rate, uint64_t now);

// Packets that may go now; *ret_late those that never will. pacing_take() tells what was sent.
uint64_t pacing_budget(struct pacing *p, uint64_t now, uint64_t *ret_late);

static inline void
pacing_take(struct pacing *p, uint64_t n)
{
	p->taken += n;
}

// Microseconds until n packets may go, rounded down, after a budget below n at the moment now.
uint32_t pacing_wait_us(const struct pacing *p, uint64_t now, uint64_t n);

// Packet time: the moment of a packet in the sequence, in nanoseconds since its begin. A change of
// the rate begins a new stretch.
struct timeline {
	uint64_t ns;        // begin of the stretch
	uint64_t position;  // packet number there
	uint64_t rate;
};

uint64_t timeline_ns(const struct timeline *t, uint64_t position);
// The first packet at or after a moment; UINT64_MAX for moments that are never.
uint64_t timeline_position(const struct timeline *t, uint64_t ns);

#endif
