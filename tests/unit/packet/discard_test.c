/* SPDX-License-Identifier: BSD-3-Clause */
// Every reason for which the parser turns a packet away, by at least one packet.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "eal_support.h"
#include "frame_build.h"

struct discard_case {
	const char *name;
	enum discard_reason expect;
	uint32_t linktype;
	const char *hex;  // bytes after the Ethernet addresses; from the start on other link types
};

#define ETHER LINKTYPE_ETHERNET

static const struct discard_case cases[] = {
	{"unknown link type", DISCARD_LINKTYPE, 147, "45000014"},
	{"link type beyond 16 bits", DISCARD_LINKTYPE, 0x10001, "0800"},
	{"no Ethernet type", DISCARD_L2_TRUNCATED, ETHER, "08"},
	{"tag cut off", DISCARD_L2_TRUNCATED, ETHER, "8100000108"},
	{"second tag cut off", DISCARD_L2_TRUNCATED, ETHER, "88a8000181000002"},
	{"five tags", DISCARD_VLAN_DEPTH, ETHER,
		"88a800018100000281000003810000048100000508004500"},
	{"spanning tree", DISCARD_LLC, ETHER, "0026424203000000"},
	{"Novell raw", DISCARD_LLC, ETHER, "0026ffff0026000000000000"},
	{"SNAP cut off", DISCARD_LLC, ETHER, "0026aaaa0300000008"},
	{"SNAP with another control field", DISCARD_LLC, ETHER, "0026aaaa13000000080045"},
	{"ARP", DISCARD_ARP, ETHER, "08060001080006040001"},
	{"ARP in a VLAN", DISCARD_ARP, ETHER, "8100000108060001"},
	{"RARP", DISCARD_ARP, ETHER, "80350001"},
	{"ARP in SNAP", DISCARD_ARP, ETHER, "0026aaaa030000000806"},
	{"ARP in a cooked capture", DISCARD_ARP, LINKTYPE_LINUX_SLL,
		"00000001000600000000000000000806"},
	{"MPLS without its bottom", DISCARD_L2_TRUNCATED, ETHER, "88470000104000002040"},
	{"MPLS, a label cut off", DISCARD_L2_TRUNCATED, ETHER, "8847000011"},
	{"MPLS over nothing", DISCARD_L2_TRUNCATED, ETHER, "884700001140"},
	{"MPLS associated channel", DISCARD_MPLS_PAYLOAD, ETHER, "88470000d1011000002100"},
	{"MPLS over a pseudowire without IP", DISCARD_MPLS_PAYLOAD, ETHER,
		"884800011140000000000180c20000000200000000010026424203000000"},
	{"MPLS, IPv4 cut off", DISCARD_IPV4_TRUNCATED, ETHER, "88480000114045000014"},
	{"PPPoE discovery", DISCARD_PPPOE_DISCOVERY, ETHER, "88631109"},
	{"PPPoE discovery in a VLAN", DISCARD_PPPOE_DISCOVERY, ETHER, "8100000788631109"},
	{"PPPoE, header cut off", DISCARD_L2_TRUNCATED, ETHER, "88641100000100"},
	{"PPPoE, no protocol", DISCARD_L2_TRUNCATED, ETHER, "886411000001000200"},
	{"PPPoE, link control", DISCARD_PPPOE_PAYLOAD, ETHER, "8864110000010006c02109010004"},
	{"PPPoE of another version", DISCARD_PPPOE_PAYLOAD, ETHER, "886421000001001600214500"},
	{"PPPoE with a code", DISCARD_PPPOE_PAYLOAD, ETHER, "886411070001001600214500"},
	{"LLDP", DISCARD_NON_IP, ETHER, "88cc0207"},
	{"between length and type", DISCARD_NON_IP, ETHER, "05dd0000"},
	{"spanning tree of Cisco in SNAP", DISCARD_NON_IP, ETHER, "0026aaaa0300000c010b"},
	{"loopback family unknown", DISCARD_NON_IP, LINKTYPE_NULL, "0700000045"},
	{"IPv6 behind the IPv4 type", DISCARD_IP_VERSION, ETHER,
		"08006000000000003a4000000000000000000000000000"},
	{"IPv4 behind the IPv6 type", DISCARD_IP_VERSION, ETHER, "86dd4500"},
	{"raw, neither", DISCARD_IP_VERSION, LINKTYPE_RAW, "55"},
	{"raw, version 0", DISCARD_IP_VERSION, LINKTYPE_IPV4, "0500"},
	{"no IPv4 header", DISCARD_IPV4_TRUNCATED, ETHER, "0800"},
	{"IPv4 header cut off", DISCARD_IPV4_TRUNCATED, ETHER,
		"080045000014000000004011000000000000000000"},
	{"IPv4 options cut off", DISCARD_IPV4_TRUNCATED, ETHER,
		"080046000018000000004011000000000000000000000000"},
	{"IPv4 header of 16 bytes", DISCARD_IPV4_HEADER_LENGTH, ETHER,
		"08004400001400000000401100000000000000000000"},
	{"IPv4 header of 0 bytes", DISCARD_IPV4_HEADER_LENGTH, ETHER,
		"08004000001400000000401100000000000000000000"},
	{"no IPv6 header", DISCARD_IPV6_TRUNCATED, ETHER, "86dd"},
	{"IPv6 header cut off", DISCARD_IPV6_TRUNCATED, ETHER, "86dd60000000000011"},
	{"hop-by-hop options missing", DISCARD_IPV6_EXTENSION, LINKTYPE_IPV6,
		"60000000000000400000000000000000000000000000000100000000000000000000000000000002"},
};

