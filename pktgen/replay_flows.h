/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_REPLAY_FLOWS_H
#define WEIR_PKTGEN_REPLAY_FLOWS_H

#include "flow_frame.h"
#include "flow_log.h"
#include "replay_source.h"
#include "replay_spec.h"

// Flow records as packets, in the order of their times.
//
// A record's packets lie evenly over its duration, the first at its time and the last at the end,
// the two directions mixed as evenly as their numbers allow, the source first. Where both have
// several packets, the last one of each is at the end. The bytes of a direction are divided evenly;
// what is left over goes to its last packets, a byte each. TCP opens with SYN and, from the
// destination, SYN and ACK; the last packet of a direction that has several carries FIN.
//
// The records that are under way are a heap by the time of their next packet: a packet costs the
// logarithm of their number, and nothing is allocated.

// What frames of the records are made from; owned by the plan.
struct replay_frames {
	const struct frame_templates *templates;
	struct flow_frame *flows;  // by place in the log's records
};

// The log must outlive the source. NULL: no memory.
struct replay_source *replay_flows_create(const struct replay_spec *spec,
	const struct flow_log *log, const struct replay_frames *frames);

#endif
