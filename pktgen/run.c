/* SPDX-License-Identifier: BSD-3-Clause */
#include "run.h"

#include <rte_prefetch.h>

#include "answer_key.h"
#include "prng.h"

#define NS_PER_S_U64 UINT64_C(1000000000)

static uint64_t
run_ns(const struct run *r, uint64_t now)
{
	if (r->time.rate != 0)
		return timeline_ns(&r->time, r->position);
	return r->time.ns +
		(uint64_t)((unsigned __int128)(now - r->clock) * NS_PER_S_U64 / r->hz);
}

static uint64_t
run_end_ns(const struct run *r)
{
	uint64_t end = r->plan->duration_ns;

	return end == UINT64_MAX ? end : end > r->slip_ns ? end - r->slip_ns : 0;
}

static void
next_find(struct run *r)
{
	r->next_ns = run_end_ns(r);
	if (r->segment + 1 < r->plan->segment_count)
		r->next_ns = RTE_MIN(r->next_ns, r->plan->segments[r->segment + 1].from_ns);
	if (r->plan->key != NULL)
		r->next_ns = RTE_MIN(r->next_ns, (r->second + 1) * NS_PER_S_U64);
	r->next_position = r->time.rate != 0 ? timeline_position(&r->time, r->next_ns) : UINT64_MAX;
}

void
run_begin(struct run *r, struct plan *plan, uint64_t hz, uint64_t now)
{
	uint64_t rate = __atomic_load_n(&plan->rate_pps, __ATOMIC_RELAXED);

	*r = (struct run){.plan = plan, .serial = plan->serial, .hz = hz, .clock = now,
		.time.rate = rate, .draw = plan->segments[0].draw};
	next_find(r);
}

void
run_rate_set(struct run *r, uint64_t rate, uint64_t now)
{
	r->time = (struct timeline){.ns = run_ns(r, now), .position = r->position, .rate = rate};
	r->clock = now;
	next_find(r);
}

void
run_resume(struct run *r, uint64_t now)
{
	r->clock = now;
}

void
run_slip(struct run *r, uint64_t packets)
{
	if (packets == 0)
		return;
	r->slip_ns += (uint64_t)((unsigned __int128)packets * NS_PER_S_U64 / r->time.rate);
	next_find(r);
}

static bool
change_due(const struct run *r, uint64_t now)
{
	if (r->time.rate != 0)
		return r->position >= r->next_position;
	return r->next_ns != UINT64_MAX && run_ns(r, now) >= r->next_ns;
}

// False: not now.
static bool
change_make(struct run *r)
{
	const struct plan *plan = r->plan;

	if (r->next_ns >= run_end_ns(r)) {
		r->done = true;
		return false;
	}
	if (plan->key != NULL && r->next_ns >= (r->second + 1) * NS_PER_S_U64) {
		if (!answer_key_turn(plan->key))
			return false;
		r->second++;
	}
	while (r->segment + 1 < plan->segment_count &&
			plan->segments[r->segment + 1].from_ns <= r->next_ns)
		r->segment++;
	r->draw = plan->segments[r->segment].draw;
	next_find(r);
	return true;
}

bool
run_time_over(const struct run *r, uint64_t now)
{
	return run_ns(r, now) >= run_end_ns(r);
}

uint64_t
run_room(struct run *r, uint64_t now)
{
	if (r->position >= r->plan->packets)
		r->done = true;
	if (r->done)
		return 0;
	while (change_due(r, now))
		if (!change_make(r))
			return 0;
	return RTE_MIN(r->plan->packets - r->position, r->next_position - r->position);
}

// The flows of n packets from the position on: all draws first, so that the tables' cache lines
// come in side by side.
static void
flows_draw(const struct run *r, uint16_t n, uint32_t *ret_flows)
{
	uint32_t column[BURST_MAX], fraction[BURST_MAX];

	for (uint16_t i = 0; i < n; i++) {
		column[i] = alias_column(r->draw, prng_word(r->plan->flow_stream, r->position + i),
			&fraction[i]);
		rte_prefetch0(&r->draw->columns[column[i]]);
	}
	for (uint16_t i = 0; i < n; i++) {
		ret_flows[i] = alias_resolve(r->draw, column[i], fraction[i]);
		rte_prefetch0(&r->plan->flows[ret_flows[i]]);
	}
}

bool
run_build(struct run *r, struct rte_mempool *pool, uint16_t n, struct burst *b)
{
	struct plan *plan = r->plan;

	if (rte_pktmbuf_alloc_bulk(pool, b->packets, n) != 0)
		return false;
	flows_draw(r, n, b->flows);
	for (uint16_t i = 0; i < n; i++) {
		struct flow_frame *f = &plan->flows[b->flows[i]];
		uint64_t word = prng_word(plan->shape_stream, r->position + i);
		// The first packet of a flow is the client's.
		unsigned int direction = f->begun == 0 ? 0 : word & 1;
		struct rte_mbuf *m = b->packets[i];

		b->bytes[i] = (uint16_t)flow_frame_write(&plan->templates, f, direction,
			size_draw(&plan->size, (uint32_t)(word >> 32)),
			rte_pktmbuf_mtod(m, uint8_t *));
		m->data_len = b->bytes[i];
		m->pkt_len = b->bytes[i];
	}
	b->n = n;
	b->sent = 0;
	r->position += n;
	return true;
}
