/* SPDX-License-Identifier: BSD-3-Clause */
#include <unistd.h>

#include "pipeline.h"

// The generator lcore of --demo: sends what is due, sleeps or spins until there is more.

#define SLEEP_MIN_US 20

int
gen_worker_run(void *arg)
{
	struct pipeline *p = arg;

	lcore_load_start(&p->generator_load, 0);
	while (!__atomic_load_n(&p->generator_stop, __ATOMIC_RELAXED)) {
		uint64_t begun = rte_rdtsc();
		uint32_t wait_us = generator_poll(p->generator, 0);

		lcore_load_busy(&p->generator_load, begun);
		if (wait_us == 0)
			continue;
		if (p->shares_cpu || wait_us >= 1000)
			usleep(RTE_MAX(wait_us, (uint32_t)SLEEP_MIN_US));
		else
			rte_pause();
	}
	return 0;
}
