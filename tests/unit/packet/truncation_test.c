/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A packet cut after each of its bytes. What is known may only grow with the bytes that are
 * there: first the link layer is missing, then the network layer, then extension headers, then
 * ports. frame_parse_cut() puts a page that faults behind the last byte.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <netinet/in.h>

#include "eal_support.h"
#include "frame_build.h"

// From this length on, this is the outcome.
struct stage {
	size_t from;
	enum discard_reason outcome;
	bool ports;
};

static void
stages_check(const struct frame *f, uint32_t linktype, const struct stage *stages, size_t n)
{
	struct packet_meta m, whole;

	frame_parse(f, linktype, &whole);
	for (size_t len = 0; len <= f->len; len++) {
		const struct stage *s = stages;

		while (s + 1 < stages + n && s[1].from <= len)
			s++;
		if (frame_parse_cut(f, len, linktype, &m) != s->outcome)
			fail_msg("%zu bytes: outcome %u, not %u", len, m.discard, s->outcome);
		if (m.discard != DISCARD_NONE)
			continue;
		assert_memory_equal(m.key.vlan, whole.key.vlan, sizeof(m.key.vlan));
		assert_int_equal(m.key.proto, whole.key.proto);
		assert_int_equal(m.l3_bytes, whole.l3_bytes);
		assert_int_equal(m.ttl, whole.ttl);
		assert_true(memcmp(m.key.addr, whole.key.addr, sizeof(m.key.addr)) == 0);
		if (s->ports)
			meta_equal(&m, &whole);
		else
			assert_true(meta_sport(&m) == 0 && meta_dport(&m) == 0 &&
				m.tcp_flags == 0 &&
				m.tcp_seq == 0 && m.tcp_payload == 0);
	}
}

static void
qinq_ipv4_options_tcp(void **state)
{
	static const struct stage stages[] = {
		{0, DISCARD_L2_TRUNCATED, false},          // Ethernet, two tags: 22
		{22, DISCARD_IPV4_TRUNCATED, false},       // header with options: 44
		{22 + 44, DISCARD_NONE, false},
		{22 + 44 + 20, DISCARD_NONE, true},
	};
	struct frame f = {.len = 0};

	(void)state;
	frame_ether(&f, 0x88a8);
	frame_vlan(&f, 10, 0x8100);
	frame_vlan(&f, 20, 0x0800);
	frame_ipv4(&f, &(struct ipv4_fields){.proto = IPPROTO_TCP, .header_words = 11,
		.total = 84});
	frame_tcp(&f, &(struct tcp_fields){.sport = 80, .dport = 1024, .seq = 77, .ack = 78,
		.flags = TCP_ACK, .header_words = 8});
	frame_zeros(&f, 8);
	stages_check(&f, LINKTYPE_ETHERNET, stages, RTE_DIM(stages));
}

static void
ipv6_extensions_udp(void **state)
{
	static const struct stage stages[] = {
		{0, DISCARD_L2_TRUNCATED, false},
		{14, DISCARD_IPV6_TRUNCATED, false},
		{14 + 40, DISCARD_IPV6_EXTENSION, false},            // hop-by-hop 16, routing 24
		// the fixed part of AH tells what follows
		{14 + 40 + 16 + 24 + 8, DISCARD_NONE, false},
		{14 + 40 + 16 + 24 + 24 + 8, DISCARD_NONE, true},
	};
	struct frame f = {.len = 0};

	(void)state;
	frame_ether(&f, 0x86dd);
	frame_ipv6(&f, IPPROTO_HOPOPTS, 16 + 24 + 24 + 8 + 12);
	frame_extension(&f, IPPROTO_ROUTING, 1);
	frame_extension(&f, IPPROTO_AH, 2);
	frame_ah(&f, IPPROTO_UDP, 4);
	frame_ports(&f, 5353, 53, 8);
	frame_zeros(&f, 12);
	stages_check(&f, LINKTYPE_ETHERNET, stages, RTE_DIM(stages));
}

static void
snap_ipv4_sctp(void **state)
{
	static const struct stage stages[] = {
		{0, DISCARD_L2_TRUNCATED, false},
		{14, DISCARD_LLC, false},        // not to be told from other 802.3 frames yet
		{22, DISCARD_IPV4_TRUNCATED, false},
		{42, DISCARD_NONE, false},
		{46, DISCARD_NONE, true},
	};
	struct frame f = {.len = 0};

	(void)state;
	frame_ether(&f, 40);
	frame_put(&f, "\xaa\xaa\x03\0\0\0\x08\0", 8);
	frame_ipv4(&f, &(struct ipv4_fields){.proto = IPPROTO_SCTP});
	frame_ports(&f, 38412, 2905, 12);
	stages_check(&f, LINKTYPE_ETHERNET, stages, RTE_DIM(stages));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(qinq_ipv4_options_tcp),
		cmocka_unit_test(ipv6_extensions_udp),
		cmocka_unit_test(snap_ipv4_sctp),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
