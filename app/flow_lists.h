/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_FLOW_LISTS_H
#define WEIR_APP_FLOW_LISTS_H

#include <rte_common.h>

#include "control/control.h"
#include "flow/flow_scan.h"

// flows.list: flows that live now. Tables belong to RX lcores, so each walks its own, some slots with
// each turn of its loop, into memory that the control thread made; the control thread looks with its
// tick whether all are done, puts the parts together and answers. One question is walked at a time,
// others wait.

#define FLOW_LISTS_MAX 32  // questions that wait

// Slots per turn of the RX loop. A full burst means that packets may be waiting: 4 slots are about
// what 3 packets take.
#define FLOW_SCAN_FULL 4
#define FLOW_SCAN_BUSY 16
#define FLOW_SCAN_IDLE 256

struct flow_list;  // one question
struct pipeline;

struct flow_lists {  // control thread
	struct flow_list *walking;
	struct flow_list *waiting[FLOW_LISTS_MAX];
	unsigned int count;
};

static inline unsigned int
flow_scan_budget(unsigned int packets, unsigned int burst)
{
	return packets >= burst ? FLOW_SCAN_FULL : packets > 0 ? FLOW_SCAN_BUSY : FLOW_SCAN_IDLE;
}

// Control thread: the method; what to do with each tick.
void flows_list_op(void *app, const struct control_flows *q, struct control_call *call);
void flow_lists_tick(struct pipeline *p);
// After the lcores have ended: what was not answered is refused.
void flow_lists_refuse(struct pipeline *p);

#endif
