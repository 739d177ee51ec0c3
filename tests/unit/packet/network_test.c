/* SPDX-License-Identifier: BSD-3-Clause */
// IPv4 with options and fragments; IPv6 with extension headers in the orders that senders choose,
// sensible or not.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <netinet/in.h>

#include "eal_support.h"
#include "frame_build.h"

#define MOBILITY 135
#define HIP 139
#define SHIM6 140

static void
ipv4_options(void **state)
{
	struct packet_meta m;

	(void)state;
	for (uint8_t words = 0; words < 16; words++) {
		struct frame f = {.len = 0};

		frame_ether(&f, 0x0800);
		frame_ipv4(&f, &(struct ipv4_fields){.proto = IPPROTO_UDP, .header_words = words,
			.total = (uint16_t)(words * 4 + 8)});
		if (words == 0)
			f.byte[14] = 0x40;  // 0 means five to the builder
		frame_ports(&f, 7, 9, 8);
		frame_parse(&f, LINKTYPE_ETHERNET, &m);
		if (words < 5) {
			assert_int_equal(m.discard, DISCARD_IPV4_HEADER_LENGTH);
			continue;
		}
		assert_int_equal(m.discard, DISCARD_NONE);
		assert_true(meta_sport(&m) == 7 && meta_dport(&m) == 9);
		assert_int_equal(m.l3_bytes, words * 4 + 8);
	}
}

static void
ipv4_addresses_are_mapped(void **state)
{
	static const uint8_t one[16] = {[10] = 0xff, [11] = 0xff, 10, 0, 0, 1};
	struct frame f = {.len = 0};
	struct packet_meta m;

	(void)state;
	frame_ipv4(&f, &(struct ipv4_fields){.proto = IPPROTO_ICMP});
	assert_int_equal(frame_parse(&f, LINKTYPE_RAW, &m), DISCARD_NONE);
	assert_memory_equal(m.key.addr[0], one, 16);
	assert_true(m.key.version == 4 && m.key.proto == IPPROTO_ICMP && m.key.tunnel == 0);
}

// Ports belong to first fragments; a later one holds the middle of the payload.
static void
ipv4_fragments(void **state)
{
	static const struct {
		uint16_t field;
		enum packet_fragment fragment;
	} cases[] = {
		{0x4000, PACKET_WHOLE},  // don't fragment
		{0x8000, PACKET_WHOLE},  // the reserved bit
		{0x2000, PACKET_FRAGMENT_FIRST}, {0xe000, PACKET_FRAGMENT_FIRST},
		{0x2001, PACKET_FRAGMENT_LATER}, {0x0001, PACKET_FRAGMENT_LATER},
		{0x1fff, PACKET_FRAGMENT_LATER}, {0xffff, PACKET_FRAGMENT_LATER},
	};
	struct packet_meta m;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		bool ports = cases[i].fragment != PACKET_FRAGMENT_LATER;
		struct frame f = {.len = 0};

		frame_ether(&f, 0x0800);
		frame_ipv4(&f, &(struct ipv4_fields){.proto = IPPROTO_TCP,
			.fragment = cases[i].field});
		frame_tcp(&f, &(struct tcp_fields){.sport = 5, .dport = 6, .seq = 9,
			.flags = TCP_FIN});
		assert_int_equal(frame_parse(&f, LINKTYPE_ETHERNET, &m), DISCARD_NONE);
		assert_int_equal(meta_sport(&m), ports ? 5 : 0);
		assert_int_equal(meta_dport(&m), ports ? 6 : 0);
		assert_int_equal(m.tcp_flags, ports ? TCP_FIN : 0);
		assert_int_equal(m.tcp_seq, ports ? 9 : 0);
		assert_int_equal(m.fragment, cases[i].fragment);
		assert_int_equal(m.fragment_id, cases[i].fragment == PACKET_WHOLE ? 0 : 0x1234);
	}
}

