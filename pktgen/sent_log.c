/* SPDX-License-Identifier: BSD-3-Clause */
#include "sent_log.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

struct sent_packet {
	uint64_t word;
	uint32_t flow;
	uint16_t bytes;
	uint16_t segment;
};
static_assert(sizeof(struct sent_packet) == 16, "millions of them are kept");

struct sent_log {
	struct rte_ring *ring;
	uint64_t lost;                      // lcore writes: atomic
	uint32_t segments;                  // that have begun; lcore only
	uint64_t begun[PLAN_SEGMENTS_MAX];  // before the segment's first packet is in the ring
};

struct sent_log *
sent_log_create(uint32_t packets)
{
	uint32_t slots = rte_align32pow2(packets + 1);
	ssize_t bytes = rte_ring_get_memsize_elem(sizeof(struct sent_packet), slots);
	struct sent_log *l = calloc(1, sizeof(*l));

	if (l != NULL && bytes > 0)
		l->ring = aligned_alloc(RTE_CACHE_LINE_SIZE,
			RTE_ALIGN_CEIL((size_t)bytes, RTE_CACHE_LINE_SIZE));
	if (l == NULL || l->ring == NULL ||
			rte_ring_init(l->ring, "sent", slots, RING_F_SP_ENQ | RING_F_SC_DEQ) != 0) {
		sent_log_free(l);
		errno = ENOMEM;
		return NULL;
	}
	return l;
}

void
sent_log_free(struct sent_log *l)
{
	if (l == NULL)
		return;
	free(l->ring);
	free(l);
}

void
sent_log_put(struct sent_log *l, const struct burst *b, uint16_t from, uint32_t segment)
{
	struct sent_packet packets[BURST_MAX];
	unsigned int n = b->sent - from, put;

	if (n == 0)
		return;
	for (; l->segments <= segment; l->segments++)
		l->begun[l->segments] = rte_rdtsc();
	for (unsigned int i = 0; i < n; i++)
		packets[i] = (struct sent_packet){b->words[from + i], b->flows[from + i],
			b->bytes[from + i], (uint16_t)segment};
	put = rte_ring_sp_enqueue_burst_elem(l->ring, packets, sizeof(packets[0]), n, NULL);
	__atomic_store_n(&l->lost, l->lost + n - put, __ATOMIC_RELAXED);
}

uint16_t
sent_log_take(struct sent_log *l, uint64_t most, struct burst *b, uint32_t *ret_segment)
{
	struct sent_packet packets[BURST_MAX];
	unsigned int n = rte_ring_sc_dequeue_burst_elem(l->ring, packets, sizeof(packets[0]),
		(unsigned int)RTE_MIN(most, (uint64_t)BURST_MAX), NULL);

	for (unsigned int i = 0; i < n; i++) {
		b->words[i] = packets[i].word;
		b->flows[i] = packets[i].flow;
		b->bytes[i] = packets[i].bytes;
		b->begins[i] = false;
	}
	b->n = b->sent = (uint16_t)n;
	if (n > 0)
		*ret_segment = packets[n - 1].segment;
	return (uint16_t)n;
}

uint32_t
sent_log_count(const struct sent_log *l)
{
	return rte_ring_count(l->ring);
}

uint64_t
sent_log_lost(const struct sent_log *l)
{
	return __atomic_load_n(&l->lost, __ATOMIC_RELAXED);
}

uint64_t
sent_log_begun(const struct sent_log *l, uint32_t segment)
{
	return l->begun[segment];
}
