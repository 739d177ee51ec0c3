/* SPDX-License-Identifier: BSD-3-Clause */
// Which packets of tunnels belong together: tunnels in tunnels, networks with the same addresses,
// both directions, VLANs, fragments.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "eal_support.h"
#include "frame_build.h"
#include "packet/tunnel_follow.h"

#define UDP 17
#define GRE 47
#define TOTAL 1000  // of every header: more than there is

static void
packet_put(struct frame *f, uint8_t proto, bool back)
{
	frame_ipv4(f, &(struct ipv4_fields){.proto = proto, .total = TOTAL,
		.src = back ? 2 : 1, .dst = back ? 1 : 2});
}

static void
udp_put(struct frame *f, uint16_t port, bool back)
{
	packet_put(f, UDP, back);
	frame_ports(f, 40000, port, 8);
}

static void
vxlan_put(struct frame *f, uint32_t vni, bool back)
{
	udp_put(f, 4789, back);
	frame_be32(f, 0x08000000);
	frame_be32(f, vni << 8);
	frame_ether(f, 0x0800);
}

static void
geneve_put(struct frame *f, uint32_t vni)
{
	udp_put(f, 6081, false);
	frame_be32(f, 0x0800);
	frame_be32(f, vni << 8);
}

static void
gre_put(struct frame *f, uint32_t key, bool back)
{
	packet_put(f, GRE, back);
	frame_be32(f, 0x20000800);
	frame_be32(f, key);
}

static void
gtpu_put(struct frame *f, uint32_t teid, bool back)
{
	udp_put(f, 2152, back);
	frame_be32(f, 0x30ff0000);
	frame_be32(f, teid);
}

static void
flow_put(struct frame *f, bool back)
{
	packet_put(f, UDP, back);
	frame_ports(f, back ? 53 : 5000, back ? 5000 : 53, 8);
}

static void
begin(struct frame *f)
{
	f->len = 0;
	frame_ether(f, 0x0800);
}

static void
end(struct frame *f, bool back, struct packet_meta *ret)
{
	flow_put(f, back);
	assert_int_equal(frame_parse_tunnel(f, f->len, ret), DISCARD_NONE);
	assert_int_equal(meta_dport(ret), back ? 5000 : 53);
}

enum way { PLAIN, IPIP, VXLAN1, VXLAN2, GENEVE1, GRE1, GRE_HIGH, VXLAN1_IPIP, VXLAN2_IPIP,
	IPIP_VXLAN1_IPIP, GTPU1, WAYS };

static void
way_put(struct frame *f, enum way way, bool back)
{
	switch (way) {
	case PLAIN:
	case WAYS:
		break;
	case IPIP:
		packet_put(f, 4, back);
		break;
	case VXLAN1:
	case VXLAN2:
		vxlan_put(f, way == VXLAN1 ? 1 : 2, back);
		break;
	case GENEVE1:
		geneve_put(f, 1);
		break;
	case GRE1:
	case GRE_HIGH:
		gre_put(f, way == GRE1 ? 1 : 0x10001, back);
		break;
	case VXLAN1_IPIP:
	case VXLAN2_IPIP:
		vxlan_put(f, way == VXLAN1_IPIP ? 1 : 2, back);
		packet_put(f, 4, back);
		break;
	case IPIP_VXLAN1_IPIP:
		packet_put(f, 4, back);
		vxlan_put(f, 1, back);
		packet_put(f, 4, back);
		break;
	case GTPU1:
		gtpu_put(f, back ? 0xbbbb : 0xaaaa, back);  // each end chooses its own
		break;
	}
}

// The same ends and ports in eleven networks are eleven flows, each with both of its directions.
static void
networks_are_apart(void **state)
{
	struct packet_meta there[WAYS], back;
	struct frame f;

	(void)state;
	for (enum way w = 0; w < WAYS; w++) {
		begin(&f);
		way_put(&f, w, false);
		end(&f, false, &there[w]);
		begin(&f);
		way_put(&f, w, true);
		end(&f, true, &back);
		assert_true(flow_key_equal(&there[w].key, &back.key));
		assert_int_not_equal(there[w].swapped, back.swapped);
		for (enum way other = 0; other < w; other++)
			assert_false(flow_key_equal(&there[w].key, &there[other].key));
	}
}

