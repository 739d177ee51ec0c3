/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_LATENCY_H
#define WEIR_PKTGEN_LATENCY_H

#include <stdint.h>

#include <rte_mbuf.h>

#include "base/histogram.h"
#include "stamp.h"

// What stamped packets (stamp.h) tell their receiver: how long each was under way, and how much
// that changes from one packet to the next. One thread adds, any reads.

struct latency_meter {
	uint64_t tag;       // of the packets in it; another tag begins anew
	uint64_t previous;  // of the packet before, nanoseconds
	uint64_t changes;   // sum of the differences between packets and the ones before them
	struct histogram transit;  // nanoseconds
};

// Of one meter or of several.
struct latency_total {
	uint64_t changes;
	uint64_t pairs;     // of packets whose differences these are
	struct histogram transit;
};

// Nanoseconds; see histogram.h on what they may be off. All 0 without packets.
struct latency_summary {
	uint64_t packets;
	uint64_t p50;
	uint64_t p99;
	uint64_t p999;
	uint64_t max;
	double jitter;      // mean |difference| between one packet and the next (RFC 3393, RFC 5481)
};

struct json_out;

/*
 * The receiver: look for stamps in a burst that was received at TSC `now`.
 * @param tag generator_stamp_tag(), not 0
 */
void latency_meter_burst(struct latency_meter *m, uint64_t tag, struct rte_mbuf *const *packets,
	uint16_t n, uint64_t now);

// Any thread: total += m, if m is of this tag.
void latency_total_add(struct latency_total *total, const struct latency_meter *m, uint64_t tag);
void latency_summarize(const struct latency_total *total, struct latency_summary *ret);

// {"packets": N, "p50_us": R, ..., "jitter_us": R}
void latency_write(const struct latency_summary *s, struct json_out *out);

#endif
