/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PACKET_PACKET_PLAIN_H
#define WEIR_PACKET_PACKET_PLAIN_H

#include <netinet/in.h>

#include <rte_branch_prediction.h>

#include "packet/packet.h"
#include "packet/view.h"

// The packet that almost every packet is: Ethernet II, IPv4 without options and not a fragment, TCP
// or UDP with their headers all there. It has every field at a fixed place, so its key is made from
// a few loads without a walk, and says the same as packet.c's walk does, which takes all the others.

#define PACKET_PLAIN_UDP 42  // bytes that have to be there
#define PACKET_PLAIN_TCP 54

// Ethernet type 0x0800, version 4 and a header of 20 bytes; neither offset nor "more fragments".
static inline bool
packet_plain_is(const uint8_t *p, uint32_t len)
{
	return len >= PACKET_PLAIN_UDP && be16_at(p + 12) == 0x0800 && p[14] == 0x45 &&
		(be16_at(p + 20) & 0x3fff) == 0 &&
		(p[23] == IPPROTO_UDP || (p[23] == IPPROTO_TCP && len >= PACKET_PLAIN_TCP));
}

// One word at a time: an array of them would be stored by words and loaded as a vector, for which the
// processor waits.
static inline void
packet_plain_store(uint8_t *to, uint64_t word)
{
	memcpy(to, &word, sizeof(word));
}

// The key's six words. An end is address and port as one number, so that the smaller one is found
// by one comparison.
static inline void
packet_plain_key(const uint8_t *p, struct packet_meta *meta)
{
	uint64_t src = (uint64_t)be32_at(p + 26) << 16 | be16_at(p + 34);
	uint64_t dst = (uint64_t)be32_at(p + 30) << 16 | be16_at(p + 36);
	uint64_t low = src > dst ? dst : src, high = src > dst ? src : dst;
	const uint64_t mapped = UINT64_C(0xffff) << 32;  // ::ffff:0:0/96

	meta->swapped = src > dst;
	packet_plain_store(meta->key.addr[0], 0);
	packet_plain_store(meta->key.addr[0] + 8, rte_cpu_to_be_64(mapped | low >> 16));
	packet_plain_store(meta->key.addr[1], 0);
	packet_plain_store(meta->key.addr[1] + 8, rte_cpu_to_be_64(mapped | high >> 16));
	meta->key.port[0] = rte_cpu_to_be_16((uint16_t)low);
	meta->key.port[1] = rte_cpu_to_be_16((uint16_t)high);
	meta->key.proto = p[23];
	meta->key.version = 4;
	meta->key.vlan_count = 0;
	meta->key.tunnel = 0;
	memset(meta->key.vlan, 0, sizeof(meta->key.vlan));
}

static inline void
packet_plain_tcp(const uint8_t *tcp, struct packet_meta *meta)
{
	uint32_t headers = 20 + (tcp[12] >> 4) * 4U;

	meta->tcp_seq = be32_at(tcp + 4);
	meta->tcp_ack = be32_at(tcp + 8);
	meta->tcp_flags = tcp[13];
	meta->tcp_payload = meta->l3_bytes > headers ? meta->l3_bytes - headers : 0;
}

// Fill *meta from an Ethernet frame of which len bytes are at p; false, with *meta as it was, if it
// is not a plain one, or may be a tunnel's: that is UDP where tunnels are followed.
static inline bool
packet_plain_parse(const uint8_t *p, uint32_t len, enum packet_tunnels tunnels,
	struct packet_meta *meta)
{
	if (unlikely(!packet_plain_is(p, len)) ||
		(tunnels != PACKET_TUNNELS_OFF && p[23] != IPPROTO_TCP))
		return false;
	packet_plain_key(p, meta);
	meta->l3_bytes = be16_at(p + 16);
	meta->l3_end = 14 + meta->l3_bytes;
	meta->ttl = p[22];
	meta->fragment = PACKET_WHOLE;
	meta->fragment_id = 0;
	meta->discard = DISCARD_NONE;
	meta->tunnel.type = TUNNEL_NONE;
	memcpy(meta->dst_mac, p, sizeof(meta->dst_mac));
	memcpy(meta->src_mac, p + 6, sizeof(meta->src_mac));
	if (p[23] == IPPROTO_TCP) {
		packet_plain_tcp(p + 34, meta);
	} else {
		meta->tcp_seq = meta->tcp_ack = meta->tcp_payload = 0;
		meta->tcp_flags = 0;
	}
	return true;
}

#endif
