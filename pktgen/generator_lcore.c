/* SPDX-License-Identifier: BSD-3-Clause */
#include "generator_lcore.h"

#include "answer_key.h"

// The lcore's half: one poll sends what is due, in bursts. Small amounts are left to gather to a
// burst for a moment first, since a burst of one costs as much as a burst of many. And what a delay
// has left behind goes at a few times the rate only: the receiver has queues for moments, not for
// 100 ms at once.

#define BURSTS_PER_POLL UINT64_C(8)
#define GATHER_OWN_CPU 10000    // parts of a second: 100 us
#define GATHER_SHARED_CPU 2000  // 500 us
#define CATCH_UP_SPEED 4        // times the rate
#define WAIT_MAX_US 10000       // stop and changes are seen at least this often
#define WAIT_STOPPED_US 1000
#define WAIT_RETRY_US 50        // no buffers, a full port or an answer key not folded

static inline void
counter_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

void
lcore_pending_drop(struct generator *g)
{
	struct burst *b = &g->lcore.burst;
	uint16_t left = b->n - b->sent;

	if (left == 0)
		return;
	rte_pktmbuf_free_bulk(&b->packets[b->sent], left);
	counter_add(&g->lcore.counters.dropped, left);
	b->n = b->sent = 0;
}

// Offer the burst to the port. What it takes counts as sent; the rest stays in the burst.
static void
burst_send(struct generator *g)
{
	struct burst *b = &g->lcore.burst;
	struct answer_key *key = g->lcore.run.plan->key;
	uint16_t from = b->sent;
	uint64_t bytes = 0;

	b->sent += g->params.send(g->params.send_arg, &b->packets[from], b->n - from);
	for (uint16_t i = from; i < b->sent; i++)
		bytes += b->bytes[i];
	counter_add(&g->lcore.counters.sent, b->sent - from);
	counter_add(&g->lcore.counters.bytes, bytes);
	if (key == NULL)
		return;
	for (uint16_t i = from; i < b->sent; i++) {
		struct answer_count *c = &answer_key_counts(key)[b->flows[i]];

		c->packets++;
		c->bytes += b->bytes[i];
	}
}

static void
achieved_measure(struct generator_lcore *l, uint64_t now)
{
	uint64_t passed = now - l->mark_tsc;
	uint64_t sent = l->counters.sent - l->mark_sent;

	__atomic_store_n(&l->counters.active_tsc, now - l->resume_tsc, __ATOMIC_RELAXED);
	if (passed < l->hz)
		return;
	__atomic_store_n(&l->counters.milli_pps,
		(uint64_t)((double)sent * 1000 * (double)l->hz / (double)passed), __ATOMIC_RELAXED);
	l->mark_tsc = now;
	l->mark_sent = l->counters.sent;
}

static void
lcore_pause(struct generator *g, uint64_t now)
{
	struct generator_lcore *l = &g->lcore;

	if (!l->active)
		return;
	lcore_pending_drop(g);
	if (l->run.time.rate == 0)
		run_rate_set(&l->run, 0, now);
	__atomic_store_n(&l->counters.milli_pps, 0, __ATOMIC_RELAXED);
	l->active = false;
}

static void
lcore_resume(struct generator *g, uint64_t rate, uint64_t now)
{
	struct generator_lcore *l = &g->lcore;

	if (l->active && rate == l->run.time.rate)
		return;
	if (!l->active) {
		run_resume(&l->run, now);
		l->mark_tsc = now;
		l->mark_sent = l->counters.sent;
		l->resume_tsc = now - l->counters.active_tsc;
		l->active = true;
	}
	if (rate != l->run.time.rate)
		run_rate_set(&l->run, rate, now);
	l->next_tsc = now;
	if (rate != 0)
		pacing_start(&l->pacing, l->hz, rate, now);
}

