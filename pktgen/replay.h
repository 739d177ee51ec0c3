/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_REPLAY_H
#define WEIR_PKTGEN_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "flow_frame.h"
#include "flow_log.h"
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
// logarithm of their number, and nothing is allocated. Made by the control thread, then used by one
// generator lcore.

struct replay;

// What the packets of a record are: its flow, with which its frames are written. Owned by the plan.
struct replay_flows {
	const struct frame_templates *templates;
	struct flow_frame *frames;  // by place in the log's records
};

// Takes over the log, also on failure. NULL: no memory.
struct replay *replay_create(const struct replay_spec *spec, struct flow_log *log,
	const struct replay_flows *flows);
void replay_free(struct replay *r);
const struct flow_log *replay_log(const struct replay *r);

// As fast as the port takes them: no packet is due before another.
bool replay_unpaced(const struct replay *r);
double replay_mean_pps(const struct replay *r);  // over a loop; 0 where that has no length

// Packet time of the next packet by the pace, the first one's is 0. False: there is none.
bool replay_next_ns(const struct replay *r, uint64_t *ret_ns);

// Write that packet, which has to be there, to `to` (flow_frame_write()) and go on to the next.
// Gives back its bytes; *ret_record gets its place in the log's records.
uint32_t replay_write(struct replay *r, uint8_t *to, uint32_t *ret_record);

#endif
