/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/link.h"

#include <rte_ether.h>

#define ETHER_TYPE_QINQ_OLD 0x9100  // used before 802.1ad, still seen
#define ETHER_TYPE_REVARP 0x8035
#define ETHER_LENGTH_MAX 1500       // IEEE 802.3: up to here the field is a length

static uint16_t
be16_at(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static enum discard_reason
ether_type_check(uint16_t type)
{
	switch (type) {
	case RTE_ETHER_TYPE_IPV4:
	case RTE_ETHER_TYPE_IPV6:
		return DISCARD_NONE;
	case RTE_ETHER_TYPE_ARP:
	case ETHER_TYPE_REVARP:
		return DISCARD_ARP;
	case RTE_ETHER_TYPE_MPLS:
	case RTE_ETHER_TYPE_MPLSM:
		return DISCARD_MPLS;
	case RTE_ETHER_TYPE_PPPOE_DISCOVERY:
	case RTE_ETHER_TYPE_PPPOE_SESSION:
		return DISCARD_PPPOE;
	default:
		return DISCARD_NON_IP;
	}
}

// IEEE 802.1Q and 802.1ad tags, outermost first, any number; a key holds FLOW_KEY_VLANS.
static enum discard_reason
vlan_parse(const uint8_t *data, uint32_t len, struct packet_meta *meta, struct link_layer *l)
{
	while (l->ether_type == RTE_ETHER_TYPE_VLAN || l->ether_type == RTE_ETHER_TYPE_QINQ ||
		l->ether_type == ETHER_TYPE_QINQ_OLD) {
		if (len < l->l3_offset + 4)
			return DISCARD_L2_TRUNCATED;
		if (meta->key.vlan_count == FLOW_KEY_VLANS)
			return DISCARD_VLAN_DEPTH;
		meta->key.vlan[meta->key.vlan_count++] = be16_at(data + l->l3_offset) & 0xfff;
		l->ether_type = be16_at(data + l->l3_offset + 2);
		l->l3_offset += 4;
	}
	return ether_type_check(l->ether_type);
}

static enum discard_reason
ethernet_parse(const uint8_t *data, uint32_t len, struct packet_meta *meta, struct link_layer *l)
{
	if (len < RTE_ETHER_HDR_LEN)
		return DISCARD_L2_TRUNCATED;
	memcpy(meta->dst_mac, data, RTE_ETHER_ADDR_LEN);
	memcpy(meta->src_mac, data + RTE_ETHER_ADDR_LEN, RTE_ETHER_ADDR_LEN);
	l->ether_type = be16_at(data + 12);
	l->l3_offset = RTE_ETHER_HDR_LEN;
	if (likely(l->ether_type == RTE_ETHER_TYPE_IPV4))
		return DISCARD_NONE;
	if (l->ether_type <= ETHER_LENGTH_MAX) {
		// LLC with SNAP (RFC 1042): DSAP and SSAP 0xaa, control 3, then OUI and type.
		if (len < 22 || data[14] != 0xaa || data[15] != 0xaa || data[16] != 3)
			return DISCARD_LLC;
		l->ether_type = be16_at(data + 20);
		l->l3_offset = 22;
	}
	return vlan_parse(data, len, meta, l);
}

// A 2-byte Ethernet type at type_offset, the payload at l3_offset (Linux cooked captures).
static enum discard_reason
cooked_parse(const uint8_t *data, uint32_t len, uint32_t type_offset, uint32_t l3_offset,
	struct packet_meta *meta, struct link_layer *l)
{
	if (len < l3_offset)
		return DISCARD_L2_TRUNCATED;
	l->ether_type = be16_at(data + type_offset);
	l->l3_offset = l3_offset;
	return vlan_parse(data, len, meta, l);
}

// No link layer: the version nibble tells.
static enum discard_reason
raw_parse(const uint8_t *data, uint32_t len, struct link_layer *l)
{
	if (len < 1)
		return DISCARD_L2_TRUNCATED;
	l->l3_offset = 0;
	switch (data[0] >> 4) {
	case 4:
		l->ether_type = RTE_ETHER_TYPE_IPV4;
		return DISCARD_NONE;
	case 6:
		l->ether_type = RTE_ETHER_TYPE_IPV6;
		return DISCARD_NONE;
	default:
		return DISCARD_IP_VERSION;
	}
}

// BSD loopback: a 4-byte protocol family in the byte order of the machine that captured (NULL) or
// in network order (LOOP). Families are below 256, so the first byte tells the order.
static enum discard_reason
loopback_parse(const uint8_t *data, uint32_t len, struct link_layer *l)
{
	uint32_t family;

	if (len < 4)
		return DISCARD_L2_TRUNCATED;
	if (data[0] != 0)
		family = (uint32_t)data[0] | data[1] << 8 | data[2] << 16 | (uint32_t)data[3] << 24;
	else
		family = (uint32_t)data[0] << 24 | data[1] << 16 | data[2] << 8 | data[3];
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
link_parse(const uint8_t *data, uint32_t len, uint32_t linktype, struct packet_meta *meta,
	struct link_layer *ret)
{
	switch (linktype) {
	case LINKTYPE_ETHERNET:
		return ethernet_parse(data, len, meta, ret);
	case LINKTYPE_LINUX_SLL:
		return cooked_parse(data, len, 14, 16, meta, ret);
	case LINKTYPE_LINUX_SLL2:
		return cooked_parse(data, len, 0, 20, meta, ret);
	case LINKTYPE_RAW_BSD:
	case LINKTYPE_RAW_OPENBSD:
	case LINKTYPE_RAW:
	case LINKTYPE_IPV4:
	case LINKTYPE_IPV6:
		return raw_parse(data, len, ret);
	case LINKTYPE_NULL:
	case LINKTYPE_LOOP:
		return loopback_parse(data, len, ret);
	default:
		return DISCARD_LINKTYPE;
	}
}
