/* SPDX-License-Identifier: BSD-3-Clause */
#include "generator_lcore.h"

#include "answer_key.h"
#include "sent_log.h"

// The lcore's half: one poll sends what is due, in bursts. Small amounts are left to gather to a
// burst for a moment first, since a burst of one costs as much as a burst of many. And what a delay
// has left behind goes at a few times the rate only: the receiver has queues for moments, not for
// 100 ms at once.

#define BURSTS_PER_POLL UINT64_C(8)
#define GATHER_OWN_CPU 10000    // parts of a second: 100 us
#define GATHER_SHARED_CPU 2000  // 500 us
#define CATCH_UP_SPEED 4        // times the rate
#define WAIT_STOPPED_US 1000

static inline void
counter_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

void
lcore_pending_drop(struct generator_lcore *l)
{
	struct burst *b = &l->burst;
	uint16_t left = b->n - b->sent;

	if (left == 0)
		return;
	if (l->run.plan->key != NULL)
		answer_key_skip(l->run.plan->key, l->run.share, b);
	rte_pktmbuf_free_bulk(&b->packets[b->sent], left);
	counter_add(&l->counters.dropped, left);
	b->n = b->sent = 0;
}

void
lcore_burst_send(const struct generator *g, struct generator_lcore *l)
{
	struct burst *b = &l->burst;
	struct answer_key *key = l->run.plan->key;
	uint16_t from = b->sent;
	uint64_t bytes = 0;

	if (from == b->n)
		return;
	b->sent += g->params.send(l->send_arg, &b->packets[from], b->n - from);
	for (uint16_t i = from; i < b->sent; i++)
		bytes += b->bytes[i];
	counter_add(&l->counters.sent, b->sent - from);
	counter_add(&l->counters.bytes, bytes);
	if (key != NULL)
		answer_key_count(key, l->run.share, b, from);
	if (unlikely(l->run.plan->log != NULL))
		sent_log_put(l->run.plan->log, b, from, l->run.segment);
}

static void
achieved_measure(struct generator_lcore *l, uint64_t now)
{
	struct generator_counters *c = &l->counters;
	uint64_t passed = now - l->mark_tsc, sent = c->sent - l->mark_sent, rate;

	__atomic_store_n(&l->counters.active_tsc, now - l->resume_tsc, __ATOMIC_RELAXED);
	if (passed < l->hz)
		return;
	rate = (uint64_t)((double)sent * 1000 * (double)l->hz / (double)passed);
	__atomic_store_n(&c->milli_pps, rate, __ATOMIC_RELAXED);
	if (c->slowest_milli_pps == 0 || rate < c->slowest_milli_pps)
		__atomic_store_n(&c->slowest_milli_pps, rate, __ATOMIC_RELAXED);
	if (rate > c->fastest_milli_pps)
		__atomic_store_n(&c->fastest_milli_pps, rate, __ATOMIC_RELAXED);
	l->mark_tsc = now;
	l->mark_sent = l->counters.sent;
}

static void
lcore_pause(struct generator_lcore *l, uint64_t now)
{
	if (!l->active)
		return;
	lcore_pending_drop(l);
	if (l->run.rate == 0)
		run_rate_set(&l->run, 0, now);
	__atomic_store_n(&l->counters.milli_pps, 0, __ATOMIC_RELAXED);
	l->active = false;
}

static void
lcore_resume(struct generator_lcore *l, uint64_t rate, uint64_t now)
{
	if (l->active && rate == l->run.rate)
		return;
	if (!l->active) {
		run_resume(&l->run, now);
		l->mark_tsc = now;
		l->mark_sent = l->counters.sent;
		l->resume_tsc = now - l->counters.active_tsc;
		l->active = true;
	}
	if (rate != l->run.rate)
		run_rate_set(&l->run, rate, now);
	l->next_tsc = now;
	// The next packet is due at once.
	if (rate != 0)
		pacing_start(&l->pacing, l->hz, run_next_ns(&l->run), now);
}

void
lcore_late_add(struct generator_lcore *l, uint64_t slip_ns, double pps)
{
	counter_add(&l->counters.late, (uint64_t)((double)slip_ns * pps / 1e9));
}

// Packets that gather before a burst is worth its while.
static uint64_t
lcore_gather(const struct generator *g, const struct generator_lcore *l)
{
	uint64_t gather = g->params.shares_cpu ?
		RTE_MIN(l->run.time.rate / GATHER_SHARED_CPU, BURST_USUAL * BURSTS_PER_POLL) :
		RTE_MIN(l->run.time.rate / GATHER_OWN_CPU, (uint64_t)BURST_USUAL);

	return RTE_MAX(gather, UINT64_C(1));
}

