/* SPDX-License-Identifier: BSD-3-Clause */
// One tunnel of each kind, with each of its optional parts: the packet within is the flow. Cut
// short or contradicting itself, the tunnel is.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "eal_support.h"
#include "frame_build.h"

#define UDP 17
#define GRE 47

enum inside { NOTHING, V4, V6, ETHERNET, TAGGED, PPP, PPP_BARE };

struct tunnel_case {
	const char *name;
	uint8_t outer;            // version
	uint8_t proto;
	uint16_t port;            // of UDP
	const char *header;       // hex
	enum inside inside;
	enum tunnel_type expect;  // TUNNEL_NONE: the outer packet is the flow
	int64_t id;               // -1: none
};

static const struct tunnel_case cases[] = {
	{"IPv4 in IPv4", 4, 4, 0, "", V4, TUNNEL_IPIP, -1},
	{"IPv6 in IPv4", 4, 41, 0, "", V6, TUNNEL_6IN4, -1},
	{"IPv4 in IPv6", 6, 4, 0, "", V4, TUNNEL_4IN6, -1},
	{"IPv6 in IPv6", 6, 41, 0, "", V6, TUNNEL_6IN6, -1},
	{"IPv6 where IPv4 should be", 4, 4, 0, "", V6, TUNNEL_NONE, 0},
	{"IPv4 where IPv6 should be", 4, 41, 0, "", V4, TUNNEL_NONE, 0},

	{"GRE", 4, GRE, 0, "00000800", V4, TUNNEL_GRE, -1},
	{"GRE over IPv6", 6, GRE, 0, "000086dd", V6, TUNNEL_GRE, -1},
	{"GRE, checksum", 4, GRE, 0, "80000800 12340000", V4, TUNNEL_GRE, -1},
	{"GRE, key", 4, GRE, 0, "20000800 89abcdef", V4, TUNNEL_GRE, 0x89abcdef},
	{"GRE, key 0 is a key", 4, GRE, 0, "20000800 00000000", V4, TUNNEL_GRE, 0},
	{"GRE, sequence", 4, GRE, 0, "10000800 00000007", V4, TUNNEL_GRE, -1},
	{"GRE, all three", 4, GRE, 0, "b0000800 12340000 00000005 00000007", V4, TUNNEL_GRE, 5},
	{"GRE, source routes", 4, GRE, 0,
		"f0000800 12340000 00000005 00000007 08000408 0a0000010a000002 00000000", V4,
		TUNNEL_GRE, 5},
	{"GRE, routes without end", 4, GRE, 0, "40000800 12340000 080004ff", V4, TUNNEL_NONE, 0},
	{"GRE of version 2", 4, GRE, 0, "00020800", V4, TUNNEL_NONE, 0},
	{"GRE, labels", 4, GRE, 0, "00008847 00011140", V4, TUNNEL_GRE, -1},
	{"GRE, keepalive", 4, GRE, 0, "00000000", NOTHING, TUNNEL_NONE, 0},
	{"GRE, a length in place of the type", 4, GRE, 0, "00000040 aaaa030000000800", V4,
		TUNNEL_NONE, 0},
	{"GRE, another protocol", 4, GRE, 0, "000000fe", V4, TUNNEL_NONE, 0},
	{"GRE, Ethernet", 4, GRE, 0, "00006558", ETHERNET, TUNNEL_GRE, -1},
	{"GRE, Ethernet, a key below the networks of NVGRE", 4, GRE, 0, "20006558 000fffff", TAGGED,
		TUNNEL_GRE, 0xfffff},
	{"NVGRE, first network", 4, GRE, 0, "20006558 00100042", TAGGED, TUNNEL_NVGRE, 0x1000},
	{"NVGRE, last network", 4, GRE, 0, "20006558 fffffe42", ETHERNET, TUNNEL_NVGRE, 0xfffffe},
	{"GRE, Ethernet, a key above them", 4, GRE, 0, "20006558 ffffff42", ETHERNET, TUNNEL_GRE,
		0xffffff42},
	{"GRE, Ethernet, key and sequence", 4, GRE, 0, "30006558 12345678 00000001", ETHERNET,
		TUNNEL_GRE, 0x12345678},
	{"GRE, PPP", 4, GRE, 0, "0000880b", PPP, TUNNEL_GRE, -1},

	{"PPTP", 4, GRE, 0, "3001880b 0040abcd 00000001", PPP, TUNNEL_PPTP, 0xabcd},
	{"PPTP, acknowledgement", 4, GRE, 0, "3081880b 0040abcd 00000001 00000002", PPP_BARE,
		TUNNEL_PPTP, 0xabcd},
	{"PPTP, acknowledgement alone", 4, GRE, 0, "2081880b 0000abcd 00000002", NOTHING,
		TUNNEL_NONE, 0},
	{"PPTP without a call", 4, GRE, 0, "1001880b 0040abcd 00000001", PPP, TUNNEL_NONE, 0},
	{"PPTP, encrypted", 4, GRE, 0, "3001880b 0040abcd 00000001 00fd9000", V4, TUNNEL_NONE, 0},

	{"ERSPAN I", 4, GRE, 0, "000088be", TAGGED, TUNNEL_ERSPAN1, -1},
	{"ERSPAN II", 4, GRE, 0, "100088be 00000001 1064 0c85 00000001", ETHERNET,
		TUNNEL_ERSPAN2, 0x85},
	{"ERSPAN II of version 0", 4, GRE, 0, "100088be 00000001 0064 0c85 00000001", ETHERNET,
		TUNNEL_NONE, 0},
	{"ERSPAN III", 4, GRE, 0, "100022eb 00000001 2064 03ff 00000000 0000 0000", TAGGED,
		TUNNEL_ERSPAN3, 0x3ff},
	{"ERSPAN III, subheader", 4, GRE, 0,
		"100022eb 00000001 2064 fc01 00000000 0000 0001 0102030405060708", ETHERNET,
		TUNNEL_ERSPAN3, 1},
	{"ERSPAN III, IP", 4, GRE, 0, "100022eb 00000001 2064 0002 00000000 0000 0800", V6,
		TUNNEL_ERSPAN3, 2},
	{"ERSPAN III, frame of another kind", 4, GRE, 0,
		"100022eb 00000001 2064 0002 00000000 0000 0400", ETHERNET, TUNNEL_NONE, 0},

	{"VXLAN", 4, UDP, 4789, "08000000 12345600", ETHERNET, TUNNEL_VXLAN, 0x123456},
	{"VXLAN over IPv6", 6, UDP, 4789, "08000000 ffffffff", TAGGED, TUNNEL_VXLAN, 0xffffff},
	{"VXLAN, old port", 4, UDP, 8472, "08000000 00000100", ETHERNET, TUNNEL_VXLAN, 1},
	{"VXLAN, group policy", 4, UDP, 4789, "88000042 00000100", ETHERNET, TUNNEL_VXLAN, 1},
	{"VXLAN without a network", 4, UDP, 4789, "00000000 00000100", ETHERNET, TUNNEL_NONE, 0},
	{"VXLAN, something else within", 4, UDP, 4789, "08000000 00000100", PPP, TUNNEL_NONE, 0},
	{"UDP port next to it", 4, UDP, 4788, "08000000 00000100", ETHERNET, TUNNEL_NONE, 0},
	{"VXLAN-GPE, IPv4", 4, UDP, 4790, "0c000001 00000200", V4, TUNNEL_VXLAN_GPE, 2},
	{"VXLAN-GPE, IPv6", 4, UDP, 4790, "0c000002 00000200", V6, TUNNEL_VXLAN_GPE, 2},
	{"VXLAN-GPE, Ethernet", 4, UDP, 4790, "0c000003 00000200", TAGGED, TUNNEL_VXLAN_GPE, 2},
	{"VXLAN-GPE, labels", 4, UDP, 4790, "0c000005 00000200 00011140", V4, TUNNEL_VXLAN_GPE, 2},
	{"VXLAN-GPE, protocol not given", 4, UDP, 4790, "08000000 00000200", ETHERNET,
		TUNNEL_VXLAN_GPE, 2},
	{"VXLAN-GPE, no network", 4, UDP, 4790, "04000001 00000000", V4, TUNNEL_VXLAN_GPE, -1},
	{"VXLAN-GPE, service header", 4, UDP, 4790, "0c000004 00000200", V4, TUNNEL_NONE, 0},
	{"VXLAN-GPE, management", 4, UDP, 4790, "0d000001 00000200", V4, TUNNEL_NONE, 0},
	{"VXLAN-GPE of version 1", 4, UDP, 4790, "1c000001 00000200", V4, TUNNEL_NONE, 0},

	{"Geneve", 4, UDP, 6081, "00006558 00000a00", TAGGED, TUNNEL_GENEVE, 10},
	{"Geneve, IP", 6, UDP, 6081, "00000800 00000a00", V4, TUNNEL_GENEVE, 10},
	{"Geneve, options", 4, UDP, 6081, "03406558 00000a00 0102800201020304 05060708", ETHERNET,
		TUNNEL_GENEVE, 10},
	{"Geneve, options beyond the end", 4, UDP, 6081, "3f006558 00000a00", ETHERNET,
		TUNNEL_NONE, 0},
	{"Geneve of version 1", 4, UDP, 6081, "40006558 00000a00", ETHERNET, TUNNEL_NONE, 0},
	{"Geneve, control", 4, UDP, 6081, "00806558 00000a00", ETHERNET, TUNNEL_NONE, 0},

	{"GTP-U", 4, UDP, 2152, "30ff0030 a1b2c3d4", V4, TUNNEL_GTPU, 0xa1b2c3d4},
	{"GTP-U, IPv6", 6, UDP, 2152, "30ff0030 00000001", V6, TUNNEL_GTPU, 1},
	{"GTP-U, sequence", 4, UDP, 2152, "32ff0030 00000001 00070000", V4, TUNNEL_GTPU, 1},
	{"GTP-U, N-PDU number", 4, UDP, 2152, "31ff0030 00000001 00000900", V4, TUNNEL_GTPU, 1},
	// Without E the next type has no meaning.
	{"GTP-U, next type that does not count", 4, UDP, 2152, "32ff0030 00000001 00070085", V4,
		TUNNEL_GTPU, 1},
	{"GTP-U, PDU session container", 4, UDP, 2152, "34ff0030 00000001 00000085 01100900", V4,
		TUNNEL_GTPU, 1},
	{"GTP-U, two extensions", 4, UDP, 2152,
		"36ff0030 00000001 00070085 0210000000000040 01123400", V6, TUNNEL_GTPU, 1},
	{"GTP-U, no extension after all", 4, UDP, 2152, "34ff0030 00000001 00000000", V4,
		TUNNEL_GTPU, 1},
	{"GTP-U, an extension of no length", 4, UDP, 2152, "34ff0030 00000001 00000085 00100900",
		V4, TUNNEL_NONE, 0},
	{"GTP-U, an extension beyond the end", 4, UDP, 2152,
		"34ff0030 00000001 00000085 ff100900", V4, TUNNEL_NONE, 0},
	{"GTP-U, echo", 4, UDP, 2152, "32010004 00000000 00070000", NOTHING, TUNNEL_NONE, 0},
	{"GTP-U, end marker", 4, UDP, 2152, "30fe0000 00000001", V4, TUNNEL_NONE, 0},
	{"GTP'", 4, UDP, 2152, "20ff0030 00000001", V4, TUNNEL_NONE, 0},
	{"GTP version 2", 4, UDP, 2152, "50ff0030 00000001", V4, TUNNEL_NONE, 0},

	{"L2TP", 4, UDP, 1701, "0002 0011 0022", PPP, TUNNEL_L2TP2, 0x110022},
	{"L2TP, length", 4, UDP, 1701, "4002 0040 0011 0022", PPP_BARE, TUNNEL_L2TP2, 0x110022},
	{"L2TP, sequence", 4, UDP, 1701, "0802 0011 0022 00010002", PPP, TUNNEL_L2TP2, 0x110022},
	{"L2TP, offset", 4, UDP, 1701, "0202 0011 0022 0003 aabbcc", PPP, TUNNEL_L2TP2, 0x110022},
	{"L2TP, all of it", 4, UDP, 1701, "4b02 0040 0011 0022 00010002 0000", PPP, TUNNEL_L2TP2,
		0x110022},
	{"L2TP, control", 4, UDP, 1701, "c802 0014 0011 0000 00010002 80080000 00000001", NOTHING,
		TUNNEL_NONE, 0},
	{"L2TP, a reserved bit", 4, UDP, 1701, "0402 0011 0022", PPP, TUNNEL_NONE, 0},
	{"L2F", 4, UDP, 1701, "0001 0011 0022", PPP, TUNNEL_NONE, 0},
	{"L2TP, link control", 4, UDP, 1701, "0002 0011 0022 ff03c021 0901000a", V4, TUNNEL_NONE, 0},
	{"L2TPv3", 4, 115, 0, "00000007", ETHERNET, TUNNEL_L2TP3, 7},
	{"L2TPv3, cookie", 6, 115, 0, "00000007 deadbeef", TAGGED, TUNNEL_L2TP3, 7},
	{"L2TPv3, long cookie and sublayer", 4, 115, 0, "00000007 0123456789abcdef 40000001",
		ETHERNET, TUNNEL_L2TP3, 7},
	{"L2TPv3 over UDP", 4, UDP, 1701, "0003 0000 00000007 deadbeef", ETHERNET, TUNNEL_L2TP3, 7},
	{"L2TPv3, IP cannot be told", 4, 115, 0, "00000007", V4, TUNNEL_NONE, 0},
	{"L2TPv3, control", 4, 115, 0, "00000000 c8030014", ETHERNET, TUNNEL_NONE, 0},
	{"ESP hides what it has", 4, 50, 0, "", V4, TUNNEL_NONE, 0},
};

