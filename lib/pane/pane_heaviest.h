/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PANE_PANE_HEAVIEST_H
#define WEIR_PANE_PANE_HEAVIEST_H

#include "pane/pane.h"

// The delta of a part with most packets, both directions together: what a worker's time goes into is
// packets. More bytes decide between equals, then the earlier one. NULL if there is none. For the
// merge lcore, which reads all deltas anyway; so the heaviest flow costs packets nothing.
const struct pane_delta *pane_heaviest(const struct pane *p);

static inline uint64_t
pane_delta_packets(const struct pane_delta *d)
{
	return d->packets[0] + d->packets[1];
}

static inline uint64_t
pane_delta_bytes(const struct pane_delta *d)
{
	return d->bytes[0] + d->bytes[1];
}

// Is a heavier than b, which comes before it?
static inline bool
pane_delta_heavier(const struct pane_delta *a, const struct pane_delta *b)
{
	uint64_t more = pane_delta_packets(a), than = pane_delta_packets(b);

	return more != than ? more > than : pane_delta_bytes(a) > pane_delta_bytes(b);
}

#endif
