/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/flow_scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_prefetch.h>

#define PREFETCH_SLOTS 16U  // more would push each other out

int
flow_scan_init(struct flow_scan *s, uint32_t limit)
{
	size_t heap = sizeof(s->heap[0]) * limit, copies = sizeof(s->copies[0]) * limit;

	memset(s, 0, sizeof(*s));
	s->limit = limit;
	s->heap = malloc(heap);
	s->copies = aligned_alloc(RTE_CACHE_LINE_SIZE, copies);
	if (s->heap == NULL || s->copies == NULL) {
		flow_scan_fini(s);
		return -ENOMEM;
	}
	// Not 0: the compiler may make calloc() of that, whose pages come when they are touched.
	memset(s->heap, 0xff, heap);
	memset(s->copies, 0xff, copies);
	return 0;
}

void
flow_scan_fini(struct flow_scan *s)
{
	free(s->heap);
	free(s->copies);
	s->heap = NULL;
	s->copies = NULL;
}

static uint64_t
flow_rank(const struct flow_scan *s, const struct flow *f)
{
	uint64_t v = 0;

	switch (s->order) {
	case FLOW_BY_BYTES:
		v = f->dir[0].bytes + f->dir[1].bytes;
		break;
	case FLOW_BY_PACKETS:
		v = f->dir[0].packets + f->dir[1].packets;
		break;
	case FLOW_BY_LAST:
		v = f->last_us;
		break;
	case FLOW_BY_FIRST:
		v = f->first_us;
		break;
	case FLOW_BY_DURATION:
		// Time stamps of captures may run backwards.
		v = f->last_us > f->first_us ? f->last_us - f->first_us : 0;
		break;
	case FLOW_ORDERS:
		break;
	}
	return s->ascending ? ~v : v;
}

static void
heap_swap(struct flow_scan *s, uint32_t a, uint32_t b)
{
	struct flow_scan_item item = s->heap[a];

	s->heap[a] = s->heap[b];
	s->heap[b] = item;
}

static void
heap_rise(struct flow_scan *s, uint32_t i)
{
	for (; i > 0 && s->heap[i].rank < s->heap[(i - 1) / 2].rank; i = (i - 1) / 2)
		heap_swap(s, i, (i - 1) / 2);
}

static void
heap_sink(struct flow_scan *s)
{
	for (uint32_t i = 0, child = 1; child < s->count; i = child, child = 2 * i + 1) {
		if (child + 1 < s->count && s->heap[child + 1].rank < s->heap[child].rank)
			child++;
		if (s->heap[i].rank <= s->heap[child].rank)
			return;
		heap_swap(s, i, child);
	}
}

static void
flow_keep(struct flow_scan *s, const struct flow *f)
{
	uint64_t rank = flow_rank(s, f);

	if (s->count < s->limit) {
		s->heap[s->count] = (struct flow_scan_item){rank, s->count};
		s->copies[s->count] = *f;
		heap_rise(s, s->count++);
	} else if (rank > s->heap[0].rank) {
		s->heap[0].rank = rank;
		s->copies[s->heap[0].copy] = *f;
		heap_sink(s);
	}
}

static void
flow_look(struct flow_scan *s, const struct flow *f)
{
	if (f->key.version == 0)
		return;
	s->looked++;
	if (s->match != NULL && !s->match(s->arg, f))
		return;
	s->matched++;
	s->packets += f->dir[0].packets + f->dir[1].packets;
	s->bytes += f->dir[0].bytes + f->dir[1].bytes;
	flow_keep(s, f);
}

// What the next step reads: it is there when the burst in between is done.
static void
step_prefetch(const struct flow_scan *s, const struct flow_table *t, unsigned int budget)
{
	uint32_t end = RTE_MIN(t->fresh, s->next + budget);

	for (uint32_t i = s->next; i < end; i++) {
		const struct flow *f = &t->flows[i];

		rte_prefetch0(&f->key);
		rte_prefetch0(&f->dir[0]);
		rte_prefetch0(&f->dir[1]);
		if (s->order == FLOW_BY_FIRST || s->order == FLOW_BY_DURATION)
			rte_prefetch0(&f->first_us);
		if (s->match != NULL)
			rte_prefetch0(&f->src_mac);
	}
}

bool
flow_scan_step(struct flow_scan *s, const struct flow_table *t, unsigned int budget,
	uint64_t now_us)
{
	uint32_t end = t->fresh - s->next < budget ? t->fresh : s->next + budget;

	if (s->from_us == 0)
		s->from_us = now_us;
	s->to_us = now_us;
	for (; s->next < end; s->next++)
		flow_look(s, &t->flows[s->next]);
	s->complete = s->next == t->fresh;
	if (!s->complete)
		step_prefetch(s, t, RTE_MIN(budget, PREFETCH_SLOTS));
	return s->complete;
}

struct ranked {
	uint64_t rank;
	const struct flow *flow;
};

static int
ranked_compare(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;
	return memcmp(&x->flow->key, &y->flow->key, sizeof(x->flow->key));
}

uint32_t
flow_scan_collect(struct flow_scan *scans, unsigned int n, uint32_t limit,
	const struct flow **ret)
{
	struct ranked *all;
	uint32_t count = 0, at = 0;

	for (unsigned int i = 0; i < n; i++)
		count += scans[i].count;
	all = malloc(sizeof(*all) * RTE_MAX(count, 1U));
	if (all == NULL)
		return 0;
	for (unsigned int i = 0; i < n; i++)
		for (uint32_t j = 0; j < scans[i].count; j++)
			all[at++] = (struct ranked){scans[i].heap[j].rank,
				&scans[i].copies[scans[i].heap[j].copy]};
	qsort(all, count, sizeof(*all), ranked_compare);
	count = RTE_MIN(count, limit);
	for (uint32_t i = 0; i < count; i++)
		ret[i] = all[i].flow;
	free(all);
	return count;
}
