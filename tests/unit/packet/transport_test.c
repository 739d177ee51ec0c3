/* SPDX-License-Identifier: BSD-3-Clause */
// Ports and TCP fields, and the one key for both directions.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <netinet/in.h>

#include "eal_support.h"
#include "frame_build.h"

// With how many bytes of its header does a protocol show its ports?
static void
ports_by_protocol(void **state)
{
	static const struct {
		uint8_t proto;
		size_t needs;  // 0: it has none
	} cases[] = {
		{IPPROTO_TCP, 20}, {IPPROTO_UDP, 8}, {IPPROTO_UDPLITE, 4}, {IPPROTO_SCTP, 4},
		{IPPROTO_ICMP, 0}, {IPPROTO_ICMPV6, 0}, {IPPROTO_GRE, 0}, {IPPROTO_ESP, 0},
		{IPPROTO_DCCP, 0}, {IPPROTO_AH, 0}, {255, 0},
	};
	struct packet_meta m;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct frame f = {.len = 0};

		frame_ether(&f, 0x0800);
		frame_ipv4(&f, &(struct ipv4_fields){.proto = cases[i].proto, .total = 44});
		frame_tcp(&f, &(struct tcp_fields){.sport = 500, .dport = 600, .seq = 1,
			.flags = 0xff});
		for (size_t there = 0; there <= 20; there++) {
			bool shows = cases[i].needs != 0 && there >= cases[i].needs;

			assert_int_equal(frame_parse_cut(&f, 34 + there, LINKTYPE_ETHERNET, &m),
				DISCARD_NONE);
			assert_int_equal(m.key.proto, cases[i].proto);
			assert_int_equal(meta_sport(&m), shows ? 500 : 0);
			assert_int_equal(meta_dport(&m), shows ? 600 : 0);
			assert_int_equal(m.tcp_flags, shows && cases[i].needs == 20 ? 0xff : 0);
		}
	}
}

static void
tcp_fields(void **state)
{
	struct frame f = {.len = 0};
	struct packet_meta m;

	(void)state;
	frame_ipv4(&f, &(struct ipv4_fields){.proto = IPPROTO_TCP, .total = 1500});
	frame_tcp(&f, &(struct tcp_fields){.sport = 65535, .dport = 1, .seq = 0xfedcba98,
		.ack = 0x89abcdef, .flags = TCP_SYN | TCP_ACK});
	assert_int_equal(frame_parse(&f, LINKTYPE_RAW, &m), DISCARD_NONE);
	assert_true(m.tcp_seq == 0xfedcba98 && m.tcp_ack == 0x89abcdef);
	assert_int_equal(m.tcp_flags, TCP_SYN | TCP_ACK);
	assert_int_equal(m.tcp_payload, 1460);
	assert_true(meta_sport(&m) == 65535 && meta_dport(&m) == 1);
}

// The payload is what IP says, less both headers; never below nothing, whatever was captured.
static void
tcp_payload(void **state)
{
	static const struct {
		uint16_t total;
		uint8_t ip_words, tcp_words;
		uint32_t payload;
	} cases[] = {
		{40, 5, 5, 0}, {41, 5, 5, 1}, {1500, 5, 8, 1448}, {1500, 15, 15, 1380},
		{65535, 5, 5, 65495},
		{39, 5, 5, 0},   // shorter than its headers
		{20, 5, 5, 0}, {19, 5, 5, 0}, {60, 5, 15, 0}, {100, 5, 15, 20},
	};
	struct packet_meta m;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct frame f = {.len = 0};

		frame_ipv4(&f, &(struct ipv4_fields){.proto = IPPROTO_TCP, .total = cases[i].total,
			.header_words = cases[i].ip_words});
		frame_tcp(&f, &(struct tcp_fields){.flags = TCP_ACK,
			.header_words = cases[i].tcp_words});
		assert_int_equal(frame_parse(&f, LINKTYPE_RAW, &m), DISCARD_NONE);
		assert_int_equal(m.tcp_payload, cases[i].payload);
		assert_int_equal(m.l3_bytes, cases[i].total);
	}
}

// IPv6 counts its extension headers as payload; TCP's payload is less by them.
static void
tcp_payload_ipv6(void **state)
{
	static const struct {
		uint16_t ip_payload;
		uint32_t payload;
	} cases[] = {{32 + 20 + 100, 100}, {32 + 20, 0}, {32, 0}, {10, 0}, {0, 0}, {65535, 65483}};
	struct packet_meta m;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct frame f = {.len = 0};

		frame_ipv6(&f, IPPROTO_HOPOPTS, cases[i].ip_payload);
		frame_extension(&f, IPPROTO_AH, 1);
		frame_ah(&f, IPPROTO_TCP, 2);
		frame_tcp(&f, &(struct tcp_fields){.dport = 8, .flags = TCP_ACK});
		assert_int_equal(frame_parse(&f, LINKTYPE_RAW, &m), DISCARD_NONE);
		assert_int_equal(meta_dport(&m), 8);
		assert_int_equal(m.tcp_payload, cases[i].payload);
		assert_int_equal(m.l3_bytes, cases[i].ip_payload + 40U);
	}
}