// Packet time until which packets may go now; 0 with a time to wait.
static uint64_t
lcore_due_ns(const struct generator *g, struct generator_lcore *l, uint64_t now,
	uint32_t *ret_wait_us)
{
	uint64_t now_ns, slip, gather, next_ns = run_next_ns(&l->run);

	*ret_wait_us = 0;
	if (now < l->next_tsc) {
		*ret_wait_us = (uint32_t)RTE_MIN((l->next_tsc - now) * 1000000 / l->hz,
			(uint64_t)WAIT_MAX_US);
		return 0;
	}
	now_ns = pacing_ns(&l->pacing, now);
	slip = pacing_slip(&l->pacing, next_ns, now_ns);
	if (slip != 0) {
		lcore_late_add(l, slip, (double)l->run.time.rate);
		run_slip(&l->run, slip);
		now_ns -= slip;
	}
	gather = lcore_gather(g, l);
	if (l->run.time.rate == 0 ? now_ns >= next_ns : run_due(&l->run, now_ns, gather) >= gather)
		return now_ns;
	if (l->run.time.rate != 0)
		next_ns = timeline_ns(&l->run.time, l->run.at + (gather - 1) * TIMELINE_PACKET);
	*ret_wait_us = pacing_wait_us(now_ns, next_ns, WAIT_MAX_US);
	return 0;
}

bool
lcore_pending_clear(const struct generator *g, struct generator_lcore *l, bool paced)
{
	struct burst *b = &l->burst;

	if (b->sent < b->n && !paced)
		lcore_burst_send(g, l);
	if (b->sent < b->n && paced)
		lcore_pending_drop(l);
	return b->sent == b->n;
}

// Send what is due until packet time due_ns; gives back the microseconds to wait.
static uint32_t
lcore_send(const struct generator *g, struct generator_lcore *l, uint64_t due_ns, uint64_t now)
{
	uint64_t rate = l->run.rate;
	bool clear = lcore_pending_clear(g, l, rate != 0);

	for (unsigned int i = 0; i < BURSTS_PER_POLL; i++) {
		uint64_t n;

		if (!clear && !run_time_over(&l->run, now))
			return WAIT_RETRY_US;
		n = run_room(&l->run, now, due_ns, run_step(&l->run));
		if (n == 0)
			return i == 0 ? WAIT_RETRY_US : 0;
		if (!run_build(&l->run, g->params.pool, (uint16_t)n, &l->burst))
			return WAIT_RETRY_US;
		lcore_burst_send(g, l);
		clear = lcore_pending_clear(g, l, rate != 0);
		if (l->run.time.rate != 0)
			l->next_tsc = RTE_MAX(l->next_tsc, now) +
				n * l->hz / (l->run.time.rate * CATCH_UP_SPEED);
	}
	return 0;
}

static uint32_t
lcore_poll(struct generator *g, struct generator_lcore *l)
{
	struct plan *plan = __atomic_load_n(&g->plan, __ATOMIC_SEQ_CST);
	uint64_t now = rte_rdtsc(), rate, due_ns = UINT64_MAX;
	uint32_t wait_us;
	bool begins;

	if (plan == NULL)  // it is being replaced
		return WAIT_RETRY_US;
	if (plan->serial != l->run.serial) {
		l->active = false;
		run_begin(&l->run, plan, now);
	}
	if (!__atomic_load_n(&g->running, __ATOMIC_ACQUIRE) || l->run.done) {
		lcore_pause(l, now);
		return WAIT_STOPPED_US;
	}
	rate = __atomic_load_n(&plan->rate_pps, __ATOMIC_RELAXED);
	begins = !l->active;
	lcore_resume(l, rate, now);
	achieved_measure(l, now);
	if (plan->replay == NULL && rate != 0 && !g->params.unpaced) {
		due_ns = lcore_due_ns(g, l, now, &wait_us);
		if (due_ns == 0)
			return wait_us;
	}
	wait_us = plan->replay != NULL ? lcore_replay_send(g, l, begins, now) :
		lcore_send(g, l, due_ns, now);
	if (l->run.done) {
		lcore_pause(l, now);
		__atomic_store_n(&l->done_serial, l->run.serial, __ATOMIC_RELEASE);
		return WAIT_STOPPED_US;
	}
	if (rate == 0 && plan->replay == NULL && !g->params.shares_cpu)
		return 0;
	return wait_us;
}

uint32_t
generator_poll(struct generator *g, unsigned int lcore)
{
	struct generator_lcore *l = &g->lcores[lcore];
	uint64_t epoch = l->epoch;
	uint32_t wait_us;

	__atomic_exchange_n(&l->epoch, epoch + 1, __ATOMIC_SEQ_CST);
	wait_us = lcore_poll(g, l);
	__atomic_store_n(&l->epoch, epoch + 2, __ATOMIC_RELEASE);
	return wait_us;
}
