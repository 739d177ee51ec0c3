/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_CAPTURE_FLOWS_H
#define WEIR_PKTGEN_CAPTURE_FLOWS_H

#include <assert.h>
#include <stdint.h>

#include "frame_key.h"
#include "intern.h"

// The flows of a capture that is replayed, found once, before it is sent: each frame gets the
// number of its flow, so that a frame which is sent is one count at that number for the answer key,
// however often it is sent.
//
// Numbers below CAPTURE_FLOWS_FIRST are not flows but reasons why frames have no key
// (enum discard_reason).

#define CAPTURE_FLOWS_FIRST ((uint32_t)DISCARD_COUNT)
// Most flows of a key, over all copies of a replay that is rewritten.
#define CAPTURE_FLOWS_MAX 4194304u

// Both directions of it, the end with the smaller number and then port first. Without padding.
struct capture_flow {
	uint32_t end[2];   // numbers of addresses
	uint16_t port[2];
	uint16_t vlan[FRAME_KEY_VLANS];
	uint8_t vlan_count;
	uint8_t ip_proto;
	uint8_t turns;     // 1: rewriting changes its addresses
	uint8_t reserved;
};
static_assert(sizeof(struct capture_flow) == 24, "compared byte by byte");

struct capture_flows {
	struct intern addresses;  // struct address
	struct intern flows;      // struct capture_flow
	uint8_t *client;          // by flow: which end sent its first packet
	uint32_t room;
	int failed;               // 0, ENOSPC: more than CAPTURE_FLOWS_MAX, or ENOMEM
};

void capture_flows_init(struct capture_flows *f);
void capture_flows_fini(struct capture_flows *f);

/*
 * The number of a frame. Any that there is no room for is 0, with f->failed set.
 * @param captured that there are; the frame is sent with zeros behind them
 * @param bytes of the whole frame
 */
uint32_t capture_flows_number(struct capture_flows *f, const uint8_t *frame, uint32_t captured,
	uint32_t bytes);

#endif
