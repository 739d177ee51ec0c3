/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_ether.h>

#include "packet/shim.h"

// PPP, alone or in PPPoE:
//
//   PPPoE   version, type (0x11) | code (0: session) | session id (2) | length (2)
//   PPP     [0xff 0x03] protocol (2; 1 where compressed: odd first byte) ...

#define PPPOE_HEADER 6
#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057         // RFC 5072
#define PPP_MPLS 0x0281         // RFC 3032
#define PPP_MPLS_MULTICAST 0x0283

enum discard_reason
ppp_parse(const struct view *v, struct link_layer *l)
{
	uint32_t o = l->l3_offset;
	uint16_t protocol;

	if (view_has(v, o, 2) && v->data[o] == 0xff && v->data[o + 1] == 0x03)
		o += 2;
	if (!view_has(v, o, 1) || ((v->data[o] & 1) == 0 && !view_has(v, o, 2)))
		return DISCARD_L2_TRUNCATED;
	if ((v->data[o] & 1) != 0) {
		protocol = v->data[o];
		l->l3_offset = o + 1;
	} else {
		protocol = be16_at(v->data + o);
		l->l3_offset = o + 2;
	}
	switch (protocol) {
	case PPP_IPV4:
		l->ether_type = RTE_ETHER_TYPE_IPV4;
		return DISCARD_NONE;
	case PPP_IPV6:
		l->ether_type = RTE_ETHER_TYPE_IPV6;
		return DISCARD_NONE;
	case PPP_MPLS:
	case PPP_MPLS_MULTICAST:
		l->ether_type = RTE_ETHER_TYPE_MPLS;
		return DISCARD_NONE;
	default:
		return DISCARD_PPPOE_PAYLOAD;
	}
}

enum discard_reason
pppoe_parse(const struct view *v, struct link_layer *l)
{
	const uint8_t *h = v->data + l->l3_offset;

	if (!view_has(v, l->l3_offset, PPPOE_HEADER))
		return DISCARD_L2_TRUNCATED;
	if (h[0] != 0x11 || h[1] != 0)
		return DISCARD_PPPOE_PAYLOAD;
	l->l3_offset += PPPOE_HEADER;
	return ppp_parse(v, l);
}
