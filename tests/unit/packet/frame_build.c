/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "eal_support.h"

void
frame_put(struct frame *f, const void *bytes, size_t n)
{
	assert_true(f->len + n <= sizeof(f->byte));
	memcpy(f->byte + f->len, bytes, n);
	f->len += n;
}

void
frame_zeros(struct frame *f, size_t n)
{
	assert_true(f->len + n <= sizeof(f->byte));
	memset(f->byte + f->len, 0, n);
	f->len += n;
}

void
frame_be16(struct frame *f, uint16_t v)
{
	frame_put(f, (uint8_t[]){(uint8_t)(v >> 8), (uint8_t)v}, 2);
}

void
frame_be32(struct frame *f, uint32_t v)
{
	frame_be16(f, (uint16_t)(v >> 16));
	frame_be16(f, (uint16_t)v);
}

void
frame_hex(struct frame *f, const char *hex)
{
	for (; *hex != '\0'; hex += *hex == ' ' ? 1 : 2) {
		char digits[3] = {hex[0], hex[1], '\0'}, *end;
		uint8_t byte = (uint8_t)strtoul(digits, &end, 16);

		if (*hex == ' ')
			continue;
		assert_true(*end == '\0');
		frame_put(f, &byte, 1);
	}
}

void
frame_ether(struct frame *f, uint16_t type)
{
	frame_put(f, (uint8_t[]){2, 0, 0, 0, 0, 0xb, 2, 0, 0, 0, 0, 0xa}, 12);
	frame_be16(f, type);
}

void
frame_vlan(struct frame *f, uint16_t tci, uint16_t next_type)
{
	frame_be16(f, tci);
	frame_be16(f, next_type);
}

void
frame_ipv4(struct frame *f, const struct ipv4_fields *ip)
{
	uint8_t words = ip->header_words != 0 ? ip->header_words : 5;

	frame_put(f, (uint8_t[]){(uint8_t)(0x40 | words), 0}, 2);
	frame_be16(f, ip->total != 0 ? ip->total : (uint16_t)(words * 4 + 20));
	frame_be16(f, 0x1234);
	frame_be16(f, ip->fragment);
	frame_put(f, (uint8_t[]){64, ip->proto, 0, 0}, 4);
	frame_put(f, (uint8_t[]){10, 0, 0, ip->src != 0 ? ip->src : 1}, 4);
	frame_put(f, (uint8_t[]){10, 0, 0, ip->dst != 0 ? ip->dst : 2}, 4);
	if (words > 5)
		frame_zeros(f, (words - 5) * 4U);
}

void
frame_ipv6(struct frame *f, uint8_t next, uint16_t payload)
{
	uint8_t address[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};

	frame_be32(f, 0x60000000);
	frame_be16(f, payload);
	frame_put(f, (uint8_t[]){next, 55}, 2);
	frame_put(f, address, 16);
	address[15] = 2;
	frame_put(f, address, 16);
}

void
frame_extension(struct frame *f, uint8_t next, uint8_t units)
{
	frame_put(f, (uint8_t[]){next, units}, 2);
	frame_zeros(f, units * 8U + 6);
}

void
frame_ipv6_fragment(struct frame *f, uint8_t next, uint16_t offset_field)
{
	frame_put(f, (uint8_t[]){next, 0xff}, 2);  // the second byte is reserved, not a length
	frame_be16(f, offset_field);
	frame_be32(f, 0x12345678);
}

void
frame_ah(struct frame *f, uint8_t next, uint8_t words)
{
	frame_put(f, (uint8_t[]){next, words}, 2);
	frame_zeros(f, words * 4U + 6);
}

void
frame_tcp(struct frame *f, const struct tcp_fields *tcp)
{
	uint8_t words = tcp->header_words != 0 ? tcp->header_words : 5;

	frame_be16(f, tcp->sport);
	frame_be16(f, tcp->dport);
	frame_be32(f, tcp->seq);
	frame_be32(f, tcp->ack);
	frame_put(f, (uint8_t[]){(uint8_t)(words << 4), tcp->flags}, 2);
	frame_zeros(f, words > 5 ? words * 4U - 14 : 6);
}