struct chain {
	const char *name;
	uint8_t header[8];   // types in order; the last one is what follows them, 0xff ends
	uint8_t units[8];    // length fields
	uint16_t fragment;
	bool ports;          // expected
	uint8_t proto;
	enum packet_fragment part;
};

#define END 0xff
#define HBH IPPROTO_HOPOPTS
#define RT IPPROTO_ROUTING
#define FR IPPROTO_FRAGMENT
#define AH IPPROTO_AH
#define DO IPPROTO_DSTOPTS
#define UDP IPPROTO_UDP

static const struct chain chains[] = {
	{"none", {UDP, END}, {0}, 0, true, UDP},
	{"the order of RFC 8200", {HBH, DO, RT, FR, AH, DO, UDP, END}, {0, 1, 2, 0, 4, 3}, 1,
		true, UDP, PACKET_FRAGMENT_FIRST},
	{"backwards", {DO, AH, FR, RT, HBH, UDP, END}, {5, 1, 0, 0, 2}, 0, true, UDP},
	{"the same one again", {DO, DO, DO, DO, DO, UDP, END}, {0, 1, 0, 2, 0}, 0, true, UDP},
	{"mobility, HIP, Shim6", {MOBILITY, HIP, SHIM6, UDP, END}, {1, 4, 2}, 0, true, UDP},
	{"AH counts four bytes, minus two: 12, 16, 24", {AH, AH, AH, UDP, END}, {1, 2, 4}, 0,
		true, UDP},
	{"AH of 8 bytes", {AH, UDP, END}, {0}, 0, true, UDP},
	{"AH of the greatest length", {AH, UDP, END}, {255}, 0, true, UDP},
	{"an only fragment (RFC 6946)", {FR, UDP, END}, {0}, 0, true, UDP, PACKET_WHOLE},
	{"a first fragment", {FR, UDP, END}, {0}, 0x0001, true, UDP, PACKET_FRAGMENT_FIRST},
	{"reserved bits of the offset", {FR, UDP, END}, {0}, 0x0006, true, UDP},
	{"a later fragment", {FR, UDP, END}, {0}, 0x0009, false, UDP, PACKET_FRAGMENT_LATER},
	{"the last fragment", {HBH, FR, UDP, END}, {0, 0}, 0xfff8, false, UDP,
		PACKET_FRAGMENT_LATER},
	{"a later fragment's next header is not walked", {FR, DO, UDP, END}, {0, 0}, 0x0009,
		false, DO, PACKET_FRAGMENT_LATER},
	{"no next header", {HBH, 59, END}, {0}, 0, false, 59},
	{"ESP ends the walk", {DO, IPPROTO_ESP, END}, {1}, 0, false, IPPROTO_ESP},
	{"ICMPv6", {HBH, IPPROTO_ICMPV6, END}, {0}, 0, false, IPPROTO_ICMPV6},
	{"IPv4 inside", {DO, IPPROTO_IPIP, END}, {0}, 0, false, IPPROTO_IPIP},
};

static void
chain_build(const struct chain *c, struct frame *f)
{
	f->len = 0;
	frame_ether(f, 0x86dd);
	frame_ipv6(f, c->header[0], 1000);
	for (unsigned int i = 0; c->header[i + 1] != END; i++) {
		if (c->header[i] == FR)
			frame_ipv6_fragment(f, c->header[i + 1], c->fragment);
		else if (c->header[i] == AH)
			frame_ah(f, c->header[i + 1], c->units[i]);
		else
			frame_extension(f, c->header[i + 1], c->units[i]);
	}
	frame_ports(f, 0x1111, 0x2222, 24);
}

static void
ipv6_chains(void **state)
{
	struct packet_meta m;
	struct frame f;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(chains); i++) {
		chain_build(&chains[i], &f);
		if (frame_parse(&f, LINKTYPE_ETHERNET, &m) != DISCARD_NONE ||
			m.key.proto != chains[i].proto)
			fail_msg("%s: protocol %u", chains[i].name, m.key.proto);
		assert_int_equal(meta_sport(&m), chains[i].ports ? 0x1111 : 0);
		assert_int_equal(meta_dport(&m), chains[i].ports ? 0x2222 : 0);
		assert_true(m.key.version == 6 && m.l3_bytes == 1040 && m.ttl == 55);
		assert_int_equal(m.fragment, chains[i].part);
		assert_int_equal(m.fragment_id, chains[i].part == PACKET_WHOLE ? 0 : 0x12345678);
	}
}

