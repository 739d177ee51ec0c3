/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PACKET_LINK_H
#define WEIR_PACKET_LINK_H

#include <stdint.h>

#include "packet/packet.h"

// The headers below IP: where the network layer starts and what it is.

struct link_layer {
	uint32_t l3_offset;
	uint16_t ether_type;  // host order; IPv4 and IPv6 whatever the link type
};

/*
 * Decode the link layer of the frame at data, `len` bytes of it present. Fills VLAN ids and MAC
 * addresses of *meta. DISCARD_NONE with *ret filled, or the reason.
 */
enum discard_reason link_parse(const uint8_t *data, uint32_t len, uint32_t linktype,
	struct packet_meta *meta, struct link_layer *ret);

#endif
