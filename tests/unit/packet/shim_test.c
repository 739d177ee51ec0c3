/* SPDX-License-Identifier: BSD-3-Clause */
// What lies between Ethernet and IP: MPLS labels, pseudowires, PPPoE, LLC behind tags, and all of
// it one upon the other.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "eal_support.h"
#include "frame_build.h"

#define CUSTOMER "\x4a\x00\x00\x00\x00\x02\x00\x00\x5e\x00\x00\x01"  // a MAC that begins with 4

// A step of a frame: what is put, and which EtherType it announces where the next step begins.
struct step {
	const char *bytes;
	size_t len;
};

#define STEP(text) {text, sizeof(text) - 1}
#define VLAN_7_TO(type) STEP("\0\7" type)
#define LABEL STEP("\0\1\0\x40")
#define LABEL_BOTTOM STEP("\0\1\1\x40")
#define CONTROL_WORD STEP("\0\0\0\5")
#define PPPOE(protocol) STEP("\x11\0\0\1\0\x20" protocol)
#define SNAP(type) STEP("\xaa\xaa\3\0\0\0" type)
#define ETHERNET(macs, type) STEP(macs type)
#define IPV4 "\x08\0"
#define IPV6 "\x86\xdd"
#define MPLS "\x88\x47"
#define MPLS_MULTICAST "\x88\x48"
#define PPPOE_SESSION "\x88\x64"
#define VLAN "\x81\0"

struct stack {
	const char *name;
	uint16_t type;
	uint8_t version;
	uint8_t vlans;
	struct step steps[8];
};

static const struct stack stacks[] = {
	{"one label", 0x8847, 4, 0, {LABEL_BOTTOM}},
	{"three labels", 0x8847, 6, 0, {LABEL, LABEL, LABEL_BOTTOM}},
	{"multicast", 0x8848, 4, 0, {LABEL, LABEL_BOTTOM}},
	{"labels in a VLAN", 0x8100, 6, 1, {VLAN_7_TO(MPLS), LABEL_BOTTOM}},
	{"two tags of two kinds, labels", 0x88a8, 4, 2, {VLAN_7_TO("\x91\0"),
		VLAN_7_TO(MPLS_MULTICAST), LABEL_BOTTOM}},
	{"pseudowire", 0x8847, 4, 0, {LABEL_BOTTOM, ETHERNET("\2\0\0\0\0\1\2\0\0\0\0\2", IPV4)}},
	{"pseudowire, control word", 0x8847, 6, 0, {LABEL, LABEL_BOTTOM, CONTROL_WORD,
		ETHERNET("\2\0\0\0\0\1\2\0\0\0\0\2", IPV6)}},
	{"pseudowire, a MAC that begins with 0", 0x8847, 4, 0, {LABEL_BOTTOM,
		ETHERNET("\0\0\x5e\0\1\1\2\0\0\0\0\2", IPV4)}},
	{"the same behind a control word", 0x8847, 4, 0, {LABEL_BOTTOM, CONTROL_WORD,
		ETHERNET("\0\0\x5e\0\1\1\2\0\0\0\0\2", IPV4)}},
	{"pseudowire, a MAC that begins with 4", 0x8847, 4, 0, {LABEL_BOTTOM,
		ETHERNET(CUSTOMER, IPV4)}},
	{"pseudowire, a tag that hides a control word's place", 0x8847, 4, 1, {LABEL_BOTTOM,
		ETHERNET("\2\0\0\0\0\1\2\0\0\0\0\2", VLAN), VLAN_7_TO(IPV4)}},
	{"a control word before a tag", 0x8847, 6, 1, {LABEL_BOTTOM, CONTROL_WORD,
		ETHERNET("\2\0\0\0\0\1\2\0\0\0\0\2", VLAN), VLAN_7_TO(IPV6)}},
	{"tags outside and inside of a pseudowire", 0x8100, 6, 3, {VLAN_7_TO(MPLS), LABEL_BOTTOM,
		ETHERNET(CUSTOMER, "\x88\xa8"), VLAN_7_TO(VLAN), VLAN_7_TO(IPV6)}},
	{"PPPoE", 0x8864, 4, 0, {PPPOE("\0\x21")}},
	{"PPPoE, IPv6", 0x8864, 6, 0, {PPPOE("\0\x57")}},
	{"PPPoE, protocol compressed", 0x8864, 4, 0, {PPPOE("\x21")}},
	{"PPPoE in two VLANs", 0x88a8, 4, 2, {VLAN_7_TO(VLAN), VLAN_7_TO(PPPOE_SESSION),
		PPPOE("\0\x21")}},
	{"MPLS in PPPoE", 0x8864, 6, 0, {PPPOE("\2\x81"), LABEL, LABEL_BOTTOM}},
	{"MPLS multicast in PPPoE", 0x8864, 4, 0, {PPPOE("\2\x83"), LABEL_BOTTOM}},
	{"PPPoE in a pseudowire is not clear", 0x8847, 0, 0, {LABEL_BOTTOM,
		ETHERNET("\2\0\0\0\0\1\2\0\0\0\0\2", PPPOE_SESSION), PPPOE("\0\x21")}},
	{"SNAP", 40, 4, 0, {SNAP(IPV4)}},
	{"SNAP in a VLAN", 0x8100, 6, 1, {VLAN_7_TO("\0\x40"), SNAP(IPV6)}},
	{"a VLAN in SNAP in a VLAN", 0x8100, 4, 2, {VLAN_7_TO("\0\x40"), SNAP(VLAN),
		VLAN_7_TO(IPV4)}},
	{"MPLS in SNAP", 40, 4, 0, {SNAP(MPLS), LABEL_BOTTOM}},
	{"everything", 0x9100, 6, 3, {VLAN_7_TO("\0\x60"), SNAP(VLAN), VLAN_7_TO(PPPOE_SESSION),
		PPPOE("\2\x81"), LABEL_BOTTOM, CONTROL_WORD, ETHERNET(CUSTOMER, VLAN),
		VLAN_7_TO(IPV6)}},
};

