/* SPDX-License-Identifier: BSD-3-Clause */
#include "encap.h"

#include <netinet/in.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>
#include <rte_vxlan.h>

#include "flow_frame.h"

#define MPLS_BOTTOM 0x100u
#define MPLS_TTL 64
#define OUTER_PORT_MIN 49152u  // RFC 7348 section 5: source ports from the dynamic ones
#define OUTER_PORTS 16384u
#define ETHER_TYPE_MPLS 0x8847
#define GRE_HEADER 4

// Writes the layers one after the other; `type` is where the next EtherType goes.
struct writer {
	struct encap *e;
	uint8_t *to;
	uint32_t at;
	uint32_t type;
	unsigned int far;
};

static void
put16(uint8_t *to, uint16_t v)
{
	v = rte_cpu_to_be_16(v);
	memcpy(to, &v, sizeof(v));
}

static void
put32(uint8_t *to, uint32_t v)
{
	v = rte_cpu_to_be_32(v);
	memcpy(to, &v, sizeof(v));
}

static void
ethernet_put(struct writer *w)
{
	frame_ethernet_fill(w->to + w->at, w->far, 0);
	w->at += RTE_ETHER_HDR_LEN;
	w->type = w->at - 2;
}

static void
vlan_put(struct writer *w, const struct encap_layer *l, bool outer_of_two)
{
	put16(w->to + w->type, outer_of_two ? RTE_ETHER_TYPE_QINQ : RTE_ETHER_TYPE_VLAN);
	put16(w->to + w->at, (uint16_t)l->id);
	w->type = w->at + 2;
	w->at += 4;
}

static void
mpls_put(struct writer *w, const struct encap_layer *l, bool bottom)
{
	if (w->type != 0)
		put16(w->to + w->type, ETHER_TYPE_MPLS);
	put32(w->to + w->at, l->id << 12 | (bottom ? MPLS_BOTTOM : 0) | MPLS_TTL);
	w->type = 0;
	w->at += 4;
}

static void
outer_ip_put(struct writer *w, const struct encap_layer *l, uint8_t proto)
{
	struct rte_ipv4_hdr ip = {.version_ihl = RTE_IPV4_VHL_DEF, .time_to_live = 64,
		.next_proto_id = proto, .fragment_offset = rte_cpu_to_be_16(RTE_IPV4_HDR_DF_FLAG)};

	if (w->type != 0)
		put16(w->to + w->type, RTE_ETHER_TYPE_IPV4);
	memcpy(&ip.src_addr, (w->far ? &l->dst : &l->src)->bytes, 4);
	memcpy(&ip.dst_addr, (w->far ? &l->src : &l->dst)->bytes, 4);
	memcpy(w->to + w->at, &ip, sizeof(ip));
	w->e->outer_ip = w->at;
	w->e->sum_ip[w->far] = rte_raw_cksum(&ip, sizeof(ip));
	w->at += sizeof(ip);
}

static void
gre_put(struct writer *w, const struct encap_layer *l)
{
	outer_ip_put(w, l, IPPROTO_GRE);
	w->type = w->at + 2;
	w->at += GRE_HEADER;
}

static void
vxlan_put(struct writer *w, const struct encap_layer *l)
{
	struct rte_udp_hdr udp = {.dst_port = rte_cpu_to_be_16(RTE_VXLAN_DEFAULT_PORT)};

	outer_ip_put(w, l, IPPROTO_UDP);
	w->e->outer_udp = w->at;
	memcpy(w->to + w->at, &udp, sizeof(udp));
	w->at += sizeof(udp);
	put32(w->to + w->at, UINT32_C(1) << 27);  // the VNI is valid
	put32(w->to + w->at + 4, l->id << 8);
	w->at += sizeof(struct rte_vxlan_hdr);
	ethernet_put(w);
}

static void
layers_put(struct writer *w, const struct encap_spec *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		const struct encap_layer *l = &s->layers[i];
		bool like_next = i + 1 < s->count && l[1].type == l->type;

		switch (l->type) {
		case ENCAP_VLAN:
			vlan_put(w, l, like_next);
			break;
		case ENCAP_MPLS:
			mpls_put(w, l, !like_next);
			break;
		case ENCAP_GRE:
			gre_put(w, l);
			break;
		case ENCAP_VXLAN:
			vxlan_put(w, l);
			break;
		}
	}
}

void
encap_fill(struct encap *e, const struct encap_spec *s)
{
	memset(e, 0, sizeof(*e));
	if (s->count == 0)
		return;
	for (unsigned int variant = 0; variant < 4; variant++) {
		struct writer w = {.e = e, .to = e->bytes[variant & 1][variant >> 1],
			.far = variant >> 1};

		ethernet_put(&w);
		layers_put(&w, s);
		if (w.type != 0)
			put16(w.to + w.type, variant & 1 ? RTE_ETHER_TYPE_IPV6 :
				RTE_ETHER_TYPE_IPV4);
		e->extra = w.at - RTE_ETHER_HDR_LEN;
	}
}

uint32_t
encap_write(const struct encap *e, bool ip6, unsigned int far, uint32_t l3_end, uint32_t bytes,
	uint32_t hash, uint8_t *to)
{
	uint32_t whole = e->extra + bytes, length, sum;

	memcpy(to, e->bytes[ip6][far], e->extra + RTE_ETHER_HDR_LEN);
	if (e->outer_ip == 0)
		return whole;
	// A frame in VXLAN is a whole one with its padding, a packet in GRE is not a frame.
	length = (e->outer_udp != 0 ? whole : e->extra + l3_end) - e->outer_ip;
	put16(to + e->outer_ip + 2, (uint16_t)length);
	sum = e->sum_ip[far] + rte_cpu_to_be_16((uint16_t)length);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (uint16_t)~((sum & 0xffff) + (sum >> 16));
	memcpy(to + e->outer_ip + 10, &(uint16_t){(uint16_t)sum}, 2);
	if (e->outer_udp != 0) {
		put16(to + e->outer_udp, (uint16_t)(OUTER_PORT_MIN + hash % OUTER_PORTS));
		put16(to + e->outer_udp + 4,
			(uint16_t)(length - sizeof(struct rte_ipv4_hdr)));
	}
	return whole;
}