static void
udp_parse(uint8_t src, uint8_t dst, uint16_t sport, uint16_t dport, struct packet_meta *m)
{
	struct frame f = {.len = 0};

	frame_ether(&f, 0x0800);
	frame_ipv4(&f, &(struct ipv4_fields){.proto = IPPROTO_UDP, .src = src, .dst = dst});
	frame_ports(&f, sport, dport, 8);
	assert_int_equal(frame_parse(&f, LINKTYPE_ETHERNET, m), DISCARD_NONE);
	assert_int_equal(meta_sport(m), sport);
	assert_int_equal(meta_dport(m), dport);
	assert_int_equal(m->key.addr[m->swapped][15], src);
	assert_int_equal(m->key.addr[!m->swapped][15], dst);
}

// A packet and its answer: same key, `swapped` differs; unless the ends are the same in all.
static void
canonical_order(void **state)
{
	static const struct {
		uint8_t src, dst;
		uint16_t sport, dport;
		bool swapped;
	} cases[] = {
		{1, 2, 9, 5, false}, {2, 1, 5, 9, true}, {1, 200, 5, 5, false},
		{200, 1, 5, 5, true},
		{7, 7, 1, 2, false}, {7, 7, 2, 1, true},
		// as numbers, not as bytes of the host
		{7, 7, 255, 256, false}, {7, 7, 256, 255, true},
		{7, 7, 3, 3, false},
	};
	struct packet_meta a, b;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		udp_parse(cases[i].src, cases[i].dst, cases[i].sport, cases[i].dport, &a);
		udp_parse(cases[i].dst, cases[i].src, cases[i].dport, cases[i].sport, &b);
		assert_int_equal(a.swapped, cases[i].swapped);
		assert_true(flow_key_equal(&a.key, &b.key));
		if (cases[i].src != cases[i].dst || cases[i].sport != cases[i].dport)
			assert_int_equal(b.swapped, !cases[i].swapped);
		else
			assert_int_equal(b.swapped, 0);
	}
}

// All 16 bytes of an address decide, the first ones most.
static void
canonical_order_ipv6(void **state)
{
	struct frame f = {.len = 0};
	struct packet_meta m;

	(void)state;
	frame_ipv6(&f, IPPROTO_UDP, 8);
	frame_ports(&f, 1, 2, 8);
	for (unsigned int i = 0; i < 16; i++) {
		memset(f.byte + 8, 0x80, 32);
		f.byte[8 + i] = 0x81;                   // source greater here
		if (i < 15)
			f.byte[24 + 15] = 0xff;         // smaller at the end does not matter
		frame_parse(&f, LINKTYPE_RAW, &m);
		assert_int_equal(m.swapped, 1);
		assert_memory_equal(m.key.addr[1], f.byte + 8, 16);
		assert_memory_equal(m.key.addr[0], f.byte + 24, 16);
		f.byte[24 + i] = 0x82;
		frame_parse(&f, LINKTYPE_RAW, &m);
		assert_int_equal(m.swapped, 0);
		assert_memory_equal(m.key.addr[0], f.byte + 8, 16);
	}
}

static void
versions_do_not_mix(void **state)
{
	struct frame f = {.len = 0};
	struct packet_meta a, b;
	uint8_t four[32];

	(void)state;
	udp_parse(1, 2, 3, 4, &a);
	memcpy(four, a.key.addr, 32);
	frame_ipv6(&f, IPPROTO_UDP, 8);
	memcpy(f.byte + 8, four, 32);               // the mapped addresses, sent as IPv6
	frame_ports(&f, 3, 4, 8);
	assert_int_equal(frame_parse(&f, LINKTYPE_RAW, &b), DISCARD_NONE);
	assert_memory_equal(a.key.addr, b.key.addr, 32);
	assert_false(flow_key_equal(&a.key, &b.key));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_by_protocol),
		cmocka_unit_test(tcp_fields),
		cmocka_unit_test(tcp_payload),
		cmocka_unit_test(tcp_payload_ipv6),
		cmocka_unit_test(canonical_order),
		cmocka_unit_test(canonical_order_ipv6),
		cmocka_unit_test(versions_do_not_mix),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
