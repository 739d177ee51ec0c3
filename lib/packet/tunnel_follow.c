/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/tunnel_follow.h"

#include <netinet/in.h>

#include <rte_common.h>
#include <rte_ether.h>

#include "packet/shim.h"
#include "packet/tunnel_layer.h"

#define UDP_HEADER 8
#define PROTOCOL_L2TP 115

static_assert(TUNNEL_COUNT <= 32, "a key has five bits for it");
static_assert(TUNNEL_DEPTH_MAX < 8, "a key has three bits for it");

bool
tunnel_ipv4_decode(const struct view *v, uint32_t o, struct tunnel_layer *ret)
{
	(void)v;
	ret->payload = TUNNEL_CARRIES_TYPE;
	ret->ether_type = RTE_ETHER_TYPE_IPV4;
	ret->offset = o;
	return true;
}

bool
tunnel_ipv6_decode(const struct view *v, uint32_t o, struct tunnel_layer *ret)
{
	(void)v;
	ret->payload = TUNNEL_CARRIES_TYPE;
	ret->ether_type = RTE_ETHER_TYPE_IPV6;
	ret->offset = o;
	return true;
}

// One row = by what it is recognized, and how it is decoded. The decoder may refine the type.
struct tunnel_row {
	uint8_t proto;
	uint8_t version;     // of the IP header that carries it; 0: either
	uint16_t port;       // UDP: destination
	bool either_port;    // UDP: or source
	uint8_t type;        // enum tunnel_type
	tunnel_decode_fn *decode;
};

static const struct tunnel_row rows[] = {
	{IPPROTO_IPIP, 4, .type = TUNNEL_IPIP, .decode = tunnel_ipv4_decode},
	{IPPROTO_IPIP, 6, .type = TUNNEL_4IN6, .decode = tunnel_ipv4_decode},
	{IPPROTO_IPV6, 4, .type = TUNNEL_6IN4, .decode = tunnel_ipv6_decode},
	{IPPROTO_IPV6, 6, .type = TUNNEL_6IN6, .decode = tunnel_ipv6_decode},
	{IPPROTO_GRE, 0, .type = TUNNEL_GRE, .decode = tunnel_gre_decode},
	{PROTOCOL_L2TP, 0, .type = TUNNEL_L2TP3, .decode = tunnel_l2tp3_decode},
	{IPPROTO_UDP, 0, 4789, false, TUNNEL_VXLAN, tunnel_vxlan_decode},
	{IPPROTO_UDP, 0, 8472, false, TUNNEL_VXLAN, tunnel_vxlan_decode},
	{IPPROTO_UDP, 0, 4790, false, TUNNEL_VXLAN_GPE, tunnel_vxlan_gpe_decode},
	{IPPROTO_UDP, 0, 6081, false, TUNNEL_GENEVE, tunnel_geneve_decode},
	{IPPROTO_UDP, 0, 2152, false, TUNNEL_GTPU, tunnel_gtpu_decode},
	{IPPROTO_UDP, 0, 1701, true, TUNNEL_L2TP2, tunnel_l2tp_decode},
};

static bool
row_matches(const struct tunnel_row *row, const struct packet_meta *meta,
	const struct transport *t)
{
	if (row->proto != meta->key.proto ||
		(row->version != 0 && row->version != meta->key.version))
		return false;
	return row->proto != IPPROTO_UDP || t->port[1] == rte_cpu_to_be_16(row->port) ||
		(row->either_port && t->port[0] == rte_cpu_to_be_16(row->port));
}

static const struct tunnel_row *
row_find(const struct packet_meta *meta, const struct transport *t)
{
	if (meta->fragment == PACKET_FRAGMENT_LATER)
		return NULL;
	for (unsigned int i = 0; i < RTE_DIM(rows); i++)
		if (row_matches(&rows[i], meta, t))
			return &rows[i];
	return NULL;
}

