/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_CONVERSATION_H
#define WEIR_PKTGEN_CONVERSATION_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_tcp.h>

#include "flow_frame.h"
#include "packet/protocol.h"
#include "profile.h"
#include "size.h"

// What the packets of a flow are, one after the other. A flow is a place in the plan with its
// share of the packets; flows come and go in it. Each has its turn of the client port.
//
// TCP opens with SYN, SYN and ACK, ACK (RFC 9293 section 3.5), then has data, and ends with FIN from
// either side, FIN and ACK from the other, ACK (section 3.6), or with RST. UDP and ICMP have data
// only. Data goes in either direction with even odds, or, with `exchange`, a request from the
// client and a response from the server in turn, in as many packets as they need; the receiver of a
// TCP message acknowledges every second packet of it.

#define CONVERSATION_STEPS 1024  // equally likely lifetimes

enum conversation_phase {
	PHASE_FRESH,       // nothing sent; TCP: SYN is next
	PHASE_SYN_SENT,
	PHASE_SYN_ANSWERED,
	PHASE_OPEN,
	PHASE_FIN_CLIENT,  // the client has sent its FIN
	PHASE_FIN_SERVER,
	PHASE_LAST_CLIENT, // both have, the client's ACK is next
	PHASE_LAST_SERVER,
	PHASE_OVER,        // the next packet is of another flow in this place
	PHASE_MASK = 0x0f,
};

#define STATE_TURN 0x10   // the message that is on its way, or was the last, is the server's
#define STATE_UNACKED 0x20  // one packet of the message is not acknowledged
#define STATE_ACK_DUE 0x40  // two are not

// Client ports that mean no protocol by themselves, in network order. The flows of one peer use
// the places that leave the same remainder by the number of places, so that no two flows are the
// same.
#define CONVERSATION_PORTS 16384u
struct conversation_ports {
	uint32_t limit;  // places up to here are used: a multiple of the step
	uint32_t step;   // flows of a peer
	uint16_t list[CONVERSATION_PORTS];
};

// Of a plan; immutable.
struct conversation_rules {
	bool exchange;
	bool ends;            // flows do
	bool by_packets;      // flow->end counts packets down; else it is a time in units
	uint8_t unit_shift;   // a unit of time is 2 to the power of this positions
	uint32_t reset;       // part of 65536 of the TCP flows that end with RST
	uint32_t frame_max;   // largest frame, for exchange
	uint32_t extra;       // bytes of the frame before the inner Ethernet header
	struct size_model request;
	struct size_model response;
	struct size_model size;
	uint32_t lifetimes[CONVERSATION_STEPS];
	struct conversation_ports ports[2];  // TCP, UDP
};

// Rules from a profile; extra as above. -ENOMEM is possible.
int conversation_rules_fill(struct conversation_rules *r, const struct profile *p,
	const struct protocol_table *names, uint32_t extra);

// The client port, in network order, of flow number n of a peer, from a start below
// CONVERSATION_PORTS; *ret_at its place.
uint16_t conversation_port_first(const struct conversation_ports *p, uint32_t n, uint32_t start,
	uint16_t *ret_at);

// The place of the flow that comes after the one at this place.
static inline uint16_t
conversation_port_next(const struct conversation_ports *p, uint16_t at)
{
	return (uint16_t)(at + p->step < p->limit ? at + p->step : at % p->step);
}

// Rarely needed parts of conversation_next().
void conversation_begin(const struct conversation_rules *r, struct flow_frame *f,
	uint64_t position, uint64_t word);
void conversation_renew(const struct conversation_rules *r, struct flow_frame *f,
	uint64_t word);
void conversation_tcp_special(const struct conversation_rules *r, struct flow_frame *f,
	uint64_t position, uint64_t word, struct frame_step *ret);
void conversation_exchange(const struct conversation_rules *r, struct flow_frame *f,
	uint64_t position, uint64_t word, struct frame_step *ret);

static inline bool
conversation_over(const struct conversation_rules *r, struct flow_frame *f, uint64_t position)
{
	if (!r->ends)
		return false;
	if (!r->by_packets)
		return (int32_t)((uint32_t)(position >> r->unit_shift) - f->end) >= 0;
	if (f->end == 0)
		return true;
	f->end--;
	return false;
}

// No message is on its way, so that the flow may end: all of it was sent, and answered.
static inline bool
conversation_rests(const struct conversation_rules *r, const struct flow_frame *f)
{
	return !r->exchange || (f->message == 0 && (f->state & STATE_TURN) != 0);
}

/*
 * The next packet of the flow.
 * @param position number of the packet in the sequence
 * @param word the packet's random number
 * @return true where the packet is the first of another flow in the place of one that ended
 */
static inline bool
conversation_next(const struct conversation_rules *r, struct flow_frame *f, uint64_t position,
	uint64_t word, struct frame_step *ret)
{
	bool tcp = frame_kind_is_tcp(f->kind);
	uint32_t bytes, headers;
	bool begins;

	if (!tcp && (f->state & PHASE_MASK) == PHASE_OPEN && conversation_rests(r, f) &&
			conversation_over(r, f, position))
		f->state = PHASE_OVER;
	begins = (f->state & PHASE_MASK) == PHASE_OVER;
	if (unlikely(begins))
		conversation_renew(r, f, word);
	if (unlikely((f->state & PHASE_MASK) == PHASE_FRESH)) {
		conversation_begin(r, f, position, word);
		word &= ~UINT64_C(1);  // the first packet is the client's
	}
	if (tcp && ((f->state & PHASE_MASK) != PHASE_OPEN ||
			(conversation_rests(r, f) && conversation_over(r, f, position)))) {
		conversation_tcp_special(r, f, position, word, ret);
		return begins;
	}
	if (r->exchange) {
		conversation_exchange(r, f, position, word, ret);
		return begins;
	}
	headers = frame_header_bytes[f->kind] + r->extra;
	bytes = size_draw(&r->size, (uint32_t)(word >> 32));
	ret->direction = word & 1;
	ret->payload = bytes > headers ? bytes - headers : tcp;
	ret->flags = RTE_TCP_PSH_FLAG | RTE_TCP_ACK_FLAG;
	return begins;
}

#endif
