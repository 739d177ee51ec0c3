/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PACKET_PACKET_H
#define WEIR_PACKET_PACKET_H

#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include "base/ledger.h"
#include "packet/flow_key.h"
#include "packet/tunnel.h"

// mbuf -> struct packet_meta: everything later stages want to know about a packet, and nothing
// that is still in it. Pure, no allocation; every outcome is DISCARD_NONE or a named reason.

// Link types as captures number them (tcpdump.org/linktypes.html); ports are Ethernet.
enum linktype {
	LINKTYPE_NULL = 0,
	LINKTYPE_ETHERNET = 1,
	LINKTYPE_RAW_BSD = 12,
	LINKTYPE_RAW_OPENBSD = 14,
	LINKTYPE_RAW = 101,
	LINKTYPE_LOOP = 108,
	LINKTYPE_LINUX_SLL = 113,
	LINKTYPE_IPV4 = 228,
	LINKTYPE_IPV6 = 229,
	LINKTYPE_LINUX_SLL2 = 276,
};

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

// What part of its datagram a packet is.
enum packet_fragment {
	PACKET_WHOLE,
	PACKET_FRAGMENT_FIRST,  // has the ports, more follow
	PACKET_FRAGMENT_LATER,  // from the middle or the end
};

struct packet_meta {
	struct flow_key key;
	uint64_t hash;        // of key, filled by the flow table
	uint64_t ts_us;       // filled by the caller: the port's clock or the capture's time stamp
	uint32_t wire_bytes;  // frame bytes on the wire, filled by the caller
	uint32_t l3_bytes;    // IPv4 total length, IPv6 or jumbo payload length + 40
	uint32_t l3_end;      // where the outermost IP packet ends in the frame, by its header; of
			      // jumbograms PACKET_L3_BELIEVED bytes at most
	uint32_t tcp_seq;
	uint32_t tcp_ack;
	uint32_t tcp_payload;  // TCP payload bytes by the IP header's length
	uint32_t fragment_id;  // IPv4 or IPv6 identification, host order; 0 for PACKET_WHOLE
	uint8_t tcp_flags;
	uint8_t ttl;          // TTL or hop limit
	uint8_t swapped;      // the packet's source is key.addr[1]
	uint8_t fragment;     // enum packet_fragment
	uint8_t discard;      // enum discard_reason; nothing else is valid unless DISCARD_NONE
	uint8_t dst_mac[6];   // of the innermost Ethernet header, zero where there is none
	uint8_t src_mac[6];   // right behind it, as in a frame
	struct packet_tunnel tunnel;  // what the packet was in; only `type` is valid when that is 0
};

// Which of several IP headers a packet's flow is made of.
enum packet_tunnels {
	PACKET_TUNNELS_OFF,          // the outermost
	PACKET_TUNNELS_DECAPSULATE,  // the innermost that tunnels lead to: see tunnel_follow.h
};

/*
 * Parse the headers of m within its first PACKET_PARSE_BYTES, so that a packet costs a bounded walk
 * and the outcome does not depend on how it is cut into segments; bytes beyond are not there.
 * Fills every field of *ret that is not marked "by the caller"; returns what it put in
 * ret->discard. Ports are 0 for later fragments, for protocols without ports and where fewer
 * bytes were captured than the protocol's fixed header (TCP 20, UDP 8, UDP-Lite and SCTP 4).
 */
enum discard_reason packet_parse(const struct rte_mbuf *m, uint32_t linktype,
	enum packet_tunnels tunnels, struct packet_meta *ret);

#define PACKET_PARSE_BYTES 2048
#define PACKET_L3_BELIEVED 262144U  // as much as captures are believed on the length of a frame

// Give a packet other ports than it was parsed with: source, destination. Its key's ends may have to
// change places; nothing else changes but `hash`, which the caller has to compute.
void packet_ports_set(struct packet_meta *meta, rte_be16_t sport, rte_be16_t dport);

// What a capture file knows of a packet and a port does not; it travels in a dynamic mbuf field.
struct packet_capture_info {
	uint64_t ts_us;       // microseconds since the Unix epoch
	uint32_t wire_bytes;
	uint32_t linktype;    // any number, see enum linktype
};

// Register the dynamic field (idempotent). Returns its offset, or -errno.
int packet_capture_info_register(void);

static inline struct packet_capture_info *
packet_capture_info(struct rte_mbuf *m, int offset)
{
	return RTE_MBUF_DYNFIELD(m, offset, struct packet_capture_info *);
}

#endif
