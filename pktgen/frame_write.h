/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_FRAME_WRITE_H
#define WEIR_PKTGEN_FRAME_WRITE_H

#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>

#include "flow_frame.h"

// Writing a flow's next frame. In a header, so that it becomes one piece of code with the draw of
// the packet; and one piece per kind, in which all places and lengths of headers are constants.

#define FRAME_L3 RTE_ETHER_HDR_LEN
#define FRAME_L4_IP4 (FRAME_L3 + sizeof(struct rte_ipv4_hdr))
#define FRAME_L4_IP6 (FRAME_L3 + sizeof(struct rte_ipv6_hdr))
#define FRAME_ICMP_HEADER 8
#define FRAME_UDP_HEADER 8

#define FRAME_TCP_WINDOW 0xfaf0
#define FRAME_TCP_OFFSET 0x50  // five words, no options
#define FRAME_ICMP4_ECHO 8
#define FRAME_ICMP4_REPLY 0
#define FRAME_ICMP6_ECHO 128
#define FRAME_ICMP6_REPLY 129

static inline bool
frame_kind_is_ip4(uint8_t kind)
{
	return kind <= FRAME_ICMP4;
}

static inline uint32_t
frame_sum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

static inline uint16_t
frame_sum_finish(uint32_t sum)
{
	return (uint16_t)~frame_sum_fold(sum);
}

static inline uint32_t
frame_sum_words32(uint32_t v)
{
	return (v & 0xffff) + (v >> 16);
}

static inline void
frame_put16(uint8_t *to, uint16_t v)
{
	memcpy(to, &v, sizeof(v));
}

static inline void
frame_put32(uint8_t *to, uint32_t v)
{
	memcpy(to, &v, sizeof(v));
}

// Sequence numbers count all data, SYN and FIN; what the other side sent is acknowledged at once.
static inline void
frame_tcp_write(struct flow_frame *f, const struct frame_step *step, uint8_t *l4,
	uint16_t l4_bytes)
{
	unsigned int direction = step->direction;
	uint8_t flags = (uint8_t)step->flags;
	uint32_t seq = rte_cpu_to_be_32(f->sequence[direction]);
	uint32_t ack = flags & RTE_TCP_ACK_FLAG ?
		rte_cpu_to_be_32(f->sequence[direction ^ 1]) : 0;
	uint32_t sum;

	f->sequence[direction] += step->payload +
		((flags & (RTE_TCP_SYN_FLAG | RTE_TCP_FIN_FLAG)) != 0);
	frame_put32(l4 + 4, seq);
	frame_put32(l4 + 8, ack);
	l4[13] = flags;
	sum = f->sum_l4 + rte_cpu_to_be_16(l4_bytes) + frame_sum_words32(seq) +
		frame_sum_words32(ack) +
		rte_cpu_to_be_16((uint16_t)(FRAME_TCP_OFFSET << 8 | flags));
	frame_put16(l4 + 16, frame_sum_finish(sum));
}

static inline void
frame_udp_write(const struct flow_frame *f, uint8_t *l4, uint16_t l4_bytes)
{
	uint16_t length = rte_cpu_to_be_16(l4_bytes);
	uint16_t sum = frame_sum_finish(f->sum_l4 + 2u * length);

	frame_put16(l4 + 4, length);
	frame_put16(l4 + 6, sum != 0 ? sum : 0xffff);
}

static inline void
frame_icmp_write(struct flow_frame *f, unsigned int direction, uint8_t *l4, uint16_t l4_bytes,
	bool ip4)
{
	uint8_t request = ip4 ? FRAME_ICMP4_ECHO : FRAME_ICMP6_ECHO;
	uint8_t reply = ip4 ? FRAME_ICMP4_REPLY : FRAME_ICMP6_REPLY;
	uint8_t type = direction == 0 ? request : reply;
	uint16_t sequence = rte_cpu_to_be_16((uint16_t)f->sequence[direction]++);
	uint32_t sum = f->sum_l4 + sequence + rte_cpu_to_be_16((uint16_t)(type << 8)) +
		(ip4 ? 0 : rte_cpu_to_be_16(l4_bytes));

	l4[0] = type;
	frame_put16(l4 + 2, frame_sum_finish(sum));
	frame_put16(l4 + 4, (uint16_t)(f->ports & 0xffff));
	frame_put16(l4 + 6, sequence);
}

