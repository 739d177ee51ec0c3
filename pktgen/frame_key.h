/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_FRAME_KEY_H
#define WEIR_PKTGEN_FRAME_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "base/ledger.h"

// What the answer key says of a frame that was recorded: its addresses, IP protocol, ports and
// VLANs, or why it has none. Written from the standards and from docs/guide.md, and on purpose not
// with lib/packet: a mistake there must not be in the truth as well. Only the names of the reasons
// are the ledger's, so that both can be compared.
//
// The outermost IP header counts, as where Weir follows no tunnels.

#define FRAME_KEY_VLANS 4
// How far into a frame anybody looks.
#define FRAME_KEY_BYTES 2048u

struct frame_key {
	struct address src;
	struct address dst;
	uint16_t port[2];  // from, to; 0 where there are none
	uint16_t vlan[FRAME_KEY_VLANS];  // outermost first, rest 0
	uint8_t vlan_count;
	uint8_t ip_proto;  // behind IPv6 extension headers
	bool outer;        // before the IP header are at most two VLAN tags (0x8100, 0x88a8)
	uint32_t ip_at;    // where the IP header begins
};

/*
 * Any thread.
 * @param bytes of the frame, FRAME_KEY_BYTES at most are looked at
 * @return DISCARD_NONE, or why it has no key: *ret holds nothing then
 */
enum discard_reason frame_key_read(const uint8_t *frame, uint32_t bytes, struct frame_key *ret);

#endif