// The header between a tunnel's own and the IP header within.
static enum discard_reason
payload_link(const struct view *v, const struct tunnel_layer *layer, struct packet_meta *inner,
	struct link_layer *ret)
{
	enum discard_reason r;

	ret->l3_offset = layer->offset;
	switch ((enum tunnel_payload)layer->payload) {
	case TUNNEL_CARRIES_TYPE:
		ret->ether_type = layer->ether_type;
		if (layer->ether_type <= LINK_LENGTH_MAX)
			return DISCARD_NON_IP;
		return link_type_follow(v, inner, ret);
	case TUNNEL_CARRIES_ETHERNET:
		return link_ethernet_parse(v, layer->offset, inner, ret);
	case TUNNEL_CARRIES_PPP:
		r = ppp_parse(v, ret);
		return r != DISCARD_NONE ? r : link_type_follow(v, inner, ret);
	case TUNNEL_CARRIES_IP:
		return link_raw_parse(v, layer->offset, ret);
	}
	return DISCARD_NON_IP;
}

/*
 * Parse what the layer carries into *inner. Addresses of the innermost Ethernet header are kept,
 * VLANs are those of the payload only.
 */
static bool
payload_parse(const struct view *v, const struct tunnel_layer *layer,
	const struct packet_meta *outer, struct packet_meta *inner, struct transport *t)
{
	struct link_layer link;

	*inner = *outer;
	*t = (struct transport){0};
	network_meta_clear(inner);
	memcpy(inner->src_mac, outer->src_mac, sizeof(inner->src_mac));
	memcpy(inner->dst_mac, outer->dst_mac, sizeof(inner->dst_mac));
	return payload_link(v, layer, inner, &link) == DISCARD_NONE &&
		inner->key.vlan_count <= FLOW_KEY_TUNNEL_VLANS &&
		network_parse(v, &link, inner, t) == DISCARD_NONE;
}

// What is behind the end of the IP packet, by its header, is none of its payload. A length of 0
// (segmentation offload) says nothing.
static struct view
payload_view(const struct view *v, const struct transport *t)
{
	struct view inside = *v;

	if (t->payload_bytes > 0 && t->payload_bytes < v->len - RTE_MIN(v->len, t->offset))
		inside.len = t->offset + t->payload_bytes;
	return inside;
}

static void
tunnel_describe(const struct packet_meta *outer, const struct tunnel_layer *layer, uint8_t depth,
	struct packet_tunnel *ret)
{
	ret->type = layer->type;
	ret->depth = depth;
	ret->version = outer->key.version;
	ret->has_id = layer->has_id;
	ret->id = layer->id;
	memcpy(ret->src, outer->key.addr[outer->swapped], sizeof(ret->src));
	memcpy(ret->dst, outer->key.addr[!outer->swapped], sizeof(ret->dst));
}

void
tunnel_follow(const struct view *v, const struct transport *t, struct packet_meta *meta)
{
	struct tunnel_layer network = {0};
	struct view inside = *v;
	struct transport at = *t;

	for (uint8_t depth = 1; depth <= TUNNEL_DEPTH_MAX; depth++) {
		const struct tunnel_row *row = row_find(meta, &at);
		struct tunnel_layer layer = {.type = row != NULL ? row->type : TUNNEL_NONE};
		struct packet_meta inner;
		uint32_t header = at.offset + (meta->key.proto == IPPROTO_UDP ? UDP_HEADER : 0);

		inside = payload_view(&inside, &at);
		if (row == NULL || !row->decode(&inside, header, &layer) ||
			!payload_parse(&inside, &layer, meta, &inner, &at))
			return;
		tunnel_describe(meta, &layer, depth, &inner.tunnel);
		if (layer.id_is_network || !network.id_is_network)
			network = layer;
		flow_key_tunnel_set(&inner.key, network.type, depth,
			network.id_is_network ? network.id : 0);
		*meta = inner;
	}
}
