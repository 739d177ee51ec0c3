/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_FRAME_BUILD_H
#define WEIR_TEST_FRAME_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "packet/packet.h"

// Frames put together header by header, in the order in which they are on the wire; lengths and
// next types are what the test says, right or wrong.

struct frame {
	uint8_t byte[8192];
	size_t len;
};

void frame_put(struct frame *f, const void *bytes, size_t n);
void frame_zeros(struct frame *f, size_t n);
void frame_be16(struct frame *f, uint16_t v);
void frame_be32(struct frame *f, uint32_t v);
void frame_hex(struct frame *f, const char *hex);  // spaces between bytes are skipped

// 02:00:00:00:00:0b <- 02:00:00:00:00:0a
void frame_ether(struct frame *f, uint16_t type);
void frame_vlan(struct frame *f, uint16_t tci, uint16_t next_type);

struct ipv4_fields {
	uint8_t proto;
	uint8_t header_words;  // 0: 5
	uint16_t total;        // 0: header and 20 bytes
	uint16_t fragment;     // flags and offset field
	uint8_t src, dst;      // 10.0.0.x; 0: 1 and 2
};

void frame_ipv4(struct frame *f, const struct ipv4_fields *ip);
// 2001:db8::1 -> 2001:db8::2, hop limit 55
void frame_ipv6(struct frame *f, uint8_t next, uint16_t payload);
// An extension header of 8 * (units + 1) bytes
void frame_extension(struct frame *f, uint8_t next, uint8_t units);
void frame_ipv6_fragment(struct frame *f, uint8_t next, uint16_t offset_field);
// An authentication header of 4 * (words + 2) bytes
void frame_ah(struct frame *f, uint8_t next, uint8_t words);

struct tcp_fields {
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint8_t flags;
	uint8_t header_words;  // 0: 5
};

void frame_tcp(struct frame *f, const struct tcp_fields *tcp);
void frame_ports(struct frame *f, uint16_t sport, uint16_t dport, size_t header_bytes);

/*
 * Parse the first `len` bytes of f, with a page that faults behind them: as one segment, and cut
 * in two at every byte and into single bytes, which must come to the same (checked here). Also
 * checked: fields that are the caller's are left alone, and all others are written.
 */
enum discard_reason frame_parse_cut(const struct frame *f, size_t len, uint32_t linktype,
	struct packet_meta *ret);
enum discard_reason frame_parse(const struct frame *f, uint32_t linktype, struct packet_meta *ret);
// The same with tunnels decapsulated, Ethernet.
enum discard_reason frame_parse_tunnel(const struct frame *f, size_t len, struct packet_meta *ret);

// Same outcome, same fields.
void meta_equal(const struct packet_meta *a, const struct packet_meta *b);

// The port of the packet's source and of its destination, host order.
uint16_t meta_sport(const struct packet_meta *m);
uint16_t meta_dport(const struct packet_meta *m);

#endif
