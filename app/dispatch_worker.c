/* SPDX-License-Identifier: BSD-3-Clause */
#include "pipeline.h"

// The dispatch lcore: polls all ports whose packets are spread in software, and nothing else, until
// all of them have been told to end and are empty (dispatch_stop()).

int
dispatch_worker_run(void *arg)
{
	struct pipeline *p = arg;
	bool done = false;

	if (p->shares_cpu)
		lcore_prefer(LCORE_NICE_RX);
	lcore_load_start(&p->dispatch_load, p->shares_cpu ? LCORE_SLEEP_RX_US : 0);
	while (!done) {
		uint64_t begun = rte_rdtsc();
		unsigned int got = 0;

		done = true;
		for (unsigned int i = 0; i < p->port_count; i++) {
			if (p->dispatch[i] == NULL || dispatch_done(p->dispatch[i]))
				continue;
			got += dispatch_poll(p->dispatch[i]);
			done = false;
		}
		if (got > 0)
			lcore_load_busy(&p->dispatch_load, begun);
		else
			lcore_load_idle(&p->dispatch_load);
	}
	return 0;
}
