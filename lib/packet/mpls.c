/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_ether.h>
#include <rte_ip.h>

#include "packet/shim.h"

// MPLS (RFC 3032): labels of 4 bytes, the last one marked, then the payload. Nothing in the packet
// says what that is; only the two ends of the path know. Common practice, in routers that spread
// load and in protocol analyzers, looks at the first nibble: 4 and 6 are IP (RFC 4928).
//
// Ethernet pseudowires (RFC 4448) carry a frame, with or without a 4-byte control word before it
// whose first nibble is 0. A MAC address may begin with any nibble, so a frame is looked for at
// both places and taken if that leads to one credible IP header and not to two. Whatever else,
// associated channels (RFC 5586, nibble 1) and frames without IP among it, is DISCARD_MPLS_PAYLOAD.

#define MPLS_LABEL 4
#define MPLS_CONTROL_WORD 4
#define MPLS_BOTTOM 0x01  // in the third byte of a label

// Version, header length, total length, and the checksum, where there is one (RFC 1071).
static bool
ipv4_is_credible(const struct view *v, uint32_t o)
{
	const uint8_t *ip = v->data + o;
	uint32_t header, sum = 0;

	if (!view_has(v, o, sizeof(struct rte_ipv4_hdr)) || ip[0] >> 4 != 4)
		return false;
	header = (ip[0] & 15U) * 4;
	if (header < sizeof(struct rte_ipv4_hdr) || !view_has(v, o, header))
		return false;
	if (be16_at(ip + 10) == 0)
		return be16_at(ip + 2) >= header;
	for (uint32_t i = 0; i < header; i += 2)
		sum += be16_at(ip + i);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static bool
ipv6_is_credible(const struct view *v, uint32_t o)
{
	return view_has(v, o, sizeof(struct rte_ipv6_hdr)) && v->data[o] >> 4 == 6;
}

uint32_t
ethernet_find_ip(const struct view *v, uint32_t offset)
{
	uint32_t o = offset + 2 * RTE_ETHER_ADDR_LEN;

	while (view_has(v, o, 2)) {
		switch (be16_at(v->data + o)) {
		case RTE_ETHER_TYPE_VLAN:
		case RTE_ETHER_TYPE_QINQ:
		case LINK_TYPE_QINQ_OLD:
			o += 4;
			break;
		case RTE_ETHER_TYPE_IPV4:
			return ipv4_is_credible(v, o + 2) ? o + 2 : 0;
		case RTE_ETHER_TYPE_IPV6:
			return ipv6_is_credible(v, o + 2) ? o + 2 : 0;
		default:
			return 0;
		}
	}
	return 0;
}

// Past the bottom of the stack; false if it is not there.
static bool
labels_skip(const struct view *v, uint32_t *o)
{
	bool bottom = false;

	while (!bottom) {
		if (!view_has(v, *o, MPLS_LABEL))
			return false;
		bottom = (v->data[*o + 2] & MPLS_BOTTOM) != 0;
		*o += MPLS_LABEL;
	}
	return true;
}

static enum discard_reason
pseudowire_parse(const struct view *v, uint32_t o, struct packet_meta *meta, struct link_layer *l)
{
	memcpy(meta->dst_mac, v->data + o, RTE_ETHER_ADDR_LEN);
	memcpy(meta->src_mac, v->data + o + RTE_ETHER_ADDR_LEN, RTE_ETHER_ADDR_LEN);
	l->ether_type = be16_at(v->data + o + 2 * RTE_ETHER_ADDR_LEN);
	l->l3_offset = o + RTE_ETHER_HDR_LEN;
	return DISCARD_NONE;
}

enum discard_reason
mpls_parse(const struct view *v, struct packet_meta *meta, struct link_layer *l)
{
	uint32_t o = l->l3_offset;
	uint32_t bare, controlled;  // IP headers of frames without and with a control word
	uint8_t nibble;

	if (!labels_skip(v, &o) || !view_has(v, o, 1))
		return DISCARD_L2_TRUNCATED;
	nibble = v->data[o] >> 4;
	bare = ethernet_find_ip(v, o);
	controlled = nibble == 0 ? ethernet_find_ip(v, o + MPLS_CONTROL_WORD) : 0;
	if (bare != 0 && (controlled == 0 || controlled == bare))
		return pseudowire_parse(v, o, meta, l);
	if (bare == 0 && controlled != 0)
		return pseudowire_parse(v, o + MPLS_CONTROL_WORD, meta, l);
	if (bare == 0 && (nibble == 4 || nibble == 6))
		return link_raw_parse(v, o, l);
	return DISCARD_MPLS_PAYLOAD;
}