static inline void
frame_ip4_write(const struct flow_frame *f, unsigned int direction, uint8_t *to, uint32_t bytes)
{
	unsigned int turn = direction * 32;
	uint16_t length = rte_cpu_to_be_16((uint16_t)(bytes - FRAME_L3));
	uint64_t ends = (f->ip4 << turn) | (f->ip4 >> turn);  // turned around, or or-ed with itself

	frame_put16(to + FRAME_L3 + 2, length);
	frame_put16(to + FRAME_L3 + 10, frame_sum_finish((uint32_t)f->sum_ip + length));
	memcpy(to + FRAME_L3 + 12, &ends, sizeof(ends));
}

static inline void
frame_ip6_write(const struct flow_frame *f, unsigned int direction, uint8_t *to, uint32_t bytes)
{
	frame_put16(to + FRAME_L3 + 4, rte_cpu_to_be_16((uint16_t)(bytes - FRAME_L4_IP6)));
	memcpy(to + FRAME_L3 + 8, f->ip6[direction], 16);
	memcpy(to + FRAME_L3 + 24, f->ip6[direction ^ 1], 16);
}

// flow_frame_write() for a kind that is a constant where this is called.
static __rte_always_inline uint32_t
frame_kind_write(const struct frame_templates *t, struct flow_frame *f,
	const struct frame_step *step, uint8_t *to, const uint8_t kind)
{
	const unsigned int direction = step->direction;
	const bool ip4 = frame_kind_is_ip4(kind), tcp = frame_kind_is_tcp(kind),
		icmp = frame_kind_is_icmp(kind);
	const uint32_t l4_at = ip4 ? FRAME_L4_IP4 : FRAME_L4_IP6;
	const uint32_t header = tcp ? sizeof(struct rte_tcp_hdr) :
		icmp ? FRAME_ICMP_HEADER : FRAME_UDP_HEADER;
	const uint8_t *from = t->bytes[kind][direction ^ f->client_far];
	uint32_t l4_bytes = header + step->payload, l3_end = l4_at + l4_bytes;
	uint32_t bytes = RTE_MAX(l3_end, FRAME_BYTES_MIN);

	memcpy(to, from, 64);
	if (bytes > 64) {
		memcpy(to + 64, from + 64, FRAME_HEADERS_MAX - 64);
		if (bytes > FRAME_HEADERS_MAX)
			memset(to + FRAME_HEADERS_MAX, 0, bytes - FRAME_HEADERS_MAX);
	}
	if (ip4)
		frame_ip4_write(f, direction, to, l3_end);
	else
		frame_ip6_write(f, direction, to, l3_end);
	if (icmp) {
		frame_icmp_write(f, direction, to + l4_at, (uint16_t)l4_bytes, ip4);
		return bytes;
	}
	frame_put32(to + l4_at, (f->ports << direction * 16) | (f->ports >> direction * 16));
	if (tcp)
		frame_tcp_write(f, step, to + l4_at, (uint16_t)l4_bytes);
	else
		frame_udp_write(f, to + l4_at, (uint16_t)l4_bytes);
	return bytes;
}

/*
 * Write the flow's next frame to `to`, which has room for it and for FRAME_HEADERS_MAX, and count
 * its TCP sequence numbers on. Frames shorter than FRAME_BYTES_MIN are padded.
 * @return frame length without FCS
 */
static __rte_always_inline uint32_t
flow_frame_write(const struct frame_templates *t, struct flow_frame *f,
	const struct frame_step *step, uint8_t *to)
{
	switch (f->kind) {
	case FRAME_TCP4:
		return frame_kind_write(t, f, step, to, FRAME_TCP4);
	case FRAME_UDP4:
		return frame_kind_write(t, f, step, to, FRAME_UDP4);
	case FRAME_ICMP4:
		return frame_kind_write(t, f, step, to, FRAME_ICMP4);
	case FRAME_TCP6:
		return frame_kind_write(t, f, step, to, FRAME_TCP6);
	case FRAME_UDP6:
		return frame_kind_write(t, f, step, to, FRAME_UDP6);
	default:
		return frame_kind_write(t, f, step, to, FRAME_ICMP6);
	}
}

#endif
