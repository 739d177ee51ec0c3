/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_HEALTH_H
#define WEIR_APP_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

// What /healthz says. A fault (status 503) means that Weir does not do what it was started for: a
// ledger that does not close, an interface that is gone, files or a store that cannot be written.
// A warning (status 200) is told as well: something was lost in the last minute, MongoDB is away, the
// merge lcore is behind.

// What may be lost, and is no fault when it is over.
enum health_loss {
	HEALTH_MISSED,       // packets in front of Weir
	HEALTH_DETAIL,       // packets in totals, but in no pane
	HEALTH_RECORDS,      // flow records, in front of the output thread
	HEALTH_RESULTS,      // results, in front of the output thread or for want of memory
	HEALTH_STORED,       // documents that the store dropped
	HEALTH_LOSSES,
};

struct health {  // control thread
	uint64_t lost[HEALTH_LOSSES];   // so far
	uint64_t grew[HEALTH_LOSSES];   // in the last minute that had any
	uint64_t at_us[HEALTH_LOSSES];  // monotonic; when it last grew, 0: never
};

struct pipeline;

void health_tick(struct pipeline *p, uint64_t now_us);  // once a second
// [{"area","fault","text"}, ...], faults first; *ret_healthy: there is no fault. NULL: out of memory.
cJSON *health_op(void *app, bool *ret_healthy);

#endif
