/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_frame.h"

#include <netinet/in.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#define L3 RTE_ETHER_HDR_LEN
#define L4_IN_IP4 (L3 + sizeof(struct rte_ipv4_hdr))
#define L4_IN_IP6 (L3 + sizeof(struct rte_ipv6_hdr))
#define ICMP_HEADER 8

#define HOP_LIMIT 64
#define TCP_WINDOW 0xfaf0
#define TCP_DATA_OFFSET 0x50  // five words, no options
#define ICMP4_ECHO 8
#define ICMP4_ECHO_REPLY 0
#define ICMP6_ECHO 128
#define ICMP6_ECHO_REPLY 129

const uint8_t frame_header_bytes[FRAME_KINDS] = {
	[FRAME_TCP4] = L4_IN_IP4 + sizeof(struct rte_tcp_hdr),
	[FRAME_UDP4] = L4_IN_IP4 + sizeof(struct rte_udp_hdr),
	[FRAME_ICMP4] = L4_IN_IP4 + ICMP_HEADER,
	[FRAME_TCP6] = L4_IN_IP6 + sizeof(struct rte_tcp_hdr),
	[FRAME_UDP6] = L4_IN_IP6 + sizeof(struct rte_udp_hdr),
	[FRAME_ICMP6] = L4_IN_IP6 + ICMP_HEADER,
};
static_assert(L4_IN_IP6 + sizeof(struct rte_tcp_hdr) <= FRAME_HEADERS_MAX, "largest headers");

static inline bool
kind_is_ip4(uint8_t kind)
{
	return kind <= FRAME_ICMP4;
}

static const uint8_t kind_protocol[FRAME_KINDS] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP,
	IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6};

static inline uint32_t
sum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

static inline uint16_t
sum_finish(uint32_t sum)
{
	return (uint16_t)~sum_fold(sum);
}

static inline uint32_t
sum_words32(uint32_t v)
{
	return (v & 0xffff) + (v >> 16);
}

static inline void
put16(uint8_t *to, uint16_t v)
{
	memcpy(to, &v, sizeof(v));
}

static inline void
put32(uint8_t *to, uint32_t v)
{
	memcpy(to, &v, sizeof(v));
}

// The interfaces of the two routers are locally administered.
void
frame_ethernet_fill(uint8_t *to, bool far, uint16_t type)
{
	struct rte_ether_hdr *eth = (struct rte_ether_hdr *)to;
	const struct rte_ether_addr near_mac = {{0x02, 0, 0, 0, 0, 0x01}};
	const struct rte_ether_addr far_mac = {{0x02, 0, 0, 0, 0, 0x02}};

	eth->src_addr = far ? far_mac : near_mac;
	eth->dst_addr = far ? near_mac : far_mac;
	eth->ether_type = rte_cpu_to_be_16(type);
}

static void
ip4_fill(uint8_t *to, uint8_t proto)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(to + L3);

	frame_ethernet_fill(to, false, RTE_ETHER_TYPE_IPV4);
	ip->version_ihl = RTE_IPV4_VHL_DEF;
	ip->fragment_offset = rte_cpu_to_be_16(RTE_IPV4_HDR_DF_FLAG);
	ip->time_to_live = HOP_LIMIT;
	ip->next_proto_id = proto;
}

static void
ip6_fill(uint8_t *to, uint8_t proto)
{
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)(to + L3);

	frame_ethernet_fill(to, false, RTE_ETHER_TYPE_IPV6);
	ip->vtc_flow = rte_cpu_to_be_32(6u << 28);
	ip->proto = proto;
	ip->hop_limits = HOP_LIMIT;
}

static void
tcp_fill(uint8_t *to)
{
	struct rte_tcp_hdr *tcp = (struct rte_tcp_hdr *)to;

	tcp->data_off = TCP_DATA_OFFSET;
	tcp->rx_win = rte_cpu_to_be_16(TCP_WINDOW);
}

void
frame_templates_fill(struct frame_templates *t)
{
	memset(t, 0, sizeof(*t));
	for (unsigned int kind = 0; kind < FRAME_KINDS; kind++) {
		for (unsigned int far = 0; far < 2; far++) {
			uint8_t *to = t->bytes[kind][far];
			bool ip4 = kind_is_ip4((uint8_t)kind);

			if (ip4)
				ip4_fill(to, kind_protocol[kind]);
			else
				ip6_fill(to, kind_protocol[kind]);
			frame_ethernet_fill(to, far,
				ip4 ? RTE_ETHER_TYPE_IPV4 : RTE_ETHER_TYPE_IPV6);
			if (kind_protocol[kind] == IPPROTO_TCP)
				tcp_fill(to + (ip4 ? L4_IN_IP4 : L4_IN_IP6));
		}
	}
}

