/* SPDX-License-Identifier: BSD-3-Clause */
#include "pacing.h"

#include <rte_common.h>

#define NS_PER_S_U64 UINT64_C(1000000000)

void
pacing_start(struct pacing *p, uint64_t hz, uint64_t ns, uint64_t now)
{
	*p = (struct pacing){.hz = hz, .tsc = now, .ns = ns};
}

uint64_t
pacing_ns(struct pacing *p, uint64_t now)
{
	uint64_t passed = now > p->tsc ? now - p->tsc : 0;

	if (passed >= p->hz) {
		uint64_t seconds = passed / p->hz;

		p->tsc += seconds * p->hz;
		p->ns += seconds * NS_PER_S_U64;
		passed -= seconds * p->hz;
	}
	// Below one second, so the product stays within 64 bits up to 18 GHz.
	return p->ns + passed * NS_PER_S_U64 / p->hz;
}

uint64_t
pacing_slip(struct pacing *p, uint64_t due_ns, uint64_t now_ns)
{
	uint64_t slip;

	if (now_ns <= due_ns + PACING_BEHIND_NS)
		return 0;
	slip = now_ns - due_ns - PACING_BEHIND_NS;
	// The anchor may lie before the begin of packet time then; the numbers wrap there and back.
	p->ns -= slip;
	return slip;
}

uint32_t
pacing_wait_us(uint64_t now_ns, uint64_t ns, uint32_t most_us)
{
	return ns <= now_ns ? 0 : (uint32_t)RTE_MIN((ns - now_ns) / 1000, (uint64_t)most_us);
}
