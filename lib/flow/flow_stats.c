/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/flow_stats.h"

#include <math.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

void
flow_stats_begin(struct flow *f, const struct packet_meta *m, uint64_t now_us)
{
	f->fwd_swapped = m->swapped;
	f->born_us = now_us;
	f->first_us = m->ts_us;
	f->gap_min_us = FLOW_GAP_WIDE;
	f->dir[0].gap_min_us = FLOW_GAP_WIDE;
	f->dir[1].gap_min_us = FLOW_GAP_WIDE;
	for (unsigned int part = 0; part < FLOW_PARTS; part++) {
		f->gaps_wide[part].min_us = INT64_MAX;
		f->gaps_wide[part].max_us = INT64_MIN;
	}
	memcpy(f->src_mac, m->src_mac, sizeof(f->src_mac));
	memcpy(f->dst_mac, m->dst_mac, sizeof(f->dst_mac));
}

// A gap longer than 71 minutes, or a step back in time.
static __rte_noinline void
gap_add_wide(int64_t gap, uint64_t *squares_low, struct flow_gaps_wide *wide)
{
	flow_u128 square = (flow_u128)((__int128)gap * gap);
	flow_u128 sum = ((flow_u128)wide->squares_high << 64 | *squares_low) + square;

	*squares_low = (uint64_t)sum;
	wide->squares_high = (uint64_t)(sum >> 64);
	if (gap < wide->min_us)
		wide->min_us = gap;
	if (gap > wide->max_us)
		wide->max_us = gap;
}

static inline void
gap_add(uint64_t gap, uint32_t *min, uint32_t *max, uint64_t *squares_low,
	struct flow_gaps_wide *wide)
{
	uint64_t square = gap * gap;

	if (unlikely(gap >= FLOW_GAP_WIDE)) {
		gap_add_wide((int64_t)gap, squares_low, wide);
		return;
	}
	*min = RTE_MIN(*min, (uint32_t)gap);
	*max = RTE_MAX(*max, (uint32_t)gap);
	*squares_low += square;
	if (unlikely(*squares_low < square))
		wide->squares_high++;
}

static inline void
direction_start(struct flow *f, unsigned int dir, const struct packet_meta *m)
{
	f->dir[dir].size_min = m->wire_bytes;
	f->ttl_min[dir] = m->ttl;
	if (dir == FLOW_REV)
		f->rev_first_us = m->ts_us;
}

static inline void
direction_update(struct flow *f, unsigned int dir, const struct packet_meta *m)
{
	struct flow_direction *d = &f->dir[dir];
	uint64_t square = (uint64_t)m->wire_bytes * m->wire_bytes;

	if (unlikely(d->packets == 0))
		direction_start(f, dir, m);
	else
		gap_add(m->ts_us - d->last_us, &d->gap_min_us, &d->gap_max_us, &d->gap_squares,
			&f->gaps_wide[dir]);
	d->last_us = m->ts_us;
	d->packets++;
	d->bytes += m->wire_bytes;
	d->l3_bytes += m->l3_bytes;
	d->size_squares += square;
	if (unlikely(d->size_squares < square))
		f->size_squares_high[dir]++;
	d->size_min = RTE_MIN(d->size_min, m->wire_bytes);
	d->size_max = RTE_MAX(d->size_max, m->wire_bytes);
	f->ttl_min[dir] = RTE_MIN(f->ttl_min[dir], m->ttl);
	f->ttl_max[dir] = RTE_MAX(f->ttl_max[dir], m->ttl);
	f->tcp_flags[dir] |= m->tcp_flags;
}

void
flow_stats_update(struct flow *f, const struct packet_meta *m, unsigned int dir, uint64_t now_us)
{
	// The other direction's line is looked at only at the first packet of this one.
	if (likely(f->dir[dir].packets != 0) || f->dir[!dir].packets != 0)
		gap_add(m->ts_us - f->last_us, &f->gap_min_us, &f->gap_max_us, &f->gap_squares,
			&f->gaps_wide[FLOW_BOTH]);
	f->last_us = m->ts_us;
	f->seen_us = now_us;
	direction_update(f, dir, m);
}

