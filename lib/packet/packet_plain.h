/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PACKET_PACKET_PLAIN_H
#define WEIR_PACKET_PACKET_PLAIN_H

#include <assert.h>
#include <netinet/in.h>
#include <stddef.h>

#include <rte_branch_prediction.h>
#include <rte_ether.h>

#include "packet/packet.h"
#include "packet/view.h"

// The packet that almost every packet is: Ethernet II, IPv4 without options and not a fragment, TCP
// or UDP with their headers all there. It has every field at a fixed place, so its key is made from
// a few loads without a walk, and says the same as packet_walk() does, which takes all the others.

#define PACKET_PLAIN_UDP 42  // bytes that have to be there
#define PACKET_PLAIN_TCP 54

// Words of memory, as they are: the processor waits where it loads what lies in several stores that
// are still under way, and a key is hashed and compared by words of 8 bytes.
static inline uint32_t
packet_plain_load(const uint8_t *p)
{
	uint32_t half;

	memcpy(&half, p, sizeof(half));
	return half;
}

static inline uint64_t
packet_plain_word(uint32_t first, uint32_t second)
{
	return RTE_BYTE_ORDER == RTE_LITTLE_ENDIAN ? (uint64_t)second << 32 | first :
		(uint64_t)first << 32 | second;
}

static inline void
packet_plain_store(uint8_t *to, uint64_t word)
{
	memcpy(to, &word, sizeof(word));
}

// Ethernet type 0x0800, version 4 and a header of 20 bytes; neither offset nor "more fragments".
static inline bool
packet_plain_is(const uint8_t *p, uint32_t len)
{
	return len >= PACKET_PLAIN_UDP &&
		(packet_plain_load(p + 12) & RTE_BE32(0xffffff00)) == RTE_BE32(0x08004500) &&
		(packet_plain_load(p + 20) & RTE_BE32(0x3fff0000)) == 0 &&
		(p[23] == IPPROTO_UDP || (p[23] == IPPROTO_TCP && len >= PACKET_PLAIN_TCP));
}

// The key's six words; the end with the smaller address comes first, ports decide between equal
// ones. Which one it is cannot be foreseen: they change places by arithmetic, without a branch.
static inline void
packet_plain_key(const uint8_t *p, struct packet_meta *meta)
{
	const uint32_t mapped = RTE_BE32(0xffff);  // ::ffff:0:0/96
	uint32_t src = packet_plain_load(p + 26), dst = packet_plain_load(p + 30);
	uint32_t ports = packet_plain_load(p + 34);
	bool swapped = rte_be_to_cpu_32(src) > rte_be_to_cpu_32(dst);
	uint8_t *key = (uint8_t *)&meta->key;
	uint32_t differs;

	if (unlikely(src == dst))
		swapped = be16_at(p + 34) > be16_at(p + 36);
	meta->swapped = swapped;
	differs = (src ^ dst) & -(uint32_t)swapped;
	packet_plain_store(key, 0);
	packet_plain_store(key + 8, packet_plain_word(mapped, src ^ differs));
	packet_plain_store(key + 16, 0);
	packet_plain_store(key + 24, packet_plain_word(mapped, dst ^ differs));
	// Ports, protocol, version; neither VLAN tags nor a tunnel.
	differs = (ports ^ (ports << 16 | ports >> 16)) & -(uint32_t)swapped;
	packet_plain_store(key + 32, packet_plain_word(ports ^ differs,
		rte_cpu_to_be_32((uint32_t)p[23] << 24 | 4 << 16)));
	packet_plain_store(key + 40, 0);
}
static_assert(offsetof(struct flow_key, port) == 32 && offsetof(struct flow_key, proto) == 36 &&
	offsetof(struct flow_key, version) == 37, "the fifth word of a key");

static inline void
packet_plain_tcp(const uint8_t *tcp, struct packet_meta *meta)
{
	uint32_t headers = 20 + (tcp[12] >> 4) * 4U;

	meta->tcp_seq = be32_at(tcp + 4);
	meta->tcp_ack = be32_at(tcp + 8);
	meta->tcp_flags = tcp[13];
	meta->tcp_payload = meta->l3_bytes > headers ? meta->l3_bytes - headers : 0;
}

// Fill *meta from a frame that packet_plain_is(), of which the first bytes are at p.
static inline void
packet_plain_fill(const uint8_t *p, struct packet_meta *meta)
{
	packet_plain_key(p, meta);
	meta->l3_bytes = be16_at(p + 16);
	meta->l3_end = 14 + meta->l3_bytes;
	meta->ttl = p[22];
	meta->fragment = PACKET_WHOLE;
	meta->fragment_id = 0;
	meta->discard = DISCARD_NONE;
	meta->tunnel.type = TUNNEL_NONE;
	memcpy((uint8_t *)meta + offsetof(struct packet_meta, dst_mac), p, 2 * RTE_ETHER_ADDR_LEN);
	if (p[23] == IPPROTO_TCP) {
		packet_plain_tcp(p + 34, meta);
	} else {
		meta->tcp_seq = 0;
		meta->tcp_ack = 0;
		meta->tcp_payload = 0;
		meta->tcp_flags = 0;
	}
}

// Is m one that packet_plain_fill() takes? UDP may be a tunnel's where those are followed.
static inline bool
packet_is_plain(const struct rte_mbuf *m, uint32_t linktype, enum packet_tunnels tunnels)
{
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);

	return m->nb_segs == 1 && linktype == LINKTYPE_ETHERNET &&
		packet_plain_is(p, rte_pktmbuf_data_len(m)) &&
		(tunnels == PACKET_TUNNELS_OFF || p[23] == IPPROTO_TCP);
}

// Any packet, header by header: what packet_parse() does with those that are not plain.
enum discard_reason packet_walk(const struct rte_mbuf *m, uint32_t linktype,
	enum packet_tunnels tunnels, struct packet_meta *ret);

#endif
