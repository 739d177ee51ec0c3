/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include <rte_malloc.h>

#include "pipeline.h"
#include "rx_burst.h"
#include "rx_clock.h"

// The RX lcore's loop: settings, clock, bursts (rx_burst.c), timeouts, deltas, walks.

#define DELTAS_BUDGET 64      // deltas of the closed pane written per loop
#define DRAIN_PACKETS 65536U  // that are taken from ports after the end, at most

// Take what the sources have. Returns packets received or handed on to other workers.
static unsigned int
sources_poll(struct rx_worker *w, struct burst *b)
{
	unsigned int total = 0;

	for (unsigned int i = 0; i < w->source_count; i++) {
		b->count = source_receive(w->sources[i], b->packets, RX_BURST);
		total += b->count + w->sources[i]->relayed;
		if (b->count == 0)
			continue;
		burst_process(w, w->sources[i]);
	}
	return total;
}

static bool
sources_finished(const struct rx_worker *w)
{
	for (unsigned int i = 0; i < w->source_count; i++)
		if (!source_finished(w->sources[i]))
			return false;
	return true;
}

// A walk over the flows, for flows.list: some slots per turn. Returns true while it goes on.
static bool
scan_work(struct rx_worker *w, unsigned int packets)
{
	struct flow_scan *s = __atomic_load_n(&w->scan, __ATOMIC_ACQUIRE);

	if (likely(s == NULL))
		return false;
	if (!flow_scan_step(s, w->table, flow_scan_budget(packets, RX_BURST), w->now_us))
		return true;
	__atomic_store_n(&w->scan, NULL, __ATOMIC_RELEASE);
	return false;
}

// Detail that was lost while deltas were written.
static void
lost_note(struct rx_worker *w)
{
	struct pane_writer *p = &w->panes;

	if (likely(p->lost_packets == 0))
		return;
	ledger_begin(&w->ledger);
	w->ledger.counts.detail_lost_packets += p->lost_packets;
	w->ledger.counts.detail_lost_bytes += p->lost_bytes;
	ledger_end(&w->ledger);
	p->lost_packets = p->lost_bytes = 0;
}

static void
settings_follow(struct rx_worker *w, struct burst *b)
{
	b->settings = settings_read(&w->pipeline->settings, w->index);
	if (unlikely(memcmp(&w->tracker.limits, &b->settings->limits, sizeof(w->tracker.limits)) != 0))
		flow_tracker_set_limits(&w->tracker, &b->settings->limits);
}

// Captures never lose detail: until the merge lcore has given a part back.
static void
panes_wait(void *arg)
{
	struct rx_worker *w = arg;

	lcore_load_idle(&w->load);
}

static void
panes_may_wait(struct rx_worker *w)
{
	w->panes.wait = panes_wait;
	w->panes.wait_arg = w;
}

// The run is over: what ports still hold is counted, flows are flushed, the last pane goes out.
static void
worker_drain(struct rx_worker *w, struct burst *b)
{
	unsigned int left = DRAIN_PACKETS;

	if (w->clock == CLOCK_WALL)
		rx_clock_advance(w, live_clock_us(&w->pipeline->clock));
	while (w->clock == CLOCK_WALL && left > 0) {
		unsigned int got = sources_poll(w, b);

		if (got == 0)
			break;
		left -= RTE_MIN(left, got);
	}
	w->draining = true;
	panes_may_wait(w);
	flow_tracker_flush(&w->tracker, w->now_us);
	pane_writer_work(&w->panes, UINT32_MAX);
	while (w->panes.open == NULL) {
		lcore_load_idle(&w->load);
		rx_pane_begin(w);
	}
	w->panes.open->last = true;
	pane_writer_close(&w->panes);
	pane_writer_work(&w->panes, UINT32_MAX);
	lost_note(w);
}

// A flow has ended: its share of the pane, then its record.
static void
flow_ended(void *arg, struct flow *f)
{
	struct rx_worker *w = arg;

	pane_writer_flow_ended(&w->panes, f);
	if (w->on_record != NULL)
		w->on_record(w, f);
}

static uint32_t
part_deltas(uint32_t capacity)
{
	return RTE_MIN(capacity, (uint32_t)PANE_DELTAS);
}

static unsigned int
parts_count(uint32_t capacity)
{
	return (unsigned int)(((uint64_t)capacity * PANES_PER_WORKER + part_deltas(capacity) - 1) /
		part_deltas(capacity));
}

size_t
rx_worker_panes_bytes(uint32_t capacity)
{
	return pane_exchange_bytes(parts_count(capacity), part_deltas(capacity)) +
		pane_writer_bytes(capacity);
}

int
rx_worker_init(struct rx_worker *w, int socket)
{
	uint32_t capacity = w->table->capacity;
	char name[32];

	w->tracker.on_end = flow_ended;
	w->tracker.arg = w;
	snprintf(name, sizeof(name), "panes_%u", w->index);
	w->exchange = pane_exchange_create(name, parts_count(capacity), part_deltas(capacity), socket);
	if (w->exchange == NULL)
		return -errno;
	if (pane_writer_init(&w->panes, w->exchange, w->table, capacity, socket) != 0)
		return -ENOMEM;
	if (w->clock == CLOCK_PACKET)
		panes_may_wait(w);
	w->burst = rte_zmalloc("burst", sizeof(*w->burst), RTE_CACHE_LINE_SIZE);
	return w->burst != NULL ? 0 : -ENOMEM;
}

void
rx_worker_fini(struct rx_worker *w)
{
	rte_free(w->burst);
	w->burst = NULL;
	pane_writer_fini(&w->panes);
	pane_exchange_free(w->exchange);
	w->exchange = NULL;
}

int
rx_worker_run(void *arg)
{
	struct rx_worker *w = arg;
	struct burst *b = w->burst;
	uint64_t begun;

	settings_reader_begin(&w->pipeline->settings, w->index);
	if (w->pipeline->shares_cpu && w->clock == CLOCK_WALL)
		lcore_prefer(LCORE_NICE_RX);
	lcore_load_start(&w->load, w->pipeline->shares_cpu ? LCORE_SLEEP_RX_US : 0);
	begun = rte_rdtsc();
	while (!__atomic_load_n(&w->pipeline->stop, __ATOMIC_RELAXED) && !sources_finished(w)) {
		unsigned int budget, packets;
		bool worked;

		settings_follow(w, b);
		if (w->clock == CLOCK_WALL)
			rx_clock_advance(w, live_clock_us(&w->pipeline->clock));
		else if (unlikely(w->sources[0]->clock_us > w->now_us))
			rx_clock_advance(w, w->sources[0]->clock_us);
		packets = sources_poll(w, b);
		worked = packets > 0;
		// Captures wait for the timers, ports do not.
		budget = flow_tracker_budget(&w->tracker, w->now_us,
			worked && w->clock == CLOCK_WALL);
		worked |= flow_tracker_expire(&w->tracker, w->now_us, budget);
		worked |= pane_writer_work(&w->panes, DELTAS_BUDGET);
		lost_note(w);
		worked |= scan_work(w, packets);
		if (worked) {
			begun = lcore_load_busy(&w->load, begun);
		} else {
			lcore_load_idle(&w->load);
			begun = rte_rdtsc();
		}
	}
	__atomic_store_n(&w->scan, NULL, __ATOMIC_RELEASE);  // not complete: flows end now
	settings_follow(w, b);
	worker_drain(w, b);
	settings_reader_end(&w->pipeline->settings, w->index);
	__atomic_sub_fetch(&w->pipeline->workers_running, 1, __ATOMIC_RELEASE);
	return 0;
}