static uint8_t
kind_of(const struct flow_ends *ends)
{
	uint8_t kind = ends->ip_proto == IPPROTO_TCP ? FRAME_TCP4 :
		ends->ip_proto == IPPROTO_UDP ? FRAME_UDP4 : FRAME_ICMP4;

	return ends->client.version == 4 ? kind : kind + FRAME_TCP6;
}

// Sums of what stays the same over the flow's packets in either direction.
static void
sums_fill(struct flow_frame *f)
{
	uint8_t proto = kind_protocol[f->kind];
	uint32_t l4 = sum_words32(f->ports);

	if (proto == IPPROTO_TCP)
		l4 += rte_cpu_to_be_16(TCP_WINDOW);
	if (proto != IPPROTO_ICMP) {
		for (unsigned int i = 0; i < sizeof(f->ip6); i += 2) {
			uint16_t word;

			memcpy(&word, (const uint8_t *)f->ip6 + i, sizeof(word));
			l4 += word;
		}
		l4 += rte_cpu_to_be_16(proto);
	}
	f->sum_l4 = (uint16_t)sum_fold(l4);
	if (kind_is_ip4(f->kind))
		f->sum_ip = (uint16_t)sum_fold(sum_words32((uint32_t)f->ip4) +
			sum_words32((uint32_t)(f->ip4 >> 32)) +
			rte_cpu_to_be_16(RTE_IPV4_VHL_DEF << 8) +
			rte_cpu_to_be_16(RTE_IPV4_HDR_DF_FLAG) +
			rte_cpu_to_be_16((uint16_t)(HOP_LIMIT << 8 | proto)));
}

void
flow_frame_fill(struct flow_frame *f, const struct flow_ends *ends)
{
	uint16_t ports[2] = {rte_cpu_to_be_16(ends->client_port),
		rte_cpu_to_be_16(ends->server_port)};

	memset(f, 0, sizeof(*f));
	f->kind = kind_of(ends);
	if (ends->client.version == 4) {
		memcpy((uint8_t *)f->ip6, ends->client.bytes, 4);
		memcpy((uint8_t *)f->ip6 + 4, ends->server.bytes, 4);
	} else {
		memcpy(f->ip6[0], ends->client.bytes, 16);
		memcpy(f->ip6[1], ends->server.bytes, 16);
	}
	memcpy(&f->ports, ports, sizeof(f->ports));
	memcpy(f->sequence, ends->sequence, sizeof(f->sequence));
	f->client_far = ends->client_far;
	sums_fill(f);
}

void
flow_frame_port_set(struct flow_frame *f, uint16_t client_port)
{
	uint16_t ports[2];

	memcpy(ports, &f->ports, sizeof(ports));
	// One's complement: the old port is taken out of the sum by adding its inverse.
	f->sum_l4 = (uint16_t)sum_fold((uint32_t)f->sum_l4 + (uint16_t)~ports[0] + client_port);
	ports[0] = client_port;
	memcpy(&f->ports, ports, sizeof(ports));
}

uint16_t
flow_frame_client_port(const struct flow_frame *f)
{
	uint16_t ports[2];

	memcpy(ports, &f->ports, sizeof(ports));
	return ports[0];
}

// Sequence numbers count all data, SYN and FIN; what the other side sent is acknowledged at once.
static inline void
tcp_write(struct flow_frame *f, const struct frame_step *step, uint8_t *l4, uint16_t l4_bytes)
{
	unsigned int direction = step->direction;
	uint8_t flags = (uint8_t)step->flags;
	uint32_t seq = rte_cpu_to_be_32(f->sequence[direction]);
	uint32_t ack = flags & RTE_TCP_ACK_FLAG ?
		rte_cpu_to_be_32(f->sequence[direction ^ 1]) : 0;
	uint32_t sum;

	f->sequence[direction] += step->payload +
		((flags & (RTE_TCP_SYN_FLAG | RTE_TCP_FIN_FLAG)) != 0);
	put32(l4 + 4, seq);
	put32(l4 + 8, ack);
	l4[13] = flags;
	sum = f->sum_l4 + rte_cpu_to_be_16(l4_bytes) + sum_words32(seq) + sum_words32(ack) +
		rte_cpu_to_be_16((uint16_t)(TCP_DATA_OFFSET << 8 | flags));
	put16(l4 + 16, sum_finish(sum));
}

