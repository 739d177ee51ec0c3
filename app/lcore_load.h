/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_LCORE_LOAD_H
#define WEIR_APP_LCORE_LOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_pause.h>

// How busy a polling lcore is, and what it does when there is nothing to do.

struct lcore_load {
	uint64_t busy_cycles;  // in loops that found work; written by the lcore, read by anyone
	uint64_t start_cycles;
	uint32_t idle_loops;   // in a row
	bool shares_cpu;       // another lcore runs on the same CPU
};

#define LCORE_IDLE_SPINS 64
#define LCORE_IDLE_SLEEP_US 20

static inline void
lcore_load_start(struct lcore_load *l, bool shares_cpu)
{
	l->shares_cpu = shares_cpu;
	l->busy_cycles = 0;
	l->start_cycles = rte_rdtsc();
}

static inline void
lcore_load_busy(struct lcore_load *l, uint64_t since_cycles)
{
	l->idle_loops = 0;
	__atomic_store_n(&l->busy_cycles, l->busy_cycles + rte_rdtsc() - since_cycles,
		__ATOMIC_RELAXED);
}

// Nothing to do: spin on a CPU of one's own; where CPUs are shared, give way after a while, as a
// spinning lcore would keep its neighbour off for whole scheduler slices.
static inline void
lcore_load_idle(struct lcore_load *l)
{
	if (!l->shares_cpu || ++l->idle_loops < LCORE_IDLE_SPINS)
		rte_pause();
	else
		usleep(LCORE_IDLE_SLEEP_US);
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
