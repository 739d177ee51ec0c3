/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_cycles.h>
#include <rte_mbuf_dyn.h>
#include <rte_prefetch.h>

#include "conversation.h"
#include "frame_write.h"
#include "prng.h"
#include "run.h"
#include "stamp.h"

// The packets of a burst.

// Whose packet this is: flows go round over the lcores; the packets of events are flows of their
// own and go round by number.
static inline bool
packet_is_mine(const struct run *r, uint32_t flow, uint64_t position)
{
	uint64_t by = flow < r->plan->flow_count ? flow : position;

	return by % r->shares == r->share;
}

// The flows of n packets from the position on: all draws first, so that the tables' cache lines
// come in side by side. Gives back how many are this lcore's, with their places in the sequence.
static uint16_t
flows_draw(const struct run *r, uint16_t n, uint32_t *ret_flows, uint16_t *ret_at)
{
	uint32_t column[BURST_MAX], fraction[BURST_MAX];
	uint16_t mine = 0;

	for (uint16_t i = 0; i < n; i++) {
		column[i] = alias_column(r->draw, prng_word(r->plan->flow_stream, r->position + i),
			&fraction[i]);
		rte_prefetch0(&r->draw->columns[column[i]]);
	}
	for (uint16_t i = 0; i < n; i++) {
		uint32_t flow = alias_resolve(r->draw, column[i], fraction[i]);

		if (!packet_is_mine(r, flow, r->position + i))
			continue;
		ret_flows[mine] = flow;
		ret_at[mine++] = i;
		rte_prefetch0(&r->plan->flows[flow]);
	}
	return mine;
}

// A frame of a flow at `to`, in what it is wrapped in.
static __rte_noinline uint32_t
frame_wrap(const struct plan *plan, struct flow_frame *f, const struct frame_step *step,
	uint32_t hash, uint8_t *to)
{
	const struct encap *e = &plan->encap;
	uint32_t bytes = flow_frame_write(&plan->templates, f, step, to + e->extra);

	return encap_write(e, f->kind >= FRAME_TCP6, step->direction ^ f->client_far,
		frame_header_bytes[f->kind] + step->payload, bytes, hash, to);
}

// The same with whatever it is wrapped in, which is nothing as a rule.
static __rte_always_inline uint32_t
frame_write(const struct plan *plan, struct flow_frame *f, const struct frame_step *step,
	uint32_t hash, uint8_t *to)
{
	if (likely(plan->encap.extra == 0))
		return flow_frame_write(&plan->templates, f, step, to);
	return frame_wrap(plan, f, step, hash, to);
}

static __rte_noinline uint32_t
event_write(const struct plan *plan, uint32_t event, uint64_t word, uint8_t *to)
{
	const struct frame_step syn = {0, 0, RTE_TCP_SYN_FLAG};
	struct flow_frame f;

	plan_event_flow(plan, event, word, &f);
	return frame_write(plan, &f, &syn, (uint32_t)word, to);
}

// What a driver does with the mbuf of a packet that it received: its first half, and no more.
static __rte_always_inline void
mbuf_fill(struct rte_mbuf *m, uint32_t bytes)
{
	m->data_off = RTE_PKTMBUF_HEADROOM;
	m->port = RTE_MBUF_PORT_INVALID;
	m->ol_flags = 0;
	m->packet_type = 0;
	m->pkt_len = bytes;
	m->data_len = (uint16_t)bytes;
	m->tx_offload = 0;
}

static __rte_always_inline void
packet_write(struct plan *plan, struct burst *b, uint16_t i, uint64_t position, uint64_t word)
{
	uint8_t *to = (uint8_t *)b->packets[i]->buf_addr + RTE_PKTMBUF_HEADROOM;
	uint32_t flow = b->flows[i], bytes;

	b->begins[i] = false;
	if (likely(flow < plan->flow_count)) {
		struct flow_frame *f = &plan->flows[flow];
		struct frame_step step;

		b->begins[i] = conversation_next(&plan->rules, f, position, word, &step);
		bytes = frame_write(plan, f, &step, flow, to);
	} else {
		b->words[i] = word;
		bytes = event_write(plan, flow - plan->flow_count, word, to);
	}
	b->bytes[i] = (uint16_t)bytes;
	mbuf_fill(b->packets[i], bytes);
}