static void
inside_put(struct frame *f, enum inside inside)
{
	if (inside == ETHERNET || inside == TAGGED) {
		frame_put(f, "\2\0\0\0\0\x1b\2\0\0\0\0\x1a", 12);
		frame_be16(f, inside == TAGGED ? 0x8100 : 0x86dd);
		if (inside == TAGGED)
			frame_vlan(f, 0xe123, 0x86dd);
	}
	if (inside == PPP)
		frame_put(f, "\xff\x03\0\x57", 4);
	if (inside == PPP_BARE)
		frame_put(f, "\x57", 1);
	if (inside == V4)
		frame_ipv4(f, &(struct ipv4_fields){.proto = UDP, .src = 77, .dst = 78,
			.total = 44});
	else if (inside != NOTHING)
		frame_ipv6(f, UDP, 24);
	if (inside != NOTHING)
		frame_ports(f, 555, 666, 24);
}

static void
outer_put(const struct tunnel_case *c, size_t payload, struct frame *f)
{
	size_t udp = c->proto == UDP ? 8 : 0;

	frame_ether(f, c->outer == 6 ? 0x86dd : 0x0800);
	if (c->outer == 6)
		frame_ipv6(f, c->proto, (uint16_t)(udp + payload));
	else
		frame_ipv4(f, &(struct ipv4_fields){.proto = c->proto,
			.total = (uint16_t)(20 + udp + payload)});
	if (udp > 0)
		frame_ports(f, 50000, c->port, 8);
}

