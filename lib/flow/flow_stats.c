/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/flow_stats.h"

#include <math.h>

void
flow_stats_begin(struct flow *f, const struct packet_meta *m, uint64_t now_us)
{
	f->fwd_swapped = m->swapped;
	f->state = FLOW_STARTED;
	f->born_us = now_us;
	f->first_us = m->ts_us;
	f->last_us = m->ts_us;
	f->gap_min_us = FLOW_GAP_WIDE;
	for (unsigned int dir = 0; dir < 2; dir++) {
		f->dir[dir].gap_min_us = FLOW_GAP_WIDE;
		f->dir[dir].size_min = UINT32_MAX;
		f->dir[dir].ttl_min = UINT8_MAX;
		f->dir[dir].born_tick = (uint32_t)(now_us >> FLOW_TICK_SHIFT);
	}
	memcpy(f->src_mac, m->src_mac, sizeof(f->src_mac));
	memcpy(f->dst_mac, m->dst_mac, sizeof(f->dst_mac));
}

static const struct flow_gaps_wide gaps_wide_none = {.min_us = INT64_MAX, .max_us = INT64_MIN};

void
flow_cold_begin(struct flow *f)
{
	if ((f->state & FLOW_COLD) != 0)
		return;
	f->state |= FLOW_COLD;
	for (unsigned int part = 0; part < FLOW_PARTS; part++)
		f->gaps_wide[part] = gaps_wide_none;
	memset(&f->tunnel, 0, sizeof(f->tunnel));
}

void
flow_gap_carry(struct flow *f, enum flow_part part)
{
	flow_cold_begin(f);
	f->gaps_wide[part].squares_high++;
}

// A gap longer than 71 minutes, or a step back in time.
void
flow_gap_add_wide(struct flow *f, enum flow_part part, int64_t gap, uint64_t *squares_low)
{
	struct flow_gaps_wide *wide = &f->gaps_wide[part];
	flow_u128 square = (flow_u128)((__int128)gap * gap);
	flow_u128 sum;

	flow_cold_begin(f);
	sum = ((flow_u128)wide->squares_high << 64 | *squares_low) + square;
	*squares_low = (uint64_t)sum;
	wide->squares_high = (uint64_t)(sum >> 64);
	if (gap < wide->min_us)
		wide->min_us = gap;
	if (gap > wide->max_us)
		wide->max_us = gap;
}

// The first answer: until now the gaps of both directions were those of the forward one.
static void
two_way_begin(struct flow *f, uint64_t ts_us)
{
	f->state |= FLOW_TWO_WAY;
	f->rev_first_us = ts_us;
	f->gap_squares = f->dir[FLOW_FWD].gap_squares;
	f->gap_min_us = f->dir[FLOW_FWD].gap_min_us;
	f->gap_max_us = f->dir[FLOW_FWD].gap_max_us;
	if (unlikely((f->state & FLOW_COLD) != 0))
		f->gaps_wide[FLOW_BOTH] = f->gaps_wide[FLOW_FWD];
}

void
flow_gaps_two_way(struct flow *f, unsigned int dir, uint64_t ts_us)
{
	struct flow_direction *d = &f->dir[dir];
	uint64_t last_us = dir == f->last_dir ? f->last_us : f->other_last_us;

	if (unlikely((f->state & FLOW_TWO_WAY) == 0)) {
		if (dir == FLOW_FWD)
			return;  // the very first packet: no gap yet
		two_way_begin(f, ts_us);
	}
	flow_gap_add(f, FLOW_BOTH, ts_us - f->last_us, &f->gap_min_us, &f->gap_max_us,
		&f->gap_squares);
	if (dir != f->last_dir)
		f->other_last_us = f->last_us;
	if (likely(d->packets != 0))
		flow_gap_add(f, dir, ts_us - last_us, &d->gap_min_us, &d->gap_max_us,
			&d->gap_squares);
}

void
flow_skew_note(struct flow *f, uint64_t ts_us, uint64_t now_us)
{
	f->seen_us = now_us;
	if (ts_us == now_us && f->first_us == f->born_us)
		f->state &= (uint8_t)~FLOW_SKEWED;
	else
		f->state |= FLOW_SKEWED;
}

static void
direction_counters(const struct flow *f, unsigned int dir, struct flow_counters *ret)
{
	const struct flow_direction *d = &f->dir[dir];

	*ret = (struct flow_counters){
		.packets = d->packets,
		.bytes = d->bytes,
		.l3_bytes = d->l3_bytes,
		.size_min = d->packets != 0 ? d->size_min : 0,
		.size_max = d->size_max,
		.ttl_min = d->packets != 0 ? d->ttl_min : 0,
		.ttl_max = d->ttl_max,
		.tcp_flags = d->tcp_flags,
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
	*ret_last_us = part == FLOW_BOTH || part == f->last_dir ? f->last_us : f->other_last_us;
}

void
flow_gaps(const struct flow *f, enum flow_part part, struct flow_gaps *ret)
{
	// With one direction only, both together are that one.
	enum flow_part as = part == FLOW_BOTH && (f->state & FLOW_TWO_WAY) == 0 ? FLOW_FWD : part;
	const struct flow_gaps_wide *wide = (f->state & FLOW_COLD) != 0 ? &f->gaps_wide[as] :
		&gaps_wide_none;
	uint64_t packets, low, first_us, last_us;
	uint32_t min, max;

	if (as == FLOW_BOTH) {
		packets = f->dir[0].packets + f->dir[1].packets;
		min = f->gap_min_us;
		max = f->gap_max_us;
		low = f->gap_squares;
	} else {
		const struct flow_direction *d = &f->dir[as];

		packets = d->packets;
		min = d->gap_min_us;
		max = d->gap_max_us;
		low = d->gap_squares;
	}
	*ret = (struct flow_gaps){0};
	if (packets < 2)
		return;
	ret->n = packets - 1;
	flow_part_times(f, as, &first_us, &last_us);
	ret->sum_us = (int64_t)(last_us - first_us);
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
			sum += (flow_u128)f->dir[dir].size_squares_high << 64 |
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