// Packet times into the packets; `at` are their places from the position on, ascending.
static void
stamps_write(const struct run *r, const struct burst *b, const uint16_t *at)
{
	uint64_t place = r->at;
	uint16_t k = 0;

	for (uint16_t i = 0; i < b->n; i++) {
		for (; k < at[i]; k++)
			place += r->plan->gaps != NULL ? plan_gap(r->plan, r->position + k) :
				TIMELINE_PACKET;
		*RTE_MBUF_DYNFIELD(b->packets[i], r->stamp_offset, rte_mbuf_timestamp_t *) =
			timeline_ns(&r->time, place);
	}
}

// Time stamps into the payload of the packets that are due one and have room for it. One time for
// the burst: it is about to be sent.
static void
payload_stamp(const struct run *r, const struct burst *b, const uint16_t *at)
{
	const struct plan *plan = r->plan;
	struct stamp s = {plan->stamp_tag, rte_rdtsc()};

	for (uint16_t i = 0; i < b->n; i++) {
		if ((r->position + at[i]) % plan->stamp_every != 0 ||
				b->flows[i] >= plan->flow_count)
			continue;
		if (r->stamp_offset >= 0)
			s.time = *RTE_MBUF_DYNFIELD(b->packets[i], r->stamp_offset,
				rte_mbuf_timestamp_t *);
		stamp_write(rte_pktmbuf_mtod_offset(b->packets[i], uint8_t *, plan->encap.extra),
			plan->flows[b->flows[i]].kind, b->bytes[i] - plan->encap.extra, s);
	}
}

static void
position_advance(struct run *r, uint16_t n)
{
	for (uint16_t i = 0; r->plan->gaps != NULL && i < n; i++)
		r->at += plan_gap(r->plan, r->position + i);
	if (r->plan->gaps == NULL)
		r->at += (uint64_t)n * TIMELINE_PACKET;
	r->position += n;
}

// Whole and alone, as every mbuf comes back to its pool (rte_pktmbuf_prefree_seg()).
static inline int
mbufs_take(struct rte_mempool *pool, struct rte_mbuf **ret_mbufs, uint16_t n)
{
	return rte_mempool_get_bulk(pool, (void **)ret_mbufs, n);
}

// All packets of the next n positions.
static bool
burst_build(struct run *r, struct rte_mempool *pool, uint16_t n, struct burst *b)
{
	struct plan *plan = r->plan;
	uint64_t words[BURST_USUAL];

	if (mbufs_take(pool, b->packets, n) != 0)
		return false;
	draw_ahead_reach(&r->ahead, plan, r->draw, r->position);
	// Side by side, as each is a chain of multiplications.
	for (uint16_t i = 0; i < n; i++)
		words[i] = prng_word(plan->shape_stream, r->position + i);
	for (uint16_t i = 0; i < n; i++) {
		b->flows[i] = draw_ahead_take(&r->ahead, plan);
		packet_write(plan, b, i, r->position + i, words[i]);
	}
	b->n = n;
	return true;
}

// Those of them that are this lcore's; `ret_at` gets their places.
static bool
burst_build_part(const struct run *r, struct rte_mempool *pool, uint16_t n, struct burst *b,
	uint16_t *ret_at)
{
	uint16_t mine = flows_draw(r, n, b->flows, ret_at);

	if (mine != 0 && mbufs_take(pool, b->packets, mine) != 0)
		return false;
	for (uint16_t i = 0; i < mine; i++) {
		uint64_t position = r->position + ret_at[i];

		packet_write(r->plan, b, i, position, prng_word(r->plan->shape_stream, position));
	}
	b->n = mine;
	return true;
}

// Places from the position on of the packets of a burst, where one lcore sends all.
static const uint16_t places_all[BURST_USUAL] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
	32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
	48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
};

bool
run_build(struct run *r, struct rte_mempool *pool, uint16_t n, struct burst *b)
{
	uint16_t part[BURST_MAX];
	const uint16_t *at = r->shares == 1 ? places_all : part;

	if (!(r->shares == 1 ? burst_build(r, pool, n, b) : burst_build_part(r, pool, n, b, part)))
		return false;
	b->sent = 0;
	if (unlikely(r->stamp_offset >= 0))
		stamps_write(r, b, at);
	if (unlikely(r->plan->stamp_every != 0))
		payload_stamp(r, b, at);
	position_advance(r, n);
	return true;
}
