/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_LCORE_LOAD_H
#define WEIR_APP_LCORE_LOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_pause.h>

// How busy a polling lcore is, and what it does when there is nothing to do.

struct lcore_load {
	uint64_t busy_cycles;  // in loops that found work; written by the lcore, read by anyone
	uint64_t start_cycles;
	uint32_t idle_loops;   // in a row
	uint32_t sleep_max_us; // 0: spin, the CPU is this lcore's alone
};

#define LCORE_IDLE_SPINS 64
// The first sleep is an eighth of the longest one, but at least this.
#define LCORE_SLEEP_MIN_US 10U
// A port's ring holds several milliseconds of packets; a sealed pane can wait a little longer.
#define LCORE_SLEEP_RX_US 40
#define LCORE_SLEEP_MERGE_US 1000

/*
 * Where lcores share CPUs they share them with other programs, too, and a receive ring holds only
 * milliseconds: ask to be preferred. Without the right to it nothing changes.
 */
#define LCORE_NICE_RX (-15)

static inline void
lcore_prefer(int nice_level)
{
	setpriority(PRIO_PROCESS, (id_t)rte_gettid(), nice_level);
}

static inline void
lcore_load_start(struct lcore_load *l, uint32_t sleep_max_us)
{
	l->sleep_max_us = sleep_max_us;
	l->idle_loops = 0;
	l->busy_cycles = 0;
	l->start_cycles = rte_rdtsc();
}

// The lcore has worked since then. Returns now, in cycles, which is when its next turn begins.
static inline uint64_t
lcore_load_busy(struct lcore_load *l, uint64_t since_cycles)
{
	uint64_t now = rte_rdtsc();

	l->idle_loops = 0;
	__atomic_store_n(&l->busy_cycles, l->busy_cycles + now - since_cycles, __ATOMIC_RELAXED);
	return now;
}

// Nothing to do: spin on a CPU of one's own; else give way after a while, a little longer each
// time, as a spinning lcore would keep its neighbour off for whole scheduler slices.
static inline void
lcore_load_idle(struct lcore_load *l)
{
	uint32_t sleeps, first_us;

	if (l->sleep_max_us == 0 || ++l->idle_loops < LCORE_IDLE_SPINS) {
		rte_pause();
		return;
	}
	sleeps = l->idle_loops - LCORE_IDLE_SPINS;
	first_us = RTE_MAX(l->sleep_max_us / 8, LCORE_SLEEP_MIN_US);
	usleep(sleeps > 3 ? l->sleep_max_us : RTE_MIN(first_us << sleeps, l->sleep_max_us));
}

// Share of the time since the start that went into work, 0 to 1; any thread.
static inline double
lcore_load_share(const struct lcore_load *l)
{
	uint64_t total = rte_rdtsc() - l->start_cycles;
	uint64_t busy = __atomic_load_n(&l->busy_cycles, __ATOMIC_RELAXED);

	return l->start_cycles == 0 || total == 0 ? 0 : (double)busy / (double)total;
}

#endif
