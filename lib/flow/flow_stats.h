/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_FLOW_FLOW_STATS_H
#define WEIR_FLOW_FLOW_STATS_H

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "flow/flow.h"
#include "packet/packet.h"

// Start the statistics of a flow that was just inserted and is zero but for its key and timer; the
// packet itself is counted by flow_stats_update(). now_us is the clock (it runs ahead of time stamps
// that went backwards).
void flow_stats_begin(struct flow *f, const struct packet_meta *m, uint64_t now_us);

// Direction of a packet within its flow.
static inline unsigned int
flow_direction_of(const struct flow *f, const struct packet_meta *m)
{
	return m->swapped ^ f->fwd_swapped;
}

// The cold part is needed: empty, and FLOW_COLD set. Nothing if it was needed before.
void flow_cold_begin(struct flow *f);

// Add a gap that does not fit 32 bits, or is negative.
void flow_gap_add_wide(struct flow *f, enum flow_part part, int64_t gap, uint64_t *squares_low);
// The low part of the squares has run over.
void flow_gap_carry(struct flow *f, enum flow_part part);

// Add a gap to those of a part, whose hot fields are these.
static inline void
flow_gap_add(struct flow *f, enum flow_part part, uint64_t gap, uint32_t *min, uint32_t *max,
	uint64_t *squares_low)
{
	uint64_t square = gap * gap;

	if (unlikely(gap >= FLOW_GAP_WIDE)) {
		flow_gap_add_wide(f, part, (int64_t)gap, squares_low);
		return;
	}
	*min = RTE_MIN(*min, (uint32_t)gap);
	*max = RTE_MAX(*max, (uint32_t)gap);
	*squares_low += square;
	if (unlikely(*squares_low < square))
		flow_gap_carry(f, part);
}

// Everything of a direction but its gaps.
static inline void
flow_direction_add(struct flow_direction *d, const struct packet_meta *m)
{
	uint64_t square = (uint64_t)m->wire_bytes * m->wire_bytes;

	d->packets++;
	d->bytes += m->wire_bytes;
	d->l3_bytes += m->l3_bytes;
	d->size_squares += square;
	if (unlikely(d->size_squares < square))
		d->size_squares_high++;
	d->size_min = RTE_MIN(d->size_min, m->wire_bytes);
	d->size_max = RTE_MAX(d->size_max, m->wire_bytes);
	// Nearly always the one that was there before.
	if (unlikely(m->ttl < d->ttl_min))
		d->ttl_min = m->ttl;
	if (unlikely(m->ttl > d->ttl_max))
		d->ttl_max = m->ttl;
	d->tcp_flags |= m->tcp_flags;
}

// The gaps of a packet in a flow with packets in both directions or the first one of its direction.
void flow_gaps_two_way(struct flow *f, unsigned int dir, uint64_t ts_us);

// A packet whose time stamp is not the clock, or the first after one.
void flow_skew_note(struct flow *f, uint64_t ts_us, uint64_t now_us);

// Count a packet of direction dir (0 fwd, 1 rev).
static inline void
flow_stats_update(struct flow *f, const struct packet_meta *m, unsigned int dir, uint64_t now_us)
{
	struct flow_direction *d = &f->dir[dir];
	const uint8_t state = f->state;

	asm("" : "+r" (d));  // one address, which the compiler would work out again for each field
	if (likely((state & FLOW_TWO_WAY) == 0 && d->packets != 0))
		flow_gap_add(f, dir, m->ts_us - f->last_us, &d->gap_min_us, &d->gap_max_us,
			&d->gap_squares);
	else
		flow_gaps_two_way(f, dir, m->ts_us);
	if (unlikely(m->ts_us != now_us || (state & FLOW_SKEWED) != 0))
		flow_skew_note(f, m->ts_us, now_us);
	f->last_us = m->ts_us;
	f->last_dir = (uint8_t)dir;
	flow_direction_add(d, m);
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
