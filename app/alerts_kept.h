/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_ALERTS_KEPT_H
#define WEIR_APP_ALERTS_KEPT_H

#include <stdint.h>

#include <rte_spinlock.h>

#include "base/document.h"
#include "base/json_out.h"
#include "control/control.h"
#include "store/store.h"

// The newest alerts, in memory, for alerts.list where no store has them: a ring of references. An alert
// is about 400 bytes, so all of them are less than 1 MiB. The merge lcore writes, any thread reads.

struct alerts_kept {
	rte_spinlock_t lock;
	uint64_t count;  // that there were; the newest CONTROL_ALERTS_MAX are here, number n at n modulo that
	struct document *of[CONTROL_ALERTS_MAX];
};

// Zeroed memory is an empty ring.
void alerts_kept_add(struct alerts_kept *k, struct document *d);  // takes a reference of its own
void alerts_kept_free(struct alerts_kept *k);                     // its references

// The answer of alerts.list to a question as the store has it, of at most CONTROL_ALERTS_MAX. fault: why
// the store does not answer, NULL: there is none.
void alerts_kept_write(struct alerts_kept *k, const struct store_query *q, const char *fault,
	struct json_out *o);

#endif
