/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_frame.h"

#include <netinet/in.h>

#include <rte_udp.h>

#include "frame_write.h"

#define HOP_LIMIT 64

const uint8_t frame_header_bytes[FRAME_KINDS] = {
	[FRAME_TCP4] = FRAME_L4_IP4 + sizeof(struct rte_tcp_hdr),
	[FRAME_UDP4] = FRAME_L4_IP4 + sizeof(struct rte_udp_hdr),
	[FRAME_ICMP4] = FRAME_L4_IP4 + FRAME_ICMP_HEADER,
	[FRAME_TCP6] = FRAME_L4_IP6 + sizeof(struct rte_tcp_hdr),
	[FRAME_UDP6] = FRAME_L4_IP6 + sizeof(struct rte_udp_hdr),
	[FRAME_ICMP6] = FRAME_L4_IP6 + FRAME_ICMP_HEADER,
};
static_assert(FRAME_L4_IP6 + sizeof(struct rte_tcp_hdr) <= FRAME_HEADERS_MAX, "largest headers");

static const uint8_t kind_protocol[FRAME_KINDS] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP,
	IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6};

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
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(to + FRAME_L3);

	frame_ethernet_fill(to, false, RTE_ETHER_TYPE_IPV4);
	ip->version_ihl = RTE_IPV4_VHL_DEF;
	ip->fragment_offset = rte_cpu_to_be_16(RTE_IPV4_HDR_DF_FLAG);
	ip->time_to_live = HOP_LIMIT;
	ip->next_proto_id = proto;
}

static void
ip6_fill(uint8_t *to, uint8_t proto)
{
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)(to + FRAME_L3);

	frame_ethernet_fill(to, false, RTE_ETHER_TYPE_IPV6);
	ip->vtc_flow = rte_cpu_to_be_32(6u << 28);
	ip->proto = proto;
	ip->hop_limits = HOP_LIMIT;
}

static void
tcp_fill(uint8_t *to)
{
	struct rte_tcp_hdr *tcp = (struct rte_tcp_hdr *)to;

	tcp->data_off = FRAME_TCP_OFFSET;
	tcp->rx_win = rte_cpu_to_be_16(FRAME_TCP_WINDOW);
}

void
frame_templates_fill(struct frame_templates *t)
{
	memset(t, 0, sizeof(*t));
	for (unsigned int kind = 0; kind < FRAME_KINDS; kind++) {
		for (unsigned int far = 0; far < 2; far++) {
			uint8_t *to = t->bytes[kind][far];
			bool ip4 = frame_kind_is_ip4((uint8_t)kind);

			if (ip4)
				ip4_fill(to, kind_protocol[kind]);
			else
				ip6_fill(to, kind_protocol[kind]);
			frame_ethernet_fill(to, far,
				ip4 ? RTE_ETHER_TYPE_IPV4 : RTE_ETHER_TYPE_IPV6);
			if (kind_protocol[kind] == IPPROTO_TCP)
				tcp_fill(to + (ip4 ? FRAME_L4_IP4 : FRAME_L4_IP6));
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
	uint32_t l4 = frame_sum_words32(f->ports);

	if (proto == IPPROTO_TCP)
		l4 += rte_cpu_to_be_16(FRAME_TCP_WINDOW);
	if (proto != IPPROTO_ICMP) {
		for (unsigned int i = 0; i < sizeof(f->ip6); i += 2) {
			uint16_t word;

			memcpy(&word, (const uint8_t *)f->ip6 + i, sizeof(word));
			l4 += word;
		}
		l4 += rte_cpu_to_be_16(proto);
	}
	f->sum_l4 = (uint16_t)frame_sum_fold(l4);
	if (frame_kind_is_ip4(f->kind))
		f->sum_ip = (uint16_t)frame_sum_fold(frame_sum_words32((uint32_t)f->ip4) +
			frame_sum_words32((uint32_t)(f->ip4 >> 32)) +
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
	f->sum_l4 = (uint16_t)frame_sum_fold((uint32_t)f->sum_l4 + (uint16_t)~ports[0] + client_port);
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
