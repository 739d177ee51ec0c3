/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PACKET_LINK_H
#define WEIR_PACKET_LINK_H

#include <stdint.h>

#include "packet/packet.h"
#include "packet/view.h"

#define LINK_TYPE_QINQ_OLD 0x9100  // VLAN tags before 802.1ad, still seen
#define LINK_LENGTH_MAX 1500       // IEEE 802.3: up to here an EtherType is a length

// The headers below IP: where the network layer starts and what it is. All functions return
// DISCARD_NONE, or the reason for which the packet cannot be in a flow.

struct link_layer {
	uint32_t l3_offset;
	uint16_t ether_type;  // host order; IPv4 or IPv6 in the end, whatever the link type
};

// Decode the link layer of a frame. Fills VLAN ids and MAC addresses of *meta, and *ret.
enum discard_reason link_parse(const struct view *v, uint32_t linktype, struct packet_meta *meta,
	struct link_layer *ret);

// The same for an Ethernet frame that begins at `offset`. VLAN ids are added to those of *meta.
enum discard_reason link_ethernet_parse(const struct view *v, uint32_t offset,
	struct packet_meta *meta, struct link_layer *ret);

// No link layer: the version nibble at `offset` tells.
enum discard_reason link_raw_parse(const struct view *v, uint32_t offset, struct link_layer *ret);

/*
 * Go on from an EtherType (or an 802.3 length, up to 1500) and what it announces at
 * l->l3_offset to IPv4 or IPv6: VLAN tags, LLC with SNAP, MPLS labels, PPPoE, in any order.
 * Each step is at least 4 bytes long, so the walk is bounded by the view.
 */
enum discard_reason link_type_follow(const struct view *v, struct packet_meta *meta,
	struct link_layer *l);

#endif
