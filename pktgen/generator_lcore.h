/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_GENERATOR_LCORE_H
#define WEIR_PKTGEN_GENERATOR_LCORE_H

#include <rte_common.h>
#include <rte_cycles.h>

#include "generator.h"
#include "pacing.h"
#include "plan.h"
#include "recording.h"
#include "run.h"

// The generator's inside, shared by its control half (generator.c) and its lcore half
// (generator_lcore.c).

// Written by the lcore, read by any thread.
struct generator_counters {
	uint64_t sent;
	uint64_t bytes;
	uint64_t dropped;
	uint64_t late;
	uint64_t milli_pps;  // over the last second
	uint64_t slowest_milli_pps;  // over any whole second since the start; 0: none yet
	uint64_t fastest_milli_pps;
	uint64_t active_tsc; // time spent running
};

// Written by the generator lcore.
struct generator_lcore {
	uint64_t epoch;        // odd during a poll; read by the control thread, see work_publish()
	uint64_t done_serial;  // of the last plan that is done; read by any thread
	uint64_t hz;           // of the TSC
	void *send_arg;
	bool active;           // was running at the last poll
	struct run run;
	struct pacing pacing;
	uint64_t next_tsc;     // not before: delays are caught up at a limited speed
	struct burst burst;    // what the port has not taken yet, at rate 0
	uint64_t mark_tsc;     // begin of the second that milli_pps is measured over
	uint64_t mark_sent;
	uint64_t resume_tsc;   // begin of the present activity, less what was active before
	struct generator_counters counters;
} __rte_cache_aligned;

struct generator {
	struct generator_params params;
	const struct protocol_table *protocols;
	struct protocol_table *protocols_own;  // where the caller brought none
	struct recording *recording;  // what a replay sends; NULL without one
	cJSON *profile;      // complete; control thread
	struct plan *plan;   // written by the control thread, read by the lcore: atomic; NULL: replaced
	uint64_t serial;     // of the plan; read by any thread
	uint64_t stamp_tag;  // of the plan, 0: it stamps no packets; likewise
	bool running;        // as wanted by the control thread; read by any thread
	unsigned int lcore_count;
	struct generator_lcore lcores[GENERATOR_LCORES_MAX];
};

#define WAIT_MAX_US 10000       // stop and changes are seen at least this often
#define WAIT_RETRY_US 50        // no buffers, a full port or an answer key not folded

// Lcore: offer the burst to the port. What it takes counts as sent; the rest stays in the burst.
void lcore_burst_send(const struct generator *g, struct generator_lcore *l);
// Lcore: give up what the port has not taken, where packets are due at a time; else offer it once
// more. True when nothing is left.
bool lcore_pending_clear(const struct generator *g, struct generator_lcore *l, bool paced);
// Lcore: time was given up, in which so many packets a second were due.
void lcore_late_add(struct generator_lcore *l, uint64_t slip_ns, double pps);

/*
 * Lcore: send what is due of a plan that is a replay. Gives back the microseconds to wait; sets
 * run.done at the end.
 * @param begins packet time goes on from here, after the start or a pause
 */
uint32_t lcore_replay_send(const struct generator *g, struct generator_lcore *l, bool begins,
	uint64_t now);

// Give up on packets of the run's plan that the port has not taken. Lcore, or anyone while it does not
// poll or has no plan.
void lcore_pending_drop(struct generator_lcore *l);

#endif
