/* SPDX-License-Identifier: BSD-3-Clause */
#include "rx_burst.h"

#include <rte_mempool.h>
#include <rte_prefetch.h>

#include "flow/flow_stats.h"
#include "packet/packet_plain.h"
#include "rx_clock.h"
#include "rx_filter.h"

// A burst of packets goes through in phases, so that the memory a packet needs is on its way while
// others are worked on:
//
//   receive ─▶ parse and hash all, prefetch buckets ─▶ guess flows, prefetch them
//           ─▶ prefetch their directions ─▶ update all in order ─▶ free
//
// "In order" matters: flows end and begin within a burst.

// Packets of a capture carry their own time, length and link type; those of a port have the clock,
// now_us, and Ethernet.
static __rte_always_inline uint32_t
meta_prepare(const struct rx_worker *w, struct rte_mbuf *m, struct packet_meta *meta,
	uint64_t now_us, const enum clock_source clock)
{
	const struct packet_capture_info *info;

	if (clock == CLOCK_WALL) {
		meta->ts_us = now_us;
		meta->wire_bytes = rte_pktmbuf_pkt_len(m);
		return LINKTYPE_ETHERNET;
	}
	info = packet_capture_info(m, w->capture_info_offset);
	meta->ts_us = info->ts_us;
	meta->wire_bytes = info->wire_bytes;
	return info->linktype;
}

// Frames that may have been cut on their way to the port were as long as their IP headers say, at
// least.
static __rte_noinline void
burst_uncut(struct burst *b, uint32_t snap_bytes)
{
	struct packet_meta *m = b->meta;

	for (unsigned int i = 0; i < b->count; i++, m++)
		if (m->wire_bytes >= snap_bytes && m->discard == DISCARD_NONE)
			m->wire_bytes = RTE_MAX(m->wire_bytes, m->l3_end);
}

static inline void
meta_hash(const struct flow_table *t, struct packet_meta *m)
{
	m->hash = flow_hash(&t->secret, &m->key);
	rte_prefetch0(flow_table_first_bucket(t, m->hash));
}

// A packet that is not plain. Later fragments get their first one's ports before they are hashed.
static __rte_noinline void
meta_walk(struct rx_worker *w, struct rte_mbuf *packet, uint32_t linktype, struct packet_meta *m,
	uint64_t now_us)
{
	m->hash = 0;
	if (packet_walk(packet, linktype, w->pipeline->options.tunnels, m) != DISCARD_NONE)
		return;
	if (w->fragments != NULL && m->fragment != PACKET_WHOLE)
		fragment_table_follow(w->fragments, m, now_us);
	meta_hash(w->table, m);
}

static __rte_always_inline void
burst_parse(struct rx_worker *w, const struct source *s, struct burst *b,
	const enum clock_source clock)
{
	enum packet_tunnels tunnels = w->pipeline->options.tunnels;
	const struct flow_table *t = w->table;
	struct packet_meta *m = b->meta;
	uint64_t now_us = w->now_us;

	for (unsigned int i = 0, n = b->count; i < n; i++, m++) {
		struct rte_mbuf *packet = b->packets[i];
		uint32_t linktype = meta_prepare(w, packet, m, now_us, clock);

		if (i + 4 < n)
			rte_prefetch0(rte_pktmbuf_mtod(b->packets[i + 4], void *));
		// The clock is what it will be when the packet is counted, so that a capture gives
		// the same however it is cut into bursts.
		now_us = RTE_MAX(now_us, m->ts_us);
		if (likely(packet_is_plain(packet, linktype, tunnels))) {
			packet_plain_fill(rte_pktmbuf_mtod(packet, const uint8_t *), m);
			meta_hash(t, m);
		} else {
			meta_walk(w, packet, linktype, m, now_us);
		}
	}
	if (unlikely(s->snap_bytes != 0))
		burst_uncut(b, s->snap_bytes);
}

// A flood of new flows at a full table evicts one for each packet: what that takes comes in three
// steps of its own, each knowing where to look from the one before.
static void
burst_make_room(struct rx_worker *w, struct burst *b)
{
	for (uint16_t i = 0; i < b->stranger_count; i++)
		flow_table_prefetch_second(w->table, b->strangers[i]);
	for (uint16_t i = 0; i < b->stranger_count; i++)
		flow_table_prefetch_candidates(w->table, b->strangers[i]);
	for (uint16_t i = 0; i < b->stranger_count; i++)
		flow_table_prefetch_victim(w->table, b->strangers[i]);
}

