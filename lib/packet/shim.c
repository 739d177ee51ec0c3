/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/shim.h"

#include <rte_ether.h>

// From one EtherType to the next: everything that may lie between Ethernet and IP.

#define ETHER_TYPE_REVARP 0x8035
#define LLC_SNAP 8  // DSAP, SSAP, control, OUI (3), type (2)

// IEEE 802.1Q and 802.1ad tags, outermost first, any number; a key holds FLOW_KEY_VLANS.
static enum discard_reason
vlan_parse(const struct view *v, struct packet_meta *meta, struct link_layer *l)
{
	if (!view_has(v, l->l3_offset, 4))
		return DISCARD_L2_TRUNCATED;
	if (meta->key.vlan_count == FLOW_KEY_VLANS)
		return DISCARD_VLAN_DEPTH;
	meta->key.vlan[meta->key.vlan_count++] = be16_at(v->data + l->l3_offset) & 0xfff;
	l->ether_type = be16_at(v->data + l->l3_offset + 2);
	l->l3_offset += 4;
	return DISCARD_NONE;
}

// LLC with SNAP (RFC 1042): DSAP and SSAP 0xaa, control 3, then OUI and type.
static enum discard_reason
llc_parse(const struct view *v, struct link_layer *l)
{
	const uint8_t *h = v->data + l->l3_offset;

	if (!view_has(v, l->l3_offset, LLC_SNAP) || h[0] != 0xaa || h[1] != 0xaa || h[2] != 3)
		return DISCARD_LLC;
	l->ether_type = be16_at(h + 6);
	l->l3_offset += LLC_SNAP;
	// A length again would be LLC in LLC, without end.
	return l->ether_type > LINK_LENGTH_MAX ? DISCARD_NONE : DISCARD_NON_IP;
}

enum discard_reason
link_type_follow(const struct view *v, struct packet_meta *meta, struct link_layer *l)
{
	enum discard_reason r = DISCARD_NONE;

	while (r == DISCARD_NONE) {
		switch (l->ether_type) {
		case RTE_ETHER_TYPE_IPV4:
		case RTE_ETHER_TYPE_IPV6:
			return DISCARD_NONE;
		case RTE_ETHER_TYPE_VLAN:
		case RTE_ETHER_TYPE_QINQ:
		case LINK_TYPE_QINQ_OLD:
			r = vlan_parse(v, meta, l);
			break;
		case RTE_ETHER_TYPE_MPLS:
		case RTE_ETHER_TYPE_MPLSM:
			r = mpls_parse(v, meta, l);
			break;
		case RTE_ETHER_TYPE_PPPOE_SESSION:
			r = pppoe_parse(v, l);
			break;
		case RTE_ETHER_TYPE_PPPOE_DISCOVERY:
			return DISCARD_PPPOE_DISCOVERY;
		case RTE_ETHER_TYPE_ARP:
		case ETHER_TYPE_REVARP:
			return DISCARD_ARP;
		default:
			if (l->ether_type > LINK_LENGTH_MAX)
				return DISCARD_NON_IP;
			r = llc_parse(v, l);
		}
	}
	return r;
}
