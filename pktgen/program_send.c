/* SPDX-License-Identifier: BSD-3-Clause */
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_pause.h>

#include "program.h"

// The lcores that generate, and the main thread that watches them or does all.

#define WATCH_MS 20           // of the main thread over a generator lcore
#define IDLE_MS 1             // where nothing is sent at the moment
#define IDLE_US 1000
#define POLLS_PER_WATCH 64    // where both are one thread
#define SETTLE_MS 50          // without packets, at the end
#define SETTLE_MOST 20        // times that, at most

// Nothing is to be sent, until the console says so.
static bool
program_idle(const struct program *p)
{
	struct generator_stats stats;

	if (!p->options.interactive)
		return false;
	generator_stats_get(p->generator, &stats);
	return !stats.running;
}

static int
lcore_main(void *arg)
{
	struct program *p = arg;
	unsigned int number = __atomic_fetch_add(&p->next, 1, __ATOMIC_RELAXED);

	// What is left over of more lcores than can share the work does nothing.
	if (number >= p->lcores)
		return 0;
	while (__atomic_load_n(&p->lcore_quit, __ATOMIC_ACQUIRE) == 0) {
		uint32_t us = generator_poll(p->generator, number);

		if (us >= IDLE_US && program_idle(p))
			usleep(IDLE_US);
		else if (us != 0)
			rte_pause();
	}
	return 0;
}

// True when a signal asks to stop; waits up to ms for it.
static bool
signal_seen(const sigset_t *signals, long ms)
{
	const struct timespec wait = {0, ms * 1000000};

	return sigtimedwait(signals, NULL, &wait) > 0;
}

bool
program_latency_wanted(const struct program *p)
{
	return p->port != NULL && generator_stamp_tag(p->generator) != 0;
}

static uint64_t
packets_receive(struct program *p)
{
	uint64_t tag = generator_stamp_tag(p->generator);

	return tag != 0 ? output_port_receive(p->port, &p->latency, tag) : 0;
}

// One thread does everything: a few polls of the generator, and of what comes back.
static void
polls_run(struct program *p, bool receive)
{
	for (unsigned int i = 0; i < POLLS_PER_WATCH; i++) {
		generator_poll(p->generator, 0);
		if (receive)
			packets_receive(p);
	}
}

// The generator has lcores of its own: this one receives meanwhile, without sleeping.
static void
packets_watch(struct program *p)
{
	uint64_t until = rte_rdtsc() + rte_get_tsc_hz() * WATCH_MS / 1000;

	while (rte_rdtsc() < until)
		if (packets_receive(p) == 0)
			rte_pause();
}

// What was sent last may be under way: until nothing has come for a while.
static void
packets_settle(struct program *p)
{
	uint64_t quiet = rte_get_tsc_hz() * SETTLE_MS / 1000, last = rte_rdtsc(), begun = last;

	while (rte_rdtsc() - last < quiet && rte_rdtsc() - begun < SETTLE_MOST * quiet)
		if (packets_receive(p) != 0)
			last = rte_rdtsc();
}

// A stretch of the main thread's work. Gives back how many milliseconds there is nothing more to do.
static long
program_step(struct program *p, bool own)
{
	bool receive = program_latency_wanted(p), idle = program_idle(p);

	if (!own)
		polls_run(p, receive);
	else if (receive && !idle)
		packets_watch(p);
	else if (receive)
		packets_receive(p);
	if (idle)
		return IDLE_MS;
	return own && !receive ? WATCH_MS : 0;
}

static void
program_tick(struct program *p)
{
	if (p->options.interactive) {
		session_tick(&p->session);
		return;
	}
	generator_answer_key_fold(p->generator);
	progress_tick(&p->progress, p->generator);
}

static bool
program_ended(const struct program *p)
{
	if (p->options.interactive)
		return __atomic_load_n(&p->console_ended, __ATOMIC_ACQUIRE) != 0;
	return generator_done(p->generator);
}

void
program_send(struct program *p, const sigset_t *signals)
{
	bool own = rte_lcore_count() > 1 && p->pcap == NULL;
	long wait_ms;

	if (!p->options.interactive) {
		generator_start(p->generator);
		progress_begin(&p->progress, p->options.stats_period_s, p->profile,
			p->pcap == NULL);
	}
	if (own)
		rte_eal_mp_remote_launch(lcore_main, p, SKIP_MAIN);
	do {
		wait_ms = program_step(p, own);
		program_tick(p);
	} while (!program_ended(p) && !signal_seen(signals, wait_ms));
}

void
program_settle(struct program *p)
{
	__atomic_store_n(&p->lcore_quit, 1, __ATOMIC_RELEASE);
	rte_eal_mp_wait_lcore();
	progress_end(&p->progress);
	if (program_latency_wanted(p))
		packets_settle(p);
}
