/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/link.h"

#include <rte_ether.h>

static inline enum discard_reason
ethernet_parse(const struct view *v, uint32_t o, struct packet_meta *meta, struct link_layer *l)
{
	const uint8_t *frame = v->data + o;

	if (!view_has(v, o, RTE_ETHER_HDR_LEN))
		return DISCARD_L2_TRUNCATED;
	memcpy(meta->dst_mac, frame, RTE_ETHER_ADDR_LEN);
	memcpy(meta->src_mac, frame + RTE_ETHER_ADDR_LEN, RTE_ETHER_ADDR_LEN);
	l->ether_type = be16_at(frame + 12);
	l->l3_offset = o + RTE_ETHER_HDR_LEN;
	if (likely(l->ether_type == RTE_ETHER_TYPE_IPV4 || l->ether_type == RTE_ETHER_TYPE_IPV6))
		return DISCARD_NONE;
	return link_type_follow(v, meta, l);
}

enum discard_reason
link_ethernet_parse(const struct view *v, uint32_t offset, struct packet_meta *meta,
	struct link_layer *ret)
{
	return ethernet_parse(v, offset, meta, ret);
}

// A 2-byte Ethernet type at type_offset, the payload at l3_offset (Linux cooked captures).
static enum discard_reason
cooked_parse(const struct view *v, uint32_t type_offset, uint32_t l3_offset,
	struct packet_meta *meta, struct link_layer *l)
{
	if (!view_has(v, 0, l3_offset))
		return DISCARD_L2_TRUNCATED;
	l->ether_type = be16_at(v->data + type_offset);
	l->l3_offset = l3_offset;
	return link_type_follow(v, meta, l);
}

enum discard_reason
link_raw_parse(const struct view *v, uint32_t offset, struct link_layer *ret)
{
	if (!view_has(v, offset, 1))
		return DISCARD_L2_TRUNCATED;
	ret->l3_offset = offset;
	switch (v->data[offset] >> 4) {
	case 4:
		ret->ether_type = RTE_ETHER_TYPE_IPV4;
		return DISCARD_NONE;
	case 6:
		ret->ether_type = RTE_ETHER_TYPE_IPV6;
		return DISCARD_NONE;
	default:
		return DISCARD_IP_VERSION;
	}
}

// BSD loopback: a 4-byte protocol family in the byte order of the machine that captured (NULL) or
// in network order (LOOP). Families are below 256, so the first byte tells the order.
static enum discard_reason
loopback_parse(const struct view *v, struct link_layer *l)
{
	uint32_t family;

	if (!view_has(v, 0, 4))
		return DISCARD_L2_TRUNCATED;
	family = be32_at(v->data);
	if (v->data[0] != 0)
		family = rte_bswap32(family);
	l->l3_offset = 4;
	switch (family) {
	case 2:  // AF_INET everywhere
		l->ether_type = RTE_ETHER_TYPE_IPV4;
		return DISCARD_NONE;
	case 10:  // AF_INET6: Linux, NetBSD and OpenBSD, FreeBSD, macOS
	case 24:
	case 28:
	case 30:
		l->ether_type = RTE_ETHER_TYPE_IPV6;
		return DISCARD_NONE;
	default:
		return DISCARD_NON_IP;
	}
}

enum discard_reason
link_parse(const struct view *v, uint32_t linktype, struct packet_meta *meta,
	struct link_layer *ret)
{
	switch (linktype) {
	case LINKTYPE_ETHERNET:
		return ethernet_parse(v, 0, meta, ret);
	case LINKTYPE_LINUX_SLL:
		return cooked_parse(v, 14, 16, meta, ret);
	case LINKTYPE_LINUX_SLL2:
		return cooked_parse(v, 0, 20, meta, ret);
	case LINKTYPE_RAW_BSD:
	case LINKTYPE_RAW_OPENBSD:
	case LINKTYPE_RAW:
	case LINKTYPE_IPV4:
	case LINKTYPE_IPV6:
		return link_raw_parse(v, 0, ret);
	case LINKTYPE_NULL:
	case LINKTYPE_LOOP:
		return loopback_parse(v, ret);
	default:
		return DISCARD_LINKTYPE;
	}
}
