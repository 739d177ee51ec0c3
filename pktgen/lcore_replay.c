/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_mbuf_dyn.h>

#include "answer_key.h"
#include "generator_lcore.h"
#include "replay.h"

// The lcore's half of a replay: when packets go, and with which second of the answer key.

#define NS_PER_S_U64 UINT64_C(1000000000)
#define BURSTS_PER_POLL 8

// The answer key's second up to the one of packet time ns. False: not now.
static bool
second_reach(struct generator_lcore *l, uint64_t ns)
{
	struct answer_key *key = l->run.plan->key;

	if (key != NULL && ns >= (l->run.second + 1) * NS_PER_S_U64) {
		if (!answer_key_turn(key, l->run.share, ns / NS_PER_S_U64))
			return false;
		l->run.second = ns / NS_PER_S_U64;
	}
	return key == NULL || answer_key_ready(key, l->run.share);
}

// Is there a packet that is due at due_ns, and belongs to the answer key's present second?
static bool
packet_due(const struct generator_lcore *l, uint64_t due_ns, uint64_t *ret_ns)
{
	return replay_next_ns(l->run.plan->replay, ret_ns) && *ret_ns <= due_ns &&
		l->run.position < l->run.plan->packets && *ret_ns < l->run.plan->duration_ns &&
		(l->run.plan->key == NULL || *ret_ns < (l->run.second + 1) * NS_PER_S_U64);
}

static bool
burst_build(const struct generator *g, struct generator_lcore *l, uint64_t due_ns)
{
	struct burst *b = &l->burst;
	uint16_t n = 0;
	uint64_t ns;

	if (rte_pktmbuf_alloc_bulk(g->params.pool, b->packets, BURST_USUAL) != 0)
		return false;
	for (; n < BURST_USUAL && packet_due(l, due_ns, &ns); n++, l->run.position++) {
		struct rte_mbuf *m = b->packets[n];
		uint32_t bytes = replay_write(l->run.plan->replay, rte_pktmbuf_mtod(m, uint8_t *),
			&b->flows[n]);

		b->begins[n] = false;
		b->bytes[n] = (uint16_t)bytes;
		m->data_len = (uint16_t)bytes;
		m->pkt_len = bytes;
		if (l->run.stamp_offset >= 0)
			*RTE_MBUF_DYNFIELD(m, l->run.stamp_offset, rte_mbuf_timestamp_t *) = ns;
	}
	rte_pktmbuf_free_bulk(&b->packets[n], BURST_USUAL - n);
	b->n = n;
	b->sent = 0;
	return true;
}

// Packet time now, until which packets may go, and how long the next one has to wait.
static uint64_t
due_find(struct generator_lcore *l, uint64_t next_ns, uint64_t now, uint32_t *ret_wait_us)
{
	uint64_t now_ns = pacing_ns(&l->pacing, now), slip;

	slip = pacing_slip(&l->pacing, next_ns, now_ns);
	if (slip != 0)
		lcore_late_add(l, slip, replay_mean_pps(l->run.plan->replay));
	now_ns -= slip;
	*ret_wait_us = pacing_wait_us(now_ns, next_ns, WAIT_MAX_US);
	return now_ns;
}

uint32_t
lcore_replay_send(const struct generator *g, struct generator_lcore *l, bool begins, uint64_t now)
{
	const struct plan *plan = l->run.plan;
	bool unpaced = replay_unpaced(plan->replay);
	uint64_t next_ns, due_ns = UINT64_MAX;
	uint32_t wait_us;
	bool clear = lcore_pending_clear(g, l, !unpaced);

	for (unsigned int i = 0; i < BURSTS_PER_POLL; i++) {
		if (!clear)
			return WAIT_RETRY_US;
		if (!replay_next_ns(plan->replay, &next_ns) || next_ns >= plan->duration_ns ||
				l->run.position >= plan->packets) {
			l->run.done = true;
			return 0;
		}
		if (begins && i == 0)
			pacing_start(&l->pacing, l->hz, next_ns, now);
		if (!unpaced && !g->params.unpaced) {
			due_ns = due_find(l, next_ns, now, &wait_us);
			if (due_ns < next_ns)
				return wait_us;
		}
		if (!second_reach(l, next_ns) || !burst_build(g, l, due_ns))
			return WAIT_RETRY_US;
		lcore_burst_send(g, l);
		clear = lcore_pending_clear(g, l, !unpaced);
	}
	return 0;
}