static void
burst_guess(struct rx_worker *w, struct burst *b)
{
	struct flow_table *t = w->table;
	const struct packet_meta *m = b->meta;

	b->stranger_count = 0;
	for (unsigned int i = 0, n = b->count; i < n; i++, m++) {
		uint32_t slot = flow_table_guess(t, m->hash);

		b->flow[i] = slot != FLOW_NONE ? &t->flows[slot] : NULL;
		if (likely(b->flow[i] != NULL))
			rte_prefetch0(&b->flow[i]->key);
		else if (m->discard == DISCARD_NONE && flow_table_is_full(t))
			b->strangers[b->stranger_count++] = m->hash;
	}
}

// With the flow's first line there: the line of the packet's direction, and those that a flow needs
// with packets in both directions, or at its first packet in a pane.
static void
burst_prefetch_more(struct rx_worker *w, struct burst *b)
{
	uint32_t pane = w->panes.open != NULL ? w->panes.open->sequence : 0;

	for (unsigned int i = 0, n = b->count; i < n; i++) {
		const struct flow *f = b->flow[i];

		if (unlikely(f == NULL))
			continue;
		rte_prefetch0(&f->dir[flow_direction_of(f, &b->meta[i])]);
		if ((f->state & FLOW_TWO_WAY) != 0)
			rte_prefetch0(&f->first_us);
		if (f->pane != pane) {
			rte_prefetch0(&f->pane_packets);
			rte_prefetch0(&f->dir[flow_directions(f) - 1]);
			rte_prefetch0(&f->dir[0]);
		}
	}
}

// 0 for a packet that can go back to this pool as it is: one segment, one reference, no foreign buffer.
// All of it is in an mbuf's first line; `next`, in the second, is NULL where there is one segment.
static __rte_always_inline uint64_t
packet_differs(const struct rte_mbuf *m, const struct rte_mempool *pool)
{
	return (uint64_t)(m->refcnt ^ 1U) | (uint64_t)(m->nb_segs ^ 1U) |
		(m->ol_flags & (RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT)) |
		((uintptr_t)m->pool ^ (uintptr_t)pool);
}

// One by one, where they are not all alike.
static __rte_noinline void
burst_free_each(struct burst *b)
{
	struct rte_mempool *pool = b->packets[0]->pool;
	unsigned int kept = 0;

	for (unsigned int i = 0, n = b->count; i < n; i++) {
		struct rte_mbuf *m = b->packets[i];

		if (unlikely(m->nb_segs != 1 || m->pool != pool)) {
			rte_pktmbuf_free(m);
			continue;
		}
		m = rte_pktmbuf_prefree_seg(m);
		if (likely(m != NULL))
			b->packets[kept++] = m;
	}
	rte_mempool_put_bulk(pool, (void **)b->packets, kept);
}

// Those of one pool, as a receive queue has, go back together, as they are.
static void
burst_free(struct burst *b)
{
	struct rte_mempool *pool = b->packets[0]->pool;
	uint64_t differs = 0;

	for (unsigned int i = 0, n = b->count; i < n; i++)
		differs |= packet_differs(b->packets[i], pool);
	if (likely(differs == 0))
		rte_mempool_put_bulk(pool, (void **)b->packets, b->count);
	else
		burst_free_each(b);
}

// What a burst, or the part of it that lies in one pane, has counted so far.
struct tally {
	uint64_t packets, bytes;
	uint64_t flow_packets, flow_bytes;
};

static void
tally_add(struct rx_worker *w, struct burst *b, struct tally t)
{
	struct pane *p = w->panes.open != NULL ? w->panes.open->part : NULL;

	b->counts.received += t.packets;
	b->counts.received_bytes += t.bytes;
	b->counts.flow_packets += t.flow_packets;
	b->counts.flow_bytes += t.flow_bytes;
	if (likely(p != NULL)) {
		p->packets += t.packets;
		pane_count(p, t.flow_packets, t.flow_bytes);
	} else {
		w->unpaned.received += t.packets;
		w->unpaned.flow_packets += t.flow_packets;
		w->unpaned.flow_bytes += t.flow_bytes;
	}
}

// The clock goes with the packets of a capture.
static __rte_always_inline void
clock_follow(struct rx_worker *w, struct burst *b, uint64_t us, struct tally *t)
{
	if (likely(us >= w->now_us && us < w->pane_end_us && w->panes.open != NULL)) {
		w->now_us = us;
		return;
	}
	tally_add(w, b, *t);
	*t = (struct tally){0};
	rx_clock_advance(w, us);
}

