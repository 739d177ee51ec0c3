/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/flow_stats.h"

#include <math.h>

#include <rte_branch_prediction.h>

void
flow_stats_begin(struct flow *f, const struct packet_meta *m, uint64_t now_us)
{
	f->fwd_swapped = m->swapped;
	f->born_us = now_us;
	f->dir[0].first_us = m->ts_us;
	memcpy(f->src_mac, m->src_mac, sizeof(f->src_mac));
	memcpy(f->dst_mac, m->dst_mac, sizeof(f->dst_mac));
}

static inline void
interval_add(int64_t gap, bool first, int64_t *min, int64_t *max, flow_u128 *squares)
{
	if (first || gap < *min)
		*min = gap;
	if (first || gap > *max)
		*max = gap;
	*squares += (flow_u128)((__int128)gap * gap);
}

static inline void
direction_start(struct flow_direction *d, const struct packet_meta *m)
{
	d->first_us = m->ts_us;
	d->size_min = m->wire_bytes;
	d->size_max = m->wire_bytes;
	d->ttl_min = m->ttl;
	d->ttl_max = m->ttl;
}

static inline void
direction_update(struct flow_direction *d, const struct packet_meta *m)
{
	if (unlikely(d->packets == 0))
		direction_start(d, m);
	else
		interval_add((int64_t)(m->ts_us - d->last_us), d->packets == 1, &d->iat_min_us,
			&d->iat_max_us, &d->iat_squares);
	d->last_us = m->ts_us;
	d->packets++;
	d->bytes += m->wire_bytes;
	d->l3_bytes += m->l3_bytes;
	d->size_squares += (uint64_t)m->wire_bytes * m->wire_bytes;
	d->size_min = m->wire_bytes < d->size_min ? m->wire_bytes : d->size_min;
	d->size_max = m->wire_bytes > d->size_max ? m->wire_bytes : d->size_max;
	d->ttl_min = m->ttl < d->ttl_min ? m->ttl : d->ttl_min;
	d->ttl_max = m->ttl > d->ttl_max ? m->ttl : d->ttl_max;
	d->tcp_flags |= m->tcp_flags;
}

void
flow_stats_update(struct flow *f, const struct packet_meta *m, unsigned int dir, uint64_t now_us)
{
	uint64_t before = f->dir[0].packets + f->dir[1].packets;

	if (likely(before != 0))
		interval_add((int64_t)(m->ts_us - f->last_us), before == 1, &f->iat_min_us,
			&f->iat_max_us, &f->iat_squares);
	f->last_us = m->ts_us;
	f->seen_us = now_us;
	direction_update(&f->dir[dir], m);
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
