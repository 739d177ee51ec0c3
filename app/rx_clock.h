/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_RX_CLOCK_H
#define WEIR_APP_RX_CLOCK_H

#include "pipeline.h"

// The clock of an RX lcore, and the panes that go with it. Called by the worker itself only.

// Bring the clock and the panes to `us` microseconds. Time that steps back is held: panes only go
// forward.
void rx_clock_advance(struct rx_worker *w, uint64_t us);

/*
 * Open the pane for w->pane_index. A live worker never waits: without an empty pane it goes on,
 * counts what it cannot keep as lost detail, and tries again with the next burst.
 */
void rx_pane_begin(struct rx_worker *w);

#endif
