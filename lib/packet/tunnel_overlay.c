/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_ether.h>

#include "packet/tunnel_layer.h"

// Overlay networks over UDP, whose network has a number of 24 bits:
//
//   VXLAN (RFC 7348)                    flags | 0 0 0 | VNI (3) | 0
//   VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe-12)  flags | 0 0 | next protocol | VNI (3) | 0
//   Geneve (RFC 8926)                   version, options | flags | EtherType (2) | VNI (3) | 0 | …
//
// OTV on port 8472 has VXLAN's layout; Linux used that port before 4789 was assigned. Flags that
// VXLAN does not define are ignored, as it says (group policy sets some).

#define OVERLAY_HEADER 8
#define VXLAN_VNI_VALID 0x08
#define GPE_VERSION 0x30
#define GPE_NEXT_VALID 0x04
#define GPE_OAM 0x01
#define GENEVE_VERSION 0xc0
#define GENEVE_OPTIONS 0x3f  // in words of 4 bytes
#define GENEVE_CONTROL 0x80

static void
vni_set(const uint8_t *header, struct tunnel_layer *l)
{
	l->id = be32_at(header + 4) >> 8;
	l->has_id = true;
	l->id_is_network = true;
}

bool
tunnel_vxlan_decode(const struct view *v, uint32_t o, struct tunnel_layer *ret)
{
	if (!view_has(v, o, OVERLAY_HEADER) || (v->data[o] & VXLAN_VNI_VALID) == 0)
		return false;
	ret->payload = TUNNEL_CARRIES_ETHERNET;
	ret->offset = o + OVERLAY_HEADER;
	vni_set(v->data + o, ret);
	return true;
}

static bool
gpe_payload(uint8_t next, struct tunnel_layer *l)
{
	l->payload = TUNNEL_CARRIES_TYPE;
	switch (next) {
	case 1:
		l->ether_type = RTE_ETHER_TYPE_IPV4;
		return true;
	case 2:
		l->ether_type = RTE_ETHER_TYPE_IPV6;
		return true;
	case 3:
		l->payload = TUNNEL_CARRIES_ETHERNET;
		return true;
	case 5:
		l->ether_type = RTE_ETHER_TYPE_MPLS;
		return true;
	default:
		return false;
	}
}

bool
tunnel_vxlan_gpe_decode(const struct view *v, uint32_t o, struct tunnel_layer *ret)
{
	const uint8_t *h = v->data + o;

	if (!view_has(v, o, OVERLAY_HEADER) || (h[0] & (GPE_VERSION | GPE_OAM)) != 0)
		return false;
	if (!gpe_payload((h[0] & GPE_NEXT_VALID) != 0 ? h[3] : 3, ret))
		return false;
	ret->offset = o + OVERLAY_HEADER;
	if ((h[0] & VXLAN_VNI_VALID) != 0)
		vni_set(h, ret);
	return true;
}

bool
tunnel_geneve_decode(const struct view *v, uint32_t o, struct tunnel_layer *ret)
{
	const uint8_t *h = v->data + o;

	if (!view_has(v, o, OVERLAY_HEADER) || (h[0] & GENEVE_VERSION) != 0 ||
		(h[1] & GENEVE_CONTROL) != 0)
		return false;
	ret->ether_type = be16_at(h + 2);
	ret->payload = ret->ether_type == RTE_ETHER_TYPE_TEB ? TUNNEL_CARRIES_ETHERNET :
		TUNNEL_CARRIES_TYPE;
	ret->offset = o + OVERLAY_HEADER + (h[0] & GENEVE_OPTIONS) * 4U;
	vni_set(h, ret);
	return true;
}
