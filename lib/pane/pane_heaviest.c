/* SPDX-License-Identifier: BSD-3-Clause */
#include "pane/pane_heaviest.h"

const struct pane_delta *
pane_heaviest(const struct pane *p)
{
	const struct pane_delta *best = NULL;

	for (uint32_t i = 0; i < p->count; i++) {
		const struct pane_delta *d = &p->deltas[i];

		if (best == NULL || pane_delta_heavier(d, best))
			best = d;
	}
	return best;
}
