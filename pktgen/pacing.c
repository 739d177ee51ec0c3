/* SPDX-License-Identifier: BSD-3-Clause */
#include "pacing.h"

#include <rte_common.h>

#define NS_PER_S_U64 UINT64_C(1000000000)
#define CATCH_UP_PARTS 10  // of a second

void
pacing_start(struct pacing *p, uint64_t hz, uint64_t rate, uint64_t now)
{
	*p = (struct pacing){.hz = hz, .rate = rate, .anchor = now, .due = 1};
}

uint64_t
pacing_budget(struct pacing *p, uint64_t now, uint64_t *ret_late)
{
	uint64_t most = RTE_MAX(p->rate / CATCH_UP_PARTS, UINT64_C(1));
	uint64_t passed = now > p->anchor ? now - p->anchor : 0;
	uint64_t budget;

	*ret_late = 0;
	if (passed >= p->hz) {
		uint64_t seconds = passed / p->hz;

		p->anchor += seconds * p->hz;
		p->due += seconds * p->rate;
		passed -= seconds * p->hz;
	}
	// Below one second of at most 10^9 packets: the product stays within 64 bits.
	budget = p->due + passed * p->rate / p->hz - p->taken;
	if (budget > most) {
		*ret_late = budget - most;
		p->taken += *ret_late;
		budget = most;
	}
	return budget;
}

uint32_t
pacing_wait_us(const struct pacing *p, uint64_t now, uint64_t n)
{
	uint64_t missing = p->taken + n > p->due ? p->taken + n - p->due : 0;
	unsigned __int128 ticks = ((unsigned __int128)missing * p->hz + p->rate - 1) / p->rate;
	uint64_t at = p->anchor + (uint64_t)ticks;

	return at <= now ? 0 : (uint32_t)RTE_MIN((at - now) * 1000000 / p->hz, UINT32_MAX);
}

uint64_t
timeline_ns(const struct timeline *t, uint64_t position)
{
	unsigned __int128 n = position - t->position;

	return t->ns + (uint64_t)(n * NS_PER_S_U64 / t->rate);
}

uint64_t
timeline_position(const struct timeline *t, uint64_t ns)
{
	unsigned __int128 n;

	if (ns == UINT64_MAX)
		return UINT64_MAX;
	if (ns <= t->ns)
		return t->position;
	n = (unsigned __int128)(ns - t->ns) * t->rate;
	return t->position + (uint64_t)((n + NS_PER_S_U64 - 1) / NS_PER_S_U64);
}
