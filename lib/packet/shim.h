/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PACKET_SHIM_H
#define WEIR_PACKET_SHIM_H

#include "packet/link.h"

// Headers between Ethernet and IP that have a file of their own. As link_type_follow(): from what
// is at l->l3_offset to the next EtherType and what it announces.

// The label stack (RFC 3032) and what it carries, which no field names: see mpls.c.
enum discard_reason mpls_parse(const struct view *v, struct packet_meta *meta,
	struct link_layer *l);

/*
 * For where nothing says what follows and a guess must not be wrong: if there is an Ethernet header
 * at `offset`, maybe VLAN tags, then a credible IP header, all of it there, that IP header's
 * offset; else 0. A tagged frame looks like a frame with one tag less at offset + 4, too: where two places
 * lead to the same IP header, the earlier one is right, as it has a tag where one has to be.
 */
uint32_t ethernet_find_ip(const struct view *v, uint32_t offset);

// PPPoE session stage (RFC 2516), then PPP.
enum discard_reason pppoe_parse(const struct view *v, struct link_layer *l);

// The PPP protocol field (RFC 1661), in one byte or two, with or without the address and control
// fields of HDLC before it. DISCARD_PPPOE_PAYLOAD if what follows is neither IP nor MPLS.
enum discard_reason ppp_parse(const struct view *v, struct link_layer *l);

#endif
