/* SPDX-License-Identifier: BSD-3-Clause */
#include "rx_clock.h"

#include "rx_burst.h"

void
rx_pane_begin(struct rx_worker *w)
{
	bool opened = pane_writer_open(&w->panes, w->pane_index);
	struct pane *part;

	while (!opened && w->clock == CLOCK_PACKET) {
		// All but the closed pane's part are on their way and come back. That pane rests, so
		// that in which order its deltas go does not depend on how soon.
		lcore_load_idle(&w->load);
		opened = pane_writer_open(&w->panes, w->pane_index);
	}
	if (!opened)
		return;
	part = w->panes.open->part;
	part->filter_version = w->burst->settings->queries->filters.version;
	part->packets = w->unpaned.received;
	part->flow_packets = part->lost_packets = w->unpaned.flow_packets;
	part->flow_bytes = part->lost_bytes = w->unpaned.flow_bytes;
	w->unpaned = (struct ledger_counts){0};
}

void
rx_clock_advance(struct rx_worker *w, uint64_t us)
{
	uint64_t pane_us = w->pipeline->options.pane_us;

	if (unlikely(!w->clock_started)) {
		w->clock_started = true;
		w->now_us = us;
		flow_timer_init(&w->tracker.timer, us);
		w->pane_index = us / pane_us;
		w->pane_end_us = (w->pane_index + 1) * pane_us;
	}
	if (us > w->now_us)
		w->now_us = us;
	else if (unlikely(us < w->pane_end_us - pane_us))
		w->late_packets++;
	if (unlikely(w->now_us >= w->pane_end_us)) {
		pane_writer_close(&w->panes);
		w->pane_index = w->now_us / pane_us;
		w->pane_end_us = (w->pane_index + 1) * pane_us;
	}
	if (unlikely(w->panes.open == NULL))
		rx_pane_begin(w);
}
