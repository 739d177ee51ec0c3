/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_TIMELINE_H
#define WEIR_PKTGEN_TIMELINE_H

#include <stdint.h>

// Packet time: the moment of each packet of the sequence, in nanoseconds since its begin.
//
// Packets are counted in parts, TIMELINE_PACKET of them from one packet to the next, so that
// random gaps add up without loss. A stretch has one rate; where the rate changes, the next stretch
// begins at the same part of a packet. With bursts, time runs through the on times only: the moment
// at the mean rate is squeezed into the on time of its period.

#define TIMELINE_PACKET 4096u  // parts; 2^52 packets fit

struct timeline {
	uint64_t ns;         // begin of the stretch
	uint64_t at;         // parts there
	uint64_t rate;       // packets per second, on the average over bursts; 0: no packets
	uint64_t on_ns;      // bursts: packets in the first on_ns of each period
	uint64_t period_ns;  // 0: no bursts
};

// The moment of a part at or after the begin of the stretch; the rate is not 0.
uint64_t timeline_ns(const struct timeline *t, uint64_t at);
// The first part at or after a moment; UINT64_MAX for moments that are never. t->at without a rate.
uint64_t timeline_at(const struct timeline *t, uint64_t ns);

#endif
