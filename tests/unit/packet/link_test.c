/* SPDX-License-Identifier: BSD-3-Clause */
// Below IP: tags, 802.3 with SNAP, and what captures put in place of Ethernet.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "eal_support.h"
#include "frame_build.h"

static void
datagram_put(struct frame *f)
{
	frame_ipv4(f, &(struct ipv4_fields){.proto = 17, .total = 30});
	frame_ports(f, 1000, 53, 8);
}

static void
datagram6_put(struct frame *f)
{
	frame_ipv6(f, 17, 8);
	frame_ports(f, 1000, 53, 8);
}

static void
is_datagram(const struct packet_meta *m, uint8_t version)
{
	assert_int_equal(m->discard, DISCARD_NONE);
	assert_int_equal(m->key.version, version);
	assert_int_equal(m->key.proto, 17);
	assert_int_equal(meta_sport(m), 1000);
	assert_int_equal(meta_dport(m), 53);
	assert_int_equal(m->l3_bytes, version == 4 ? 30 : 48);
	assert_int_equal(m->ttl, version == 4 ? 64 : 55);
}

// 0 to 5 tags of each kind; priority and drop bits are no part of the id.
static void
vlan_stacks(void **state)
{
	static const uint16_t tpids[] = {0x8100, 0x88a8, 0x9100};
	struct packet_meta m;

	(void)state;
	for (unsigned int tags = 0; tags <= 5; tags++) {
		for (unsigned int mix = 0; mix < 27; mix++) {
			struct frame f = {.len = 0};

			frame_ether(&f, tags > 0 ? tpids[mix % 3] : 0x0800);
			for (unsigned int i = 0; i < tags; i++)
				frame_vlan(&f, (uint16_t)(0xf000 | (100 + i)),
					i + 1 < tags ? tpids[mix / (i % 2 ? 9 : 3) % 3] : 0x0800);
			datagram_put(&f);
			frame_parse(&f, LINKTYPE_ETHERNET, &m);
			if (tags > FLOW_KEY_VLANS) {
				assert_int_equal(m.discard, DISCARD_VLAN_DEPTH);
				continue;
			}
			is_datagram(&m, 4);
			assert_int_equal(m.key.vlan_count, tags);
			for (unsigned int i = 0; i < FLOW_KEY_VLANS; i++)
				assert_int_equal(m.key.vlan[i], i < tags ? 100 + i : 0);
		}
	}
}

static void
vlan_is_part_of_the_key(void **state)
{
	struct packet_meta a, b;

	(void)state;
	for (uint16_t id = 0; id < 4096; id += 4095) {
		struct frame f = {.len = 0}, g = {.len = 0};

		frame_ether(&f, 0x8100);
		frame_vlan(&f, id, 0x0800);
		datagram_put(&f);
		frame_ether(&g, 0x0800);
		datagram_put(&g);
		frame_parse(&f, LINKTYPE_ETHERNET, &a);
		frame_parse(&g, LINKTYPE_ETHERNET, &b);
		assert_false(flow_key_equal(&a.key, &b.key));  // id 0 is a tag as well
		assert_int_equal(a.key.vlan[0], id);
	}
}

static void
snap(void **state)
{
	struct frame f = {.len = 0};
	struct packet_meta m;

	(void)state;
	frame_ether(&f, 38);
	frame_put(&f, "\xaa\xaa\x03\0\0\0", 6);
	frame_be16(&f, 0x0800);
	datagram_put(&f);
	frame_parse(&f, LINKTYPE_ETHERNET, &m);
	is_datagram(&m, 4);
	f.len = 0;
	frame_ether(&f, 1500);  // the longest length there is
	frame_put(&f, "\xaa\xaa\x03\0\0\0", 6);
	frame_be16(&f, 0x8100);
	frame_vlan(&f, 5, 0x86dd);
	datagram6_put(&f);
	frame_parse(&f, LINKTYPE_ETHERNET, &m);
	is_datagram(&m, 6);
	assert_int_equal(m.key.vlan[0], 5);
}

static void
mac_addresses(void **state)
{
	struct frame f = {.len = 0};
	struct packet_meta m;

	(void)state;
	frame_ether(&f, 0x86dd);
	datagram6_put(&f);
	frame_parse(&f, LINKTYPE_ETHERNET, &m);
	is_datagram(&m, 6);
	assert_memory_equal(m.src_mac, "\2\0\0\0\0\xa", 6);
	assert_memory_equal(m.dst_mac, "\2\0\0\0\0\xb", 6);
	f.len = 0;
	datagram6_put(&f);
	frame_parse(&f, LINKTYPE_RAW, &m);
	assert_memory_equal(m.src_mac, "\0\0\0\0\0\0", 6);
	assert_memory_equal(m.dst_mac, "\0\0\0\0\0\0", 6);
}

