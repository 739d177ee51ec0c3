/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_FLOW_FRAME_H
#define WEIR_PKTGEN_FLOW_FRAME_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#include "address.h"

// A flow as the generator lcore keeps it, and its frames.
//
// One cache line holds all that tells a flow from another of its kind; what frames of a kind have
// in common is one template per kind that stays in the first-level cache. So a packet costs one
// line of the flow table, whatever the number of flows.
//
// Checksums are one's complement sums (RFC 1071), which do not depend on the order of the words:
// the sum over addresses and ports is the same in both directions. It is made once per flow; a
// packet adds its length, sequence numbers and flags.

enum frame_kind {
	FRAME_TCP4,
	FRAME_UDP4,
	FRAME_ICMP4,
	FRAME_TCP6,
	FRAME_UDP6,
	FRAME_ICMP6,
	FRAME_KINDS,
};

#define FRAME_HEADERS_MAX 80  // Ethernet, IPv6 and TCP are 74
#define FRAME_BYTES_MIN 60u

struct flow_frame {
	union {
		uint8_t ip6[2][16];  // client, server
		uint64_t ip4;        // client and server, as in a header from the client
	};
	uint32_t ports;       // client and server port, as in a header from the client; ICMP: id
	uint16_t sum_ip;      // IPv4 header without its length
	uint16_t sum_l4;      // pseudo header and L4 header without what changes
	uint32_t sequence[2]; // next of either direction; written by the generator lcore
	uint32_t end;         // when it ends, by conversation.h; written as above
	uint32_t message;     // payload bytes left of the message that is on its way; as above
	uint16_t port_at;     // place of the client port in its list; as above
	uint8_t state;        // of the conversation; as above
	uint8_t kind;         // enum frame_kind
	uint8_t client_far;   // 1: the client is the peer, 0: the weighted address
	uint8_t reserved[3];
} __rte_aligned(RTE_CACHE_LINE_MIN_SIZE);
static_assert(sizeof(struct flow_frame) == 64, "a flow is one cache line");

struct frame_templates {
	// [1]: from the peers' side to the weighted addresses' side
	uint8_t bytes[FRAME_KINDS][2][FRAME_HEADERS_MAX];
};

struct flow_ends {
	struct address client;
	struct address server;
	uint16_t client_port;  // ICMP: the echo identifier
	uint16_t server_port;  // ICMP: 0
	uint8_t ip_proto;      // IPPROTO_TCP, _UDP, _ICMP or _ICMPV6, fitting the IP version
	uint8_t client_far;
	uint32_t sequence[2];  // first TCP sequence numbers
};

// What the next packet of a flow is.
struct frame_step {
	uint32_t direction;  // 0 from the client, 1 from the server
	uint32_t payload;    // bytes after the L4 header
	uint32_t flags;      // of TCP
};

void frame_templates_fill(struct frame_templates *t);
void flow_frame_fill(struct flow_frame *f, const struct flow_ends *ends);

// The Ethernet header between the two routers that this traffic passes; far: from the peers' side.
void frame_ethernet_fill(uint8_t *to, bool far, uint16_t type);

// Another client port, in network order; what depends on it follows.
void flow_frame_port_set(struct flow_frame *f, uint16_t client_port);

// The client port, in network order.
uint16_t flow_frame_client_port(const struct flow_frame *f);

static inline bool
frame_kind_is_tcp(uint8_t kind)
{
	return kind == FRAME_TCP4 || kind == FRAME_TCP6;
}

static inline bool
frame_kind_is_icmp(uint8_t kind)
{
	return kind == FRAME_ICMP4 || kind == FRAME_ICMP6;
}

// Bytes of Ethernet, IP and L4 header.
extern const uint8_t frame_header_bytes[FRAME_KINDS];

#endif