static void
case_build(const struct discard_case *c, struct frame *f)
{
	f->len = 0;
	if (c->linktype == ETHER)
		frame_put(f, (uint8_t[]){2, 0, 0, 0, 0, 0xb, 2, 0, 0, 0, 0, 0xa}, 12);
	frame_hex(f, c->hex);
}

static void
each_reason(void **state)
{
	// stopped is the worker's
	bool tried[DISCARD_COUNT] = {[DISCARD_NONE] = true, [DISCARD_STOPPED] = true};
	struct packet_meta m;
	struct frame f;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		case_build(&cases[i], &f);
		if (frame_parse(&f, cases[i].linktype, &m) != cases[i].expect)
			fail_msg("%s: %s", cases[i].name,
				m.discard != DISCARD_NONE ? discard_reason_name(m.discard) :
				"in a flow");
		tried[cases[i].expect] = true;
	}
	for (unsigned int r = 0; r < DISCARD_COUNT; r++)
		assert_true(tried[r]);
}

// A discarded packet's time has come to nothing else: the next one starts clean.
static void
nothing_is_left_over(void **state)
{
	struct packet_meta dirty, clean;
	struct rte_mbuf *m;
	struct frame f;

	(void)state;
	f.len = 0;
	frame_ether(&f, 0x8100);
	frame_vlan(&f, 7, 0x0800);
	frame_ipv4(&f, &(struct ipv4_fields){.proto = 6});
	frame_tcp(&f, &(struct tcp_fields){.sport = 1, .dport = 2, .flags = 0xff, .seq = 3});
	m = eal_packet(f.byte, f.len, f.len, f.len);
	assert_int_equal(packet_parse(m, LINKTYPE_ETHERNET, PACKET_TUNNELS_OFF, &dirty), DISCARD_NONE);
	rte_pktmbuf_free(m);
	f.len = 0;
	frame_ipv4(&f, &(struct ipv4_fields){.proto = 1});
	frame_parse(&f, LINKTYPE_RAW, &clean);
	m = eal_packet(f.byte, f.len, f.len, f.len);
	assert_int_equal(packet_parse(m, LINKTYPE_RAW, PACKET_TUNNELS_OFF, &dirty), DISCARD_NONE);
	rte_pktmbuf_free(m);
	meta_equal(&dirty, &clean);
	assert_int_equal(dirty.key.vlan_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_reason),
		cmocka_unit_test(nothing_is_left_over),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