struct jumbo_case {
	const char *options;  // of the hop-by-hop header, hex; its length follows from them
	uint16_t length;      // of the IPv6 header
	uint32_t l3_bytes;
};

// RFC 2675; a length that 16 bits hold is none, and so is an option of another length.
static void
jumbograms(void **state)
{
	static const struct jumbo_case cases[] = {
		{"c20400010000", 0, 65536 + 40},
		{"00c20400030000 01050000000000", 0, 0x30000 + 40},
		{"c20400000000 c20400010000 0000", 0, 40},
		{"0000c20400020000 01020000 0000", 0, 0x20000 + 40},
		{"05020000c2040001 00000000 0000", 0, 65536 + 40},
		{"c2040000ffff", 0, 40},
		{"c20300010000", 0, 40},
		{"c204ffffffff", 0, UINT32_MAX},
		{"c20400010000", 16, 56},
		{"0104000000000502 0000c2040001", 0, 40},  // runs out of the header
	};
	struct packet_meta m;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct frame f = {.len = 0}, options = {.len = 0};

		frame_hex(&options, cases[i].options);
		frame_ether(&f, 0x86dd);
		frame_ipv6(&f, HBH, cases[i].length);
		frame_put(&f, (uint8_t[]){UDP, (uint8_t)((options.len + 2) / 8 - 1)}, 2);
		frame_put(&f, options.byte, options.len);
		frame_ports(&f, 5, 6, 8);
		frame_parse(&f, LINKTYPE_ETHERNET, &m);
		if (m.discard != DISCARD_NONE || m.l3_bytes != cases[i].l3_bytes)
			fail_msg("%zu: outcome %u, %u bytes", i, m.discard, m.l3_bytes);
		assert_int_equal(meta_dport(&m), 6);
		assert_int_equal(m.l3_end, 14 + RTE_MIN(m.l3_bytes, PACKET_L3_BELIEVED));
	}
}

/*
 * A chain longer than PACKET_PARSE_BYTES is turned away, in one segment as in several, so that a
 * packet costs a bounded walk and means the same from a capture and from a port.
 */
static void
endless_chains(void **state)
{
	struct frame f = {.len = 0};
	struct packet_meta m;
	size_t longest = 0;

	(void)state;
	frame_ether(&f, 0x86dd);
	frame_ipv6(&f, DO, 60000);
	while (f.len < 4000)
		frame_extension(&f, DO, 0);
	frame_extension(&f, UDP, 0);
	frame_ports(&f, 1, 2, 8);
	assert_int_equal(frame_parse(&f, LINKTYPE_ETHERNET, &m), DISCARD_IPV6_EXTENSION);
	for (size_t headers = 240; headers < 260; headers++) {
		f.len = 0;
		frame_ether(&f, 0x86dd);
		frame_ipv6(&f, DO, 60000);
		for (size_t i = 1; i < headers; i++)
			frame_extension(&f, DO, 0);
		frame_extension(&f, UDP, 0);
		frame_ports(&f, 1, 2, 8);
		frame_zeros(&f, 1000);
		if (frame_parse(&f, LINKTYPE_ETHERNET, &m) == DISCARD_NONE && meta_dport(&m) == 2)
			longest = f.len - 1000;
	}
	assert_in_range(longest, PACKET_PARSE_BYTES - 8, PACKET_PARSE_BYTES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_options),
		cmocka_unit_test(ipv4_addresses_are_mapped),
		cmocka_unit_test(ipv4_fragments),
		cmocka_unit_test(ipv6_chains),
		cmocka_unit_test(jumbograms),
		cmocka_unit_test(endless_chains),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