struct link_case {
	uint32_t linktype;
	uint8_t version;
	size_t len;
	uint8_t header[20];
};

static const struct link_case link_cases[] = {
	{LINKTYPE_NULL, 4, 4, {2, 0, 0, 0}},
	{LINKTYPE_NULL, 4, 4, {0, 0, 0, 2}},    // captured on a machine of the other byte order
	{LINKTYPE_NULL, 6, 4, {10, 0, 0, 0}},
	{LINKTYPE_NULL, 6, 4, {24, 0, 0, 0}},
	{LINKTYPE_NULL, 6, 4, {28, 0, 0, 0}},
	{LINKTYPE_NULL, 6, 4, {30, 0, 0, 0}},
	{LINKTYPE_NULL, 6, 4, {0, 0, 0, 30}},
	{LINKTYPE_LOOP, 4, 4, {0, 0, 0, 2}},
	{LINKTYPE_LOOP, 6, 4, {0, 0, 0, 24}},
	{LINKTYPE_RAW_BSD, 4, 0, {0}},
	{LINKTYPE_RAW_BSD, 6, 0, {0}},
	{LINKTYPE_RAW_OPENBSD, 4, 0, {0}},
	{LINKTYPE_RAW_OPENBSD, 6, 0, {0}},
	{LINKTYPE_RAW, 4, 0, {0}},
	{LINKTYPE_RAW, 6, 0, {0}},
	{LINKTYPE_IPV4, 4, 0, {0}},
	{LINKTYPE_IPV6, 6, 0, {0}},
	{LINKTYPE_LINUX_SLL, 4, 16, {0, 4, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0}},
	{LINKTYPE_LINUX_SLL, 6, 16, {0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x86, 0xdd}},
	{LINKTYPE_LINUX_SLL2, 4, 20, {8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6}},
	{LINKTYPE_LINUX_SLL2, 6, 20, {0x86, 0xdd}},
};

static void
link_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < RTE_DIM(link_cases); i++) {
		const struct link_case *c = &link_cases[i];
		struct frame f = {.len = 0};
		struct packet_meta m;

		frame_put(&f, c->header, c->len);
		if (c->version == 4)
			datagram_put(&f);
		else
			datagram6_put(&f);
		frame_parse(&f, c->linktype, &m);
		is_datagram(&m, c->version);
		for (size_t len = 0; len < c->len; len++)
			assert_int_equal(frame_parse_cut(&f, len, c->linktype, &m),
				DISCARD_L2_TRUNCATED);
		if (c->len == 0)
			assert_int_equal(frame_parse_cut(&f, 0, c->linktype, &m),
				DISCARD_L2_TRUNCATED);
	}
}

static void
tags_in_cooked_captures(void **state)
{
	struct frame f = {.len = 0};
	struct packet_meta m;

	(void)state;
	frame_zeros(&f, 14);
	frame_be16(&f, 0x8100);
	frame_vlan(&f, 42, 0x0800);
	datagram_put(&f);
	frame_parse(&f, LINKTYPE_LINUX_SLL, &m);
	is_datagram(&m, 4);
	assert_true(m.key.vlan_count == 1 && m.key.vlan[0] == 42);
}

static void
capture_info_field(void **state)
{
	int offset = packet_capture_info_register();
	struct rte_mbuf *m = eal_packet((const uint8_t *)"x", 1, 1, 1);
	struct packet_capture_info *info;

	(void)state;
	assert_true(offset >= 0);
	assert_int_equal(packet_capture_info_register(), offset);
	info = packet_capture_info(m, offset);
	assert_true((char *)info >= (char *)m && (char *)(info + 1) <= (char *)(m + 1));
	*info = (struct packet_capture_info){UINT64_MAX, UINT32_MAX, UINT32_MAX};
	assert_int_equal(rte_pktmbuf_pkt_len(m), 1);
	assert_int_equal(m->nb_segs, 1);
	rte_pktmbuf_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vlan_stacks),
		cmocka_unit_test(vlan_is_part_of_the_key),
		cmocka_unit_test(snap),
		cmocka_unit_test(mac_addresses),
		cmocka_unit_test(link_types),
		cmocka_unit_test(tags_in_cooked_captures),
		cmocka_unit_test(capture_info_field),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
