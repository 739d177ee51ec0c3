/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PANE_PANE_HEAVIEST_H
#define WEIR_PANE_PANE_HEAVIEST_H

#include "pane/pane.h"

// The delta with most packets, both directions together: what a worker's time goes into is packets.
// More bytes decide between equals, then the earlier one.

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

// Worker: delta i of the part has been written; those before it are known.
static inline void
pane_weigh(struct pane *p, uint32_t i)
{
	if (i == 0 || pane_delta_heavier(&p->deltas[i], &p->deltas[p->heaviest]))
		p->heaviest = i;
}

// The heaviest delta of a part; NULL if there is none.
static inline const struct pane_delta *
pane_heaviest(const struct pane *p)
{
	return p->count > 0 ? &p->deltas[p->heaviest] : NULL;
}

#endif
