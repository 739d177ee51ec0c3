/* SPDX-License-Identifier: BSD-3-Clause */
#include "timeline.h"

#include <rte_common.h>

#define NS_PER_S_U64 UINT64_C(1000000000)

// x * a / b, rounded down or up.
static uint64_t
scale_down(uint64_t x, uint64_t a, uint64_t b)
{
	return (uint64_t)((unsigned __int128)x * a / b);
}

static uint64_t
scale_up(uint64_t x, uint64_t a, uint64_t b)
{
	return (uint64_t)(((unsigned __int128)x * a + b - 1) / b);
}

// A moment at the mean rate to its place in the on times, and back to the first such moment.
static uint64_t
burst_ns(const struct timeline *t, uint64_t mean_ns)
{
	if (t->period_ns == 0)
		return mean_ns;
	return mean_ns - mean_ns % t->period_ns +
		scale_down(mean_ns % t->period_ns, t->on_ns, t->period_ns);
}

static uint64_t
burst_mean_ns(const struct timeline *t, uint64_t ns)
{
	uint64_t inside;

	if (t->period_ns == 0)
		return ns;
	inside = ns % t->period_ns;
	return ns - inside + scale_up(RTE_MIN(inside, t->on_ns), t->period_ns, t->on_ns);
}

uint64_t
timeline_ns(const struct timeline *t, uint64_t at)
{
	return burst_ns(t, burst_mean_ns(t, t->ns) +
		scale_down(at - t->at, NS_PER_S_U64, t->rate * TIMELINE_PACKET));
}

uint64_t
timeline_at(const struct timeline *t, uint64_t ns)
{
	if (ns == UINT64_MAX)
		return UINT64_MAX;
	if (ns <= t->ns)
		return t->at;
	return t->at + scale_up(burst_mean_ns(t, ns) - burst_mean_ns(t, t->ns),
		t->rate * TIMELINE_PACKET, NS_PER_S_U64);
}