static void
case_build(const struct tunnel_case *c, struct frame *f)
{
	struct frame tunnel = {.len = 0};

	f->len = 0;
	frame_hex(&tunnel, c->header);
	inside_put(&tunnel, c->inside);
	outer_put(c, tunnel.len, f);
	frame_put(f, tunnel.byte, tunnel.len);
}

static void
check_inner(const struct tunnel_case *c, const struct packet_meta *m, const struct frame *f)
{
	static const uint8_t ends[2][2][16] = {
		{{[10] = 0xff, [11] = 0xff, 10, 0, 0, 1}, {[10] = 0xff, [11] = 0xff, 10, 0, 0, 2}},
		{{0x20, 1, 0xd, 0xb8, [15] = 1}, {0x20, 1, 0xd, 0xb8, [15] = 2}},
	};
	bool framed = c->inside == ETHERNET || c->inside == TAGGED;

	assert_int_equal(m->tunnel.depth, 1);
	assert_int_equal(m->tunnel.version, c->outer);
	assert_int_equal(m->tunnel.has_id, c->id >= 0);
	assert_int_equal(m->tunnel.id, c->id >= 0 ? c->id : 0);
	assert_memory_equal(m->tunnel.src, ends[c->outer == 6][0], 16);
	assert_memory_equal(m->tunnel.dst, ends[c->outer == 6][1], 16);
	assert_int_equal(m->key.version, c->inside == V4 ? 4 : 6);
	assert_int_equal(meta_sport(m), 555);
	assert_int_equal(meta_dport(m), 666);
	assert_int_equal(m->l3_bytes, c->inside == V4 ? 44 : 64);
	assert_int_equal(m->l3_end, f->len);
	assert_int_equal(m->key.vlan_count, c->inside == TAGGED);
	assert_int_equal(m->key.vlan[0], c->inside == TAGGED ? 0x123 : 0);
	assert_int_equal(m->src_mac[5], framed ? 0x1a : 0xa);
	assert_int_equal(m->dst_mac[5], framed ? 0x1b : 0xb);
}

