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

		if (r->shares > 1 && !packet_is_mine(r, flow, r->position + i))
			continue;
		ret_flows[mine] = flow;
		ret_at[mine++] = i;
		rte_prefetch0(&r->plan->flows[flow]);
	}
	return mine;
}

// A frame of a flow at `to`, with whatever it is wrapped in.
static inline uint32_t
frame_write(const struct plan *plan, struct flow_frame *f, const struct frame_step *step,
	uint32_t hash, uint8_t *to)
{
	const struct encap *e = &plan->encap;
	uint32_t bytes;

	if (likely(e->extra == 0))
		return flow_frame_write(&plan->templates, f, step, to);
	bytes = flow_frame_write(&plan->templates, f, step, to + e->extra);
	return encap_write(e, f->kind >= FRAME_TCP6, step->direction ^ f->client_far,
		frame_header_bytes[f->kind] + step->payload, bytes, hash, to);
}

static uint32_t
event_write(const struct plan *plan, uint32_t event, uint64_t word, uint8_t *to)
{
	const struct frame_step syn = {0, 0, RTE_TCP_SYN_FLAG};
	struct flow_frame f;

	plan_event_flow(plan, event, word, &f);
	return frame_write(plan, &f, &syn, (uint32_t)word, to);
}

static inline void
packet_write(const struct run *r, struct burst *b, uint16_t i, uint64_t position)
{
	struct plan *plan = r->plan;
	uint64_t word = prng_word(plan->shape_stream, position);
	uint8_t *to = rte_pktmbuf_mtod(b->packets[i], uint8_t *);
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
	b->packets[i]->data_len = (uint16_t)bytes;
	b->packets[i]->pkt_len = bytes;
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

bool
run_build(struct run *r, struct rte_mempool *pool, uint16_t n, struct burst *b)
{
	uint16_t at[BURST_MAX];
	uint16_t mine = flows_draw(r, n, b->flows, at);

	if (mine != 0 && rte_pktmbuf_alloc_bulk(pool, b->packets, mine) != 0)
		return false;
	for (uint16_t i = 0; i < mine; i++)
		packet_write(r, b, i, r->position + at[i]);
	b->n = mine;
	b->sent = 0;
	if (unlikely(r->stamp_offset >= 0))
		stamps_write(r, b, at);
	if (unlikely(r->plan->stamp_every != 0))
		payload_stamp(r, b, at);
	position_advance(r, n);
	return true;
}