void
frame_ports(struct frame *f, uint16_t sport, uint16_t dport, size_t header_bytes)
{
	frame_be16(f, sport);
	frame_be16(f, dport);
	frame_zeros(f, header_bytes - 4);
}

void
meta_equal(const struct packet_meta *a, const struct packet_meta *b)
{
	assert_int_equal(a->discard, b->discard);
	if (a->discard != DISCARD_NONE)
		return;
	assert_memory_equal(&a->key, &b->key, sizeof(a->key));
	assert_int_equal(a->l3_bytes, b->l3_bytes);
	assert_int_equal(a->tcp_seq, b->tcp_seq);
	assert_int_equal(a->tcp_ack, b->tcp_ack);
	assert_int_equal(a->tcp_payload, b->tcp_payload);
	assert_int_equal(a->tcp_flags, b->tcp_flags);
	assert_int_equal(a->ttl, b->ttl);
	assert_int_equal(a->swapped, b->swapped);
	assert_int_equal(a->fragment, b->fragment);
	assert_int_equal(a->fragment_id, b->fragment_id);
	assert_memory_equal(a->src_mac, b->src_mac, 6);
	assert_memory_equal(a->dst_mac, b->dst_mac, 6);
	assert_int_equal(a->l3_end, b->l3_end);
	assert_int_equal(a->tunnel.type, b->tunnel.type);
	if (a->tunnel.type != TUNNEL_NONE)
		assert_memory_equal(&a->tunnel, &b->tunnel, sizeof(a->tunnel));
}

// Parse into memory that held something else; give the packet back.
static enum discard_reason
packet_parse_over(struct rte_mbuf *m, uint32_t linktype, enum packet_tunnels tunnels,
	uint8_t before, struct packet_meta *ret)
{
	enum discard_reason r;

	memset(ret, before, sizeof(*ret));
	r = packet_parse(m, linktype, tunnels, ret);
	rte_pktmbuf_free(m);
	assert_int_equal(r, ret->discard);
	assert_int_equal(ret->hash, UINT64_C(0x0101010101010101) * before);
	assert_int_equal(ret->ts_us, UINT64_C(0x0101010101010101) * before);
	assert_int_equal(ret->wire_bytes, UINT32_C(0x01010101) * before);
	return r;
}

static enum discard_reason
parse_all_ways(const struct frame *f, size_t len, uint32_t linktype, enum packet_tunnels tunnels,
	struct packet_meta *ret)
{
	uint8_t *edge = eal_edge_alloc(f->byte, len);
	struct packet_meta m;

	packet_parse_over(eal_packet_over(edge, len), linktype, tunnels, 0xa5, ret);
	packet_parse_over(eal_packet_over(edge, len), linktype, tunnels, 0x5a, &m);
	meta_equal(ret, &m);
	for (size_t cut = 0; cut < RTE_MIN(len, 200U); cut++) {
		packet_parse_over(eal_packet(f->byte, len, cut, 2000), linktype, tunnels, 0x5a, &m);
		meta_equal(ret, &m);
	}
	if (len <= 200) {
		packet_parse_over(eal_packet(f->byte, len, 1, 1), linktype, tunnels, 0x5a, &m);
		meta_equal(ret, &m);
	}
	eal_edge_free(edge, len);
	return ret->discard;
}

enum discard_reason
frame_parse_cut(const struct frame *f, size_t len, uint32_t linktype, struct packet_meta *ret)
{
	return parse_all_ways(f, len, linktype, PACKET_TUNNELS_OFF, ret);
}

enum discard_reason
frame_parse(const struct frame *f, uint32_t linktype, struct packet_meta *ret)
{
	return frame_parse_cut(f, f->len, linktype, ret);
}

enum discard_reason
frame_parse_tunnel(const struct frame *f, size_t len, struct packet_meta *ret)
{
	return parse_all_ways(f, len, LINKTYPE_ETHERNET, PACKET_TUNNELS_DECAPSULATE, ret);
}

uint16_t
meta_sport(const struct packet_meta *m)
{
	return rte_be_to_cpu_16(m->key.port[m->swapped]);
}

uint16_t
meta_dport(const struct packet_meta *m)
{
	return rte_be_to_cpu_16(m->key.port[!m->swapped]);
}