// The first packet of a flow in the open pane.
static __rte_noinline void
packet_enter(struct rx_worker *w, struct burst *b, const struct packet_meta *m,
	struct rte_mbuf *packet, struct flow *f, bool started)
{
	uint32_t linktype = w->clock == CLOCK_WALL ? LINKTYPE_ETHERNET :
		packet_capture_info(packet, w->capture_info_offset)->linktype;

	rx_filter_flow(&b->settings->queries->filters, f, started, linktype, packet);
	if (unlikely(!pane_writer_enter(&w->panes, f, m->wire_bytes))) {
		b->counts.detail_lost_packets++;
		b->counts.detail_lost_bytes += m->wire_bytes;
	}
}

/*
 * With several workers over the same captures each flow falls to one of them, by hash; what is in
 * no flow falls to the first. The clock runs on all packets, so that all seal the same panes.
 */
static inline bool
packet_is_mine(const struct rx_worker *w, const struct packet_meta *m)
{
	if (likely(w->share_count == 1))
		return true;
	if (m->discard != DISCARD_NONE)
		return w->index == 0;
	return (m->hash >> 32) % w->share_count == w->index;
}

// The pane before the flow: it notes what the flow had counted before.
static __rte_always_inline void
packet_update(struct rx_worker *w, struct burst *b, const struct packet_meta *m,
	struct rte_mbuf *packet, struct flow *guess, struct tally *t, const enum clock_source clock)
{
	bool started = false;
	struct flow *f = guess;
	unsigned int dir;

	if (clock == CLOCK_PACKET) {
		clock_follow(w, b, m->ts_us, t);
		if (!packet_is_mine(w, m))
			return;
	}
	t->packets++;
	t->bytes += m->wire_bytes;
	if (unlikely(!b->settings->running)) {
		b->counts.discarded[DISCARD_STOPPED]++;
		return;
	}
	if (unlikely(m->discard != DISCARD_NONE)) {
		b->counts.discarded[m->discard]++;
		return;
	}
	f = flow_tracker_resolve(&w->tracker, m, f, w->now_us, &started);
	if (unlikely(!pane_writer_has(&w->panes, f)))
		packet_enter(w, b, m, packet, f, started);
	t->flow_packets++;
	t->flow_bytes += m->wire_bytes;
	dir = flow_direction_of(f, m);
	flow_stats_update(f, m, dir, w->now_us);
	flow_tracker_close(&w->tracker, f, m, dir, w->now_us);
}

static __rte_always_inline void
burst_update(struct rx_worker *w, struct burst *b, const enum clock_source clock)
{
	uint64_t removals = w->tracker.removals;
	const struct packet_meta *m = b->meta;
	struct tally t = {0};

	for (unsigned int i = 0, n = b->count; i < n; i++, m++) {
		// A flow that ended since the guess has left its slot, maybe to another flow.
		struct flow *guess = w->tracker.removals == removals ? b->flow[i] : NULL;

		packet_update(w, b, m, b->packets[i], guess, &t, clock);
	}
	tally_add(w, b, t);
}

// Packets of the generator in this process, while its profile asks for time stamps.
static inline void
burst_latency(struct rx_worker *w, const struct burst *b)
{
	const struct generator *g = w->pipeline->generator;
	uint64_t tag = unlikely(g != NULL) ? generator_stamp_tag(g) : 0;

	if (unlikely(tag != 0))
		latency_meter_burst(&w->latency, tag, b->packets, b->count, rte_rdtsc());
}

static __rte_always_inline void
burst_phases(struct rx_worker *w, const struct source *s, struct burst *b,
	const enum clock_source clock)
{
	burst_parse(w, s, b, clock);
	burst_guess(w, b);
	if (unlikely(b->stranger_count != 0))
		burst_make_room(w, b);
	burst_prefetch_more(w, b);
	burst_update(w, b, clock);
}

void
burst_process(struct rx_worker *w, const struct source *s)
{
	struct burst *b = w->burst;

	memset(&b->counts, 0, sizeof(b->counts));
	burst_latency(w, b);
	// A constant makes two of one: packets of ports carry no time and are all mine.
	if (w->clock == CLOCK_WALL)
		burst_phases(w, s, b, CLOCK_WALL);
	else
		burst_phases(w, s, b, CLOCK_PACKET);
	if (!s->keeps_packets)
		burst_free(b);
	ledger_begin(&w->ledger);
	ledger_add(&w->ledger.counts, &b->counts);
	ledger_end(&w->ledger);
}