static inline void
udp_write(const struct flow_frame *f, uint8_t *l4, uint16_t l4_bytes)
{
	uint16_t length = rte_cpu_to_be_16(l4_bytes);
	uint16_t sum = sum_finish(f->sum_l4 + 2u * length);

	put16(l4 + 4, length);
	put16(l4 + 6, sum != 0 ? sum : 0xffff);
}

static inline void
icmp_write(struct flow_frame *f, unsigned int direction, uint8_t *l4, uint16_t l4_bytes, bool ip4)
{
	uint8_t request = ip4 ? ICMP4_ECHO : ICMP6_ECHO;
	uint8_t reply = ip4 ? ICMP4_ECHO_REPLY : ICMP6_ECHO_REPLY;
	uint8_t type = direction == 0 ? request : reply;
	uint16_t sequence = rte_cpu_to_be_16((uint16_t)f->sequence[direction]++);
	uint32_t sum = f->sum_l4 + sequence + rte_cpu_to_be_16((uint16_t)(type << 8)) +
		(ip4 ? 0 : rte_cpu_to_be_16(l4_bytes));

	l4[0] = type;
	put16(l4 + 2, sum_finish(sum));
	put16(l4 + 4, (uint16_t)(f->ports & 0xffff));
	put16(l4 + 6, sequence);
}

static inline void
ip4_write(const struct flow_frame *f, unsigned int direction, uint8_t *to, uint32_t bytes)
{
	unsigned int turn = direction * 32;
	uint16_t length = rte_cpu_to_be_16((uint16_t)(bytes - L3));
	uint64_t ends = (f->ip4 << turn) | (f->ip4 >> turn);  // turned around, or or-ed with itself

	put16(to + L3 + 2, length);
	put16(to + L3 + 10, sum_finish((uint32_t)f->sum_ip + length));
	memcpy(to + L3 + 12, &ends, sizeof(ends));
}

static inline void
ip6_write(const struct flow_frame *f, unsigned int direction, uint8_t *to, uint32_t bytes)
{
	put16(to + L3 + 4, rte_cpu_to_be_16((uint16_t)(bytes - L4_IN_IP6)));
	memcpy(to + L3 + 8, f->ip6[direction], 16);
	memcpy(to + L3 + 24, f->ip6[direction ^ 1], 16);
}

uint32_t
flow_frame_write(const struct frame_templates *t, struct flow_frame *f,
	const struct frame_step *step, uint8_t *to)
{
	unsigned int direction = step->direction;
	const uint8_t *from = t->bytes[f->kind][direction ^ f->client_far];
	bool ip4 = kind_is_ip4(f->kind);
	uint32_t l4_at = ip4 ? L4_IN_IP4 : L4_IN_IP6;
	uint32_t l3_end = frame_header_bytes[f->kind] + step->payload;
	uint32_t bytes = RTE_MAX(l3_end, FRAME_BYTES_MIN), ports;

	memcpy(to, from, 64);
	if (bytes > 64) {
		memcpy(to + 64, from + 64, FRAME_HEADERS_MAX - 64);
		if (bytes > FRAME_HEADERS_MAX)
			memset(to + FRAME_HEADERS_MAX, 0, bytes - FRAME_HEADERS_MAX);
	}
	if (ip4)
		ip4_write(f, direction, to, l3_end);
	else
		ip6_write(f, direction, to, l3_end);
	switch (kind_protocol[f->kind]) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		ports = (f->ports << direction * 16) | (f->ports >> direction * 16);
		put32(to + l4_at, ports);
		if (kind_protocol[f->kind] == IPPROTO_TCP)
			tcp_write(f, step, to + l4_at, (uint16_t)(l3_end - l4_at));
		else
			udp_write(f, to + l4_at, (uint16_t)(l3_end - l4_at));
		break;
	default:
		icmp_write(f, direction, to + l4_at, (uint16_t)(l3_end - l4_at), ip4);
	}
	return bytes;
}