static void
direction_counters(const struct flow *f, unsigned int dir, struct flow_counters *ret)
{
	const struct flow_direction *d = &f->dir[dir];

	*ret = (struct flow_counters){
		.packets = d->packets,
		.bytes = d->bytes,
		.l3_bytes = d->l3_bytes,
		.size_min = d->size_min,
		.size_max = d->size_max,
		.ttl_min = f->ttl_min[dir],
		.ttl_max = f->ttl_max[dir],
		.tcp_flags = f->tcp_flags[dir],
	};
}

void
flow_part_counters(const struct flow *f, enum flow_part part, struct flow_counters *ret)
{
	struct flow_counters rev;

	direction_counters(f, part == FLOW_REV ? 1 : 0, ret);
	if (part != FLOW_BOTH || f->dir[1].packets == 0)
		return;
	direction_counters(f, 1, &rev);
	ret->packets += rev.packets;
	ret->bytes += rev.bytes;
	ret->l3_bytes += rev.l3_bytes;
	ret->size_min = RTE_MIN(ret->size_min, rev.size_min);
	ret->size_max = RTE_MAX(ret->size_max, rev.size_max);
	ret->ttl_min = RTE_MIN(ret->ttl_min, rev.ttl_min);
	ret->ttl_max = RTE_MAX(ret->ttl_max, rev.ttl_max);
	ret->tcp_flags |= rev.tcp_flags;
}

void
flow_part_times(const struct flow *f, enum flow_part part, uint64_t *ret_first_us,
	uint64_t *ret_last_us)
{
	*ret_first_us = part == FLOW_REV ? f->rev_first_us : f->first_us;
	*ret_last_us = part == FLOW_BOTH ? f->last_us : f->dir[part].last_us;
}

void
flow_gaps(const struct flow *f, enum flow_part part, struct flow_gaps *ret)
{
	const struct flow_gaps_wide *wide = &f->gaps_wide[part];
	uint64_t packets, low, first, last;
	uint32_t min, max;

	if (part == FLOW_BOTH) {
		packets = f->dir[0].packets + f->dir[1].packets;
		min = f->gap_min_us;
		max = f->gap_max_us;
		low = f->gap_squares;
	} else {
		const struct flow_direction *d = &f->dir[part];

		packets = d->packets;
		min = d->gap_min_us;
		max = d->gap_max_us;
		low = d->gap_squares;
	}
	*ret = (struct flow_gaps){0};
	if (packets < 2)
		return;
	flow_part_times(f, part, &first, &last);
	ret->n = packets - 1;
	ret->sum_us = (int64_t)(last - first);
	ret->squares = (flow_u128)wide->squares_high << 64 | low;
	if (min == FLOW_GAP_WIDE) {
		ret->min_us = wide->min_us;
		ret->max_us = wide->max_us;
	} else {
		ret->min_us = RTE_MIN((int64_t)min, wide->min_us);
		ret->max_us = RTE_MAX((int64_t)max, wide->max_us);
	}
}

flow_u128
flow_size_squares(const struct flow *f, enum flow_part part)
{
	flow_u128 sum = 0;

	for (unsigned int dir = 0; dir < 2; dir++)
		if (part == FLOW_BOTH || part == dir)
			sum += (flow_u128)f->size_squares_high[dir] << 64 |
				f->dir[dir].size_squares;
	return sum;
}

/*
 * n * squares - sum^2. Modulo 2^128 this is right whenever the result fits, whether n * squares
 * does or not. Where it does not fit the floating-point form is as good as a double can tell: then
 * n * squares is at least three times sum^2, so the difference keeps its digits.
 */
static long double
spread_of(uint64_t n, int64_t sum, flow_u128 squares)
{
	long double estimate = (long double)n * squares - (long double)sum * sum;

	if (estimate >= 0x1p127L)
		return estimate;
	return (long double)(n * squares - (flow_u128)((__int128)sum * sum));
}

void
flow_summarize(uint64_t n, int64_t min, int64_t max, int64_t sum, flow_u128 squares,
	struct flow_summary *ret)
{
	*ret = (struct flow_summary){0};
	if (n == 0)
		return;
	ret->min = min;
	ret->max = max;
	ret->mean = (double)sum / (double)n;
	if (n > 1)
		ret->std = (double)sqrtl(spread_of(n, sum, squares) / ((long double)n * (n - 1)));
}