// Packets that may go now; 0 with a time to wait.
static uint64_t
lcore_budget(struct generator *g, uint64_t rate, uint64_t now, uint32_t *ret_wait_us)
{
	struct generator_lcore *l = &g->lcore;
	uint64_t budget, late, gather;

	*ret_wait_us = 0;
	if (rate == 0 || g->params.unpaced)
		return BURST_MAX * BURSTS_PER_POLL;
	if (now < l->next_tsc) {
		*ret_wait_us = (uint32_t)((l->next_tsc - now) * 1000000 / l->hz);
		return 0;
	}
	budget = pacing_budget(&l->pacing, now, &late);
	if (late != 0) {
		counter_add(&l->counters.late, late);
		run_slip(&l->run, late);
	}
	gather = g->params.shares_cpu ?
		RTE_MIN(rate / GATHER_SHARED_CPU, BURST_MAX * BURSTS_PER_POLL) :
		RTE_MIN(rate / GATHER_OWN_CPU, (uint64_t)BURST_MAX);
	gather = RTE_MAX(gather, UINT64_C(1));
	if (budget >= gather)
		return budget;
	*ret_wait_us = RTE_MIN(pacing_wait_us(&l->pacing, now, gather), (uint32_t)WAIT_MAX_US);
	return 0;
}

// Finish what the port has not taken, at rate 0, or give it up. True when nothing is left.
static bool
pending_clear(struct generator *g, uint64_t rate)
{
	struct burst *b = &g->lcore.burst;

	if (b->sent < b->n && rate == 0)
		burst_send(g);
	if (b->sent < b->n && rate != 0)
		lcore_pending_drop(g);
	return b->sent == b->n;
}

// Send up to budget packets; gives back the microseconds to wait.
static uint32_t
lcore_send(struct generator *g, uint64_t rate, uint64_t budget, uint64_t now)
{
	struct generator_lcore *l = &g->lcore;
	bool clear = pending_clear(g, rate);

	for (unsigned int i = 0; i < BURSTS_PER_POLL && budget > 0; i++) {
		uint64_t n = RTE_MIN(budget, (uint64_t)BURST_MAX);

		if (!clear && !run_time_over(&l->run, now))
			return WAIT_RETRY_US;
		n = RTE_MIN(n, run_room(&l->run, now));
		if (n == 0 || !run_build(&l->run, g->params.pool, (uint16_t)n, &l->burst))
			return WAIT_RETRY_US;
		burst_send(g);
		clear = pending_clear(g, rate);
		if (rate != 0) {
			pacing_take(&l->pacing, n);
			l->next_tsc = RTE_MAX(l->next_tsc, now) +
				n * l->hz / (rate * CATCH_UP_SPEED);
		}
		budget -= n;
	}
	return 0;
}

static uint32_t
lcore_poll(struct generator *g)
{
	struct generator_lcore *l = &g->lcore;
	struct plan *plan = __atomic_load_n(&g->plan, __ATOMIC_SEQ_CST);
	uint64_t now = rte_rdtsc(), rate, budget;
	uint32_t wait_us;

	if (plan->serial != l->run.serial) {
		// The plan of what is still pending may be gone: only its packets are touched.
		lcore_pending_drop(g);
		l->active = false;
		run_begin(&l->run, plan, l->hz, now);
	}
	if (!__atomic_load_n(&g->running, __ATOMIC_ACQUIRE) || l->run.done) {
		lcore_pause(g, now);
		return WAIT_STOPPED_US;
	}
	rate = __atomic_load_n(&plan->rate_pps, __ATOMIC_RELAXED);
	lcore_resume(g, rate, now);
	achieved_measure(l, now);
	budget = lcore_budget(g, rate, now, &wait_us);
	if (budget == 0)
		return wait_us;
	wait_us = lcore_send(g, rate, budget, now);
	if (l->run.done) {
		lcore_pause(g, now);
		__atomic_store_n(&l->done_serial, l->run.serial, __ATOMIC_RELEASE);
		return WAIT_STOPPED_US;
	}
	return wait_us == 0 || (rate == 0 && !g->params.shares_cpu) ? 0 : wait_us;
}

uint32_t
generator_poll(struct generator *g)
{
	uint64_t epoch = g->lcore.epoch;
	uint32_t wait_us;

	__atomic_exchange_n(&g->lcore.epoch, epoch + 1, __ATOMIC_SEQ_CST);
	wait_us = lcore_poll(g);
	__atomic_store_n(&g->lcore.epoch, epoch + 2, __ATOMIC_RELEASE);
	return wait_us;
}