static void
stack_build(const struct stack *s, struct frame *f)
{
	f->len = 0;
	frame_ether(f, s->type);
	for (unsigned int i = 0; i < RTE_DIM(s->steps) && s->steps[i].bytes != NULL; i++)
		frame_put(f, s->steps[i].bytes, s->steps[i].len);
	if (s->version == 6)
		frame_ipv6(f, 17, 28);
	else
		frame_ipv4(f, &(struct ipv4_fields){.proto = 17, .total = 48});
	frame_ports(f, 1000, 53, 28);
}

static void
all_stacks(void **state)
{
	struct packet_meta m;
	struct frame f;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(stacks); i++) {
		const struct stack *s = &stacks[i];

		stack_build(s, &f);
		frame_parse(&f, LINKTYPE_ETHERNET, &m);
		if (m.discard != (s->version == 0 ? DISCARD_MPLS_PAYLOAD : DISCARD_NONE))
			fail_msg("%s: outcome %u", s->name, m.discard);
		if (s->version == 0)
			continue;
		if (m.key.version != s->version || m.key.vlan_count != s->vlans ||
			meta_sport(&m) != 1000 || meta_dport(&m) != 53 || m.l3_end != f.len)
			fail_msg("%s: IPv%u, %u tags, ports %u, %u", s->name, m.key.version,
				m.key.vlan_count, meta_sport(&m), meta_dport(&m));
		for (unsigned int v = 0; v < FLOW_KEY_VLANS; v++)
			assert_int_equal(m.key.vlan[v], v < s->vlans ? 7 : 0);
	}
}

// Every stack at every length: a reason, or the ends that the whole frame has. But where the first
// byte of a pseudowire's frame begins with 4, what is cut before its IP header looks like IPv4.
static void
all_stacks_cut(void **state)
{
	struct packet_meta m, whole;
	struct frame f;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(stacks); i++) {
		stack_build(&stacks[i], &f);
		frame_parse(&f, LINKTYPE_ETHERNET, &whole);
		if (whole.dst_mac[0] >> 4 == 4)
			continue;
		for (size_t len = 0; len < f.len; len++) {
			if (frame_parse_cut(&f, len, LINKTYPE_ETHERNET, &m) != DISCARD_NONE)
				continue;
			assert_int_equal(m.key.version, stacks[i].version);
			assert_memory_equal(m.key.addr, whole.key.addr, sizeof(m.key.addr));
			assert_memory_equal(m.key.vlan, whole.key.vlan, sizeof(m.key.vlan));
		}
	}
}

static void
addresses_of_the_innermost_ethernet(void **state)
{
	struct packet_meta m;
	struct frame f;

	(void)state;
	stack_build(&stacks[RTE_DIM(stacks) - 1], &f);
	frame_parse(&f, LINKTYPE_ETHERNET, &m);
	assert_memory_equal(m.dst_mac, CUSTOMER, 6);
	assert_memory_equal(m.src_mac, CUSTOMER + 6, 6);
}

// Without a control word the first bytes are a MAC; with one they may be, too. Both hold: neither.
static void
ambiguous_pseudowire(void **state)
{
	struct frame f = {.len = 0};
	struct packet_meta m;

	(void)state;
	frame_ether(&f, 0x8847);
	frame_put(&f, "\0\1\1\x40", 4);
	// Ethernet at 0: type 0x0800 at 12. Ethernet at 4: type at 16, in the identification.
	frame_put(&f, "\0\0\0\1\2\3\4\5\6\7\x8\x9\x08\0", 14);
	frame_put(&f, "\x45\0\x08\0\x45\0\0\x40", 8);
	frame_zeros(&f, 60);
	assert_int_equal(frame_parse(&f, LINKTYPE_ETHERNET, &m), DISCARD_MPLS_PAYLOAD);
}

static void
too_many_tags_in_all(void **state)
{
	struct frame f = {.len = 0};
	struct packet_meta m;

	(void)state;
	frame_ether(&f, 0x8100);
	frame_vlan(&f, 1, 0x8100);
	frame_vlan(&f, 2, 0x8100);
	frame_vlan(&f, 3, 0x8847);
	frame_put(&f, "\0\1\1\x40", 4);
	frame_ether(&f, 0x8100);
	frame_vlan(&f, 4, 0x8100);
	frame_vlan(&f, 5, 0x0800);
	frame_ipv4(&f, &(struct ipv4_fields){.proto = 17});
	frame_zeros(&f, 20);
	assert_int_equal(frame_parse(&f, LINKTYPE_ETHERNET, &m), DISCARD_VLAN_DEPTH);
}

// Labels without a bottom are walked within PACKET_PARSE_BYTES and no further.
static void
endless_labels(void **state)
{
	struct frame f = {.len = 0};
	struct packet_meta m;

	(void)state;
	frame_ether(&f, 0x8847);
	frame_zeros(&f, 4000);
	assert_int_equal(frame_parse(&f, LINKTYPE_ETHERNET, &m), DISCARD_L2_TRUNCATED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_stacks),
		cmocka_unit_test(all_stacks_cut),
		cmocka_unit_test(addresses_of_the_innermost_ethernet),
		cmocka_unit_test(ambiguous_pseudowire),
		cmocka_unit_test(too_many_tags_in_all),
		cmocka_unit_test(endless_labels),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
