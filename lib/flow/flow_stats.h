/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_FLOW_FLOW_STATS_H
#define WEIR_FLOW_FLOW_STATS_H

#include "flow/flow.h"
#include "packet/packet.h"

// Start the statistics of a flow that was just inserted; the packet itself is counted by
// flow_stats_update(). now_us is the clock (it runs ahead of time stamps that went backwards).
void flow_stats_begin(struct flow *f, const struct packet_meta *m, uint64_t now_us);

// Count a packet of direction dir (0 fwd, 1 rev).
void flow_stats_update(struct flow *f, const struct packet_meta *m, unsigned int dir,
	uint64_t now_us);

// Direction of a packet within its flow.
static inline unsigned int
flow_direction_of(const struct flow *f, const struct packet_meta *m)
{
	return m->swapped ^ f->fwd_swapped;
}

// What was counted in one direction or in both: the one place, with flow_part_times(), that later
// stages read a flow's counters through, wherever struct flow keeps them.
struct flow_counters {
	uint64_t packets;
	uint64_t bytes;
	uint64_t l3_bytes;
	uint32_t size_min, size_max;  // frame bytes; 0 if there was no packet, as all that follows
	uint8_t ttl_min, ttl_max;
	uint8_t tcp_flags;            // OR of all
};
void flow_part_counters(const struct flow *f, enum flow_part part, struct flow_counters *ret);

// Time stamps of the first and of the latest packet, in arrival order; both 0 if there was none.
void flow_part_times(const struct flow *f, enum flow_part part, uint64_t *ret_first_us,
	uint64_t *ret_last_us);

// n gaps between n + 1 packets, from the hot and the cold part.
struct flow_gaps {
	uint64_t n;
	int64_t min_us, max_us;  // 0 if n is 0
	int64_t sum_us;
	flow_u128 squares;
};
void flow_gaps(const struct flow *f, enum flow_part part, struct flow_gaps *ret);

// Sum of squares of frame sizes of one direction or of both.
flow_u128 flow_size_squares(const struct flow *f, enum flow_part part);

struct flow_summary {
	int64_t min, max;
	double mean, std;  // std: sample standard deviation (n - 1), 0 below two values
};

/*
 * Summary of n values from their exact integer sums. std is sqrt((n*squares - sum^2)/(n(n-1))):
 * the difference is taken in integers, so nothing cancels.
 */
void flow_summarize(uint64_t n, int64_t min, int64_t max, int64_t sum, flow_u128 squares,
	struct flow_summary *ret);

#endif