static void
each_kind(void **state)
{
	bool tried[TUNNEL_COUNT] = {false};
	struct packet_meta m, outer;
	struct frame f;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		case_build(&cases[i], &f);
		frame_parse(&f, LINKTYPE_ETHERNET, &outer);
		assert_int_equal(outer.discard, DISCARD_NONE);
		assert_int_equal(outer.tunnel.type, TUNNEL_NONE);
		assert_int_equal(outer.key.proto, cases[i].proto);
		frame_parse_tunnel(&f, f.len, &m);
		if (m.discard != DISCARD_NONE || m.tunnel.type != cases[i].expect)
			fail_msg("%s: outcome %u, tunnel type %u", cases[i].name, m.discard,
				m.tunnel.type);
		tried[m.tunnel.type] = true;
		if (m.tunnel.type == TUNNEL_NONE)
			meta_equal(&m, &outer);
		else
			check_inner(&cases[i], &m, &f);
	}
	for (unsigned int t = 0; t < TUNNEL_COUNT; t++)
		assert_true(tried[t]);
}

// Cut after each byte the packet is in the tunnel's flow, then in the inner one, and never in none
// from the outer IP header on.
static void
each_kind_cut(void **state)
{
	struct packet_meta m, outer;
	struct frame f;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		bool inside = false;

		case_build(&cases[i], &f);
		for (size_t len = cases[i].outer == 6 ? 54 : 34; len <= f.len; len++) {
			frame_parse_cut(&f, len, LINKTYPE_ETHERNET, &outer);
			assert_int_equal(frame_parse_tunnel(&f, len, &m), DISCARD_NONE);
			if (m.tunnel.type == TUNNEL_NONE)
				meta_equal(&m, &outer);
			else
				assert_int_equal(m.tunnel.type, cases[i].expect);
			assert_false(inside && m.tunnel.type == TUNNEL_NONE);
			inside = m.tunnel.type != TUNNEL_NONE;
		}
	}
}

// A trailer behind the IP packet is no payload; a total length of 0 (segmentation offload) says
// nothing.
static void
bounds_by_the_outer_length(void **state)
{
	struct tunnel_case c = {"", 4, 4, 0, "", V4, TUNNEL_IPIP, -1};
	struct packet_meta m;
	struct frame f;

	(void)state;
	for (uint16_t total = 0; total < 64; total++) {
		case_build(&c, &f);
		f.byte[16] = 0;
		f.byte[17] = (uint8_t)total;
		frame_parse_tunnel(&f, f.len, &m);
		// 20 bytes of outer header, 20 of the inner one
		assert_int_equal(m.tunnel.type != TUNNEL_NONE, total <= 20 || total >= 40);
		assert_int_equal(m.l3_end, 14U + total);
	}
}

static void
names(void **state)
{
	(void)state;
	for (unsigned int t = 1; t < TUNNEL_COUNT; t++)
		assert_non_null(tunnel_type_name(t));
	assert_null(tunnel_type_name(TUNNEL_NONE));
	assert_null(tunnel_type_name(TUNNEL_COUNT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),
		cmocka_unit_test(each_kind_cut),
		cmocka_unit_test(bounds_by_the_outer_length),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
