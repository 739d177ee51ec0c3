/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_FLOW_FLOW_SCAN_H
#define WEIR_FLOW_FLOW_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/flow_table.h"

/*
 * The first flows of a table by some order, found by its owner in small steps between bursts: a walk
 * over the slots, with copies of the best flows so far in a heap whose root is the worst of them. A
 * flow keeps its slot for as long as it lives, so one that is there during the whole walk is looked
 * at exactly once; one that begins or ends meanwhile may be in or not. Each copy is whole, as no
 * packet is counted during a step; two copies may be of different moments of the walk.
 */

enum flow_order {
	FLOW_BY_BYTES,     // both directions together, as packets
	FLOW_BY_PACKETS,
	FLOW_BY_LAST,      // time of the latest packet
	FLOW_BY_FIRST,
	FLOW_BY_DURATION,  // between first and last
	FLOW_ORDERS,
};

// In the order of the enumeration.
#define FLOW_ORDER_NAMES "bytes packets last first duration"

struct flow_scan_item {
	uint64_t rank;  // the higher, the earlier in the answer
	uint32_t copy;  // index of the flow's copy
};

struct flow_scan {
	enum flow_order order;
	bool ascending;
	uint32_t limit;
	// Does the flow belong to the answer? NULL: all do. Called by the owner of the table.
	bool (*match)(const void *arg, const struct flow *f);
	const void *arg;

	uint32_t next;          // slot to look at
	uint64_t looked;        // flows that were there
	uint64_t matched;
	uint64_t packets;       // of all that matched
	uint64_t bytes;
	uint64_t from_us, to_us;  // clock of the owner at the first and at the last step
	bool complete;          // all slots were looked at
	uint32_t count;         // of heap and copies
	struct flow_scan_item *heap;
	struct flow *copies;
};

// Make room for `limit` flows; all memory is touched here, so that the walk has no page faults.
// Zero-initializes the rest; order, ascending, match and arg are for the caller. 0 or -ENOMEM.
int flow_scan_init(struct flow_scan *s, uint32_t limit);
void flow_scan_fini(struct flow_scan *s);

// The table's owner: look at no more than `budget` slots. True when the walk is complete.
bool flow_scan_step(struct flow_scan *s, const struct flow_table *t, unsigned int budget,
	uint64_t now_us);

/*
 * The answer over the walks of several tables, best first and by key where ranks are equal: at most
 * `limit` pointers to copies in ret. Returns how many.
 */
uint32_t flow_scan_collect(struct flow_scan *scans, unsigned int n, uint32_t limit,
	const struct flow **ret);

#endif