// The innermost tunnel is described; the key has the innermost network.
static void
tunnels_in_tunnels(void **state)
{
	struct packet_meta m;
	struct frame f;

	(void)state;
	begin(&f);
	frame_ipv4(&f, &(struct ipv4_fields){.proto = 4, .total = TOTAL, .src = 91, .dst = 92});
	vxlan_put(&f, 0x123456, false);
	frame_ipv4(&f, &(struct ipv4_fields){.proto = 4, .total = TOTAL, .src = 93, .dst = 94});
	end(&f, false, &m);
	assert_int_equal(m.tunnel.type, TUNNEL_IPIP);
	assert_int_equal(m.tunnel.depth, 3);
	assert_false(m.tunnel.has_id);
	assert_int_equal(m.tunnel.src[15], 93);
	assert_int_equal(m.tunnel.dst[15], 94);
	assert_int_equal(m.key.tunnel, 3 << 5 | TUNNEL_VXLAN);
	assert_int_equal(m.key.vlan[2], 0x12);
	assert_int_equal(m.key.vlan[3], 0x3456);
}

// What is deeper than is followed is a flow of the tunnel there.
static void
depth_is_bounded(void **state)
{
	struct packet_meta m;
	struct frame f;

	(void)state;
	for (unsigned int depth = 0; depth < 60; depth++) {
		begin(&f);
		for (unsigned int i = 0; i < depth; i++)
			packet_put(&f, 4, false);
		flow_put(&f, false);
		assert_int_equal(frame_parse_tunnel(&f, f.len, &m), DISCARD_NONE);
		assert_int_equal(m.key.proto, depth <= TUNNEL_DEPTH_MAX ? UDP : 4);
		assert_int_equal(m.tunnel.type, depth == 0 ? TUNNEL_NONE : TUNNEL_IPIP);
		if (depth > 0)
			assert_int_equal(m.tunnel.depth, RTE_MIN(depth, TUNNEL_DEPTH_MAX + 0U));
	}
}

// Outer tags are not the flow's; a key of a tunnel has room for two inner ones.
static void
inner_vlans(void **state)
{
	struct packet_meta m;
	struct frame f;

	(void)state;
	for (unsigned int tags = 0; tags <= 5; tags++) {
		f.len = 0;
		frame_ether(&f, 0x8100);
		frame_vlan(&f, 99, 0x0800);
		vxlan_put(&f, 5, false);
		f.len -= 2;
		frame_be16(&f, tags > 0 ? 0x8100 : 0x0800);
		for (unsigned int i = 0; i < tags; i++)
			frame_vlan(&f, (uint16_t)(10 + i), i + 1 < tags ? 0x8100 : 0x0800);
		flow_put(&f, false);
		assert_int_equal(frame_parse_tunnel(&f, f.len, &m), DISCARD_NONE);
		if (tags > FLOW_KEY_TUNNEL_VLANS) {
			assert_int_equal(meta_dport(&m), 4789);
			assert_true(m.key.vlan_count == 1 && m.key.vlan[0] == 99);
			assert_int_equal(m.tunnel.type, TUNNEL_NONE);
			continue;
		}
		assert_int_equal(m.key.vlan_count, tags);
		for (unsigned int i = 0; i < FLOW_KEY_TUNNEL_VLANS; i++)
			assert_int_equal(m.key.vlan[i], i < tags ? 10 + i : 0);
		assert_int_equal(m.key.vlan[3], 5);
	}
}

// The flow's own fragments count; of a tunnel's, the first one has the inner header and the others
// have no header at all.
static void
fragments(void **state)
{
	struct packet_meta m;
	struct frame f;

	(void)state;
	begin(&f);
	packet_put(&f, 4, false);
	frame_ipv4(&f, &(struct ipv4_fields){.proto = UDP, .total = TOTAL, .fragment = 0x2000});
	frame_ports(&f, 5000, 53, 8);
	frame_parse_tunnel(&f, f.len, &m);
	assert_true(m.tunnel.type == TUNNEL_IPIP && m.fragment == PACKET_FRAGMENT_FIRST &&
		m.fragment_id == 0x1234 && meta_dport(&m) == 53);
	for (uint16_t field = 0x2000; field <= 0x2001; field++) {
		begin(&f);
		frame_ipv4(&f, &(struct ipv4_fields){.proto = 4, .total = TOTAL,
			.fragment = field});
		flow_put(&f, false);
		frame_parse_tunnel(&f, f.len, &m);
		assert_int_equal(m.tunnel.type, field == 0x2000 ? TUNNEL_IPIP : TUNNEL_NONE);
		assert_int_equal(m.key.proto, field == 0x2000 ? UDP : 4);
		assert_int_equal(m.fragment,
			field == 0x2000 ? PACKET_WHOLE : PACKET_FRAGMENT_LATER);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_are_apart),
		cmocka_unit_test(tunnels_in_tunnels),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(inner_vlans),
		cmocka_unit_test(fragments),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
