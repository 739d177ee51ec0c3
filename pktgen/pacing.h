/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_PACING_H
#define WEIR_PKTGEN_PACING_H

#include <stdint.h>

// Packet time by TSC: which moment of the sequence it is now. Short delays are caught up, and
// nothing drifts. Who falls more than PACING_BEHIND_NS behind does not flood the port to make up
// for it: packet time stands still for what is beyond that.

#define PACING_BEHIND_NS UINT64_C(100000000)

struct pacing {
	uint64_t hz;
	uint64_t tsc;  // an anchor, moved on by whole seconds
	uint64_t ns;   // packet time there
};

// It is packet time ns now.
void pacing_start(struct pacing *p, uint64_t hz, uint64_t ns, uint64_t now);

uint64_t pacing_ns(struct pacing *p, uint64_t now);

// The next packet was due at due_ns: how much of the delay until now_ns is beyond catching up.
// Packet time goes back by it.
uint64_t pacing_slip(struct pacing *p, uint64_t due_ns, uint64_t now_ns);

// Microseconds from packet time now_ns until ns, rounded down, at most most_us.
uint32_t pacing_wait_us(uint64_t now_ns, uint64_t ns, uint32_t most_us);

#endif
