/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet.h"

#include <netinet/in.h>

#include <rte_ether.h>
#include <rte_ip.h>

#include "packet/network.h"
#include "packet/packet_plain.h"
#include "packet/tunnel_follow.h"

#define IPV4_FRAGMENT_OFFSET_MASK 0x1fff
#define IPV4_MORE_FRAGMENTS 0x2000
#define IPPROTO_MOBILITY 135  // RFC 6275
#define IPPROTO_HIP 139       // RFC 7401
#define IPPROTO_SHIM6 140     // RFC 5533

// RFC 2675
#define IPV6_OPTION_JUMBO 0xc2
#define IPV6_JUMBO_MIN 65536

static void
fragment_note(struct packet_meta *meta, bool later, uint32_t id)
{
	meta->fragment = later ? PACKET_FRAGMENT_LATER : PACKET_FRAGMENT_FIRST;
	meta->fragment_id = id;
}

// RFC 791
static enum discard_reason
ipv4_parse(const struct view *v, uint32_t o, struct packet_meta *meta, struct transport *t)
{
	const uint8_t *ip = v->data + o;
	uint32_t header;
	uint16_t fragment;

	if (v->len < o + sizeof(struct rte_ipv4_hdr))
		return v->len > o && ip[0] >> 4 != 4 ? DISCARD_IP_VERSION : DISCARD_IPV4_TRUNCATED;
	if (ip[0] >> 4 != 4)
		return DISCARD_IP_VERSION;
	header = (ip[0] & 15U) * 4;
	if (header < sizeof(struct rte_ipv4_hdr))
		return DISCARD_IPV4_HEADER_LENGTH;
	if (v->len < o + header)
		return DISCARD_IPV4_TRUNCATED;

	meta->key.version = 4;
	meta->key.proto = ip[9];
	meta->l3_bytes = be16_at(ip + 2);
	meta->ttl = ip[8];
	t->offset = o + header;
	t->payload_bytes = meta->l3_bytes > header ? meta->l3_bytes - header : 0;
	fragment = be16_at(ip + 6) & (IPV4_MORE_FRAGMENTS | IPV4_FRAGMENT_OFFSET_MASK);
	if (unlikely(fragment != 0))
		fragment_note(meta, (fragment & IPV4_FRAGMENT_OFFSET_MASK) != 0, be16_at(ip + 4));
	return DISCARD_NONE;
}

static bool
ipv6_is_extension(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_FRAGMENT:
	case IPPROTO_AH:
	case IPPROTO_DSTOPTS:
	case IPPROTO_MOBILITY:
	case IPPROTO_HIP:
	case IPPROTO_SHIM6:
		return true;
	default:
		return false;
	}
}

/*
 * The length of a jumbogram, whose length field is 0: in the Jumbo Payload option of a hop-by-hop
 * header that comes right after the IPv6 header (RFC 2675). 0 if it is not one.
 */
static uint32_t
ipv6_jumbo_length(const struct view *v, uint32_t o)
{
	uint32_t end = RTE_MIN(o + (v->data[o + 1] + 1U) * 8, v->len);

	for (o += 2; o + 6 <= end; o += v->data[o] == 0 ? 1 : 2U + v->data[o + 1]) {
		const uint8_t *option = v->data + o;

		if (option[0] == IPV6_OPTION_JUMBO && option[1] == 4)
			return be32_at(option + 2) >= IPV6_JUMBO_MIN ? be32_at(option + 2) : 0;
	}
	return 0;
}

/*
 * RFC 8200 section 4: walk the extension headers, in any order, any number; each is at least 8
 * bytes, so the walk ends within the packet. The header's length counts 8 bytes not including the
 * first 8, but AH's counts 4 bytes minus 2 (RFC 4302). A later fragment ends the walk: what
 * follows is the middle of something. An "atomic fragment", the first and last of its datagram
 * (RFC 6946), is no fragment. Of several fragment headers the innermost one counts.
 */
static enum discard_reason
ipv6_extensions_parse(const struct view *v, struct packet_meta *meta, struct transport *t)
{
	uint32_t o = t->offset;
	uint8_t proto = meta->key.proto;

	while (ipv6_is_extension(proto) && meta->fragment != PACKET_FRAGMENT_LATER) {
		const uint8_t *h = v->data + o;

		if (v->len < o + 8)
			return DISCARD_IPV6_EXTENSION;
		if (proto == IPPROTO_FRAGMENT) {
			uint16_t fragment = be16_at(h + 2) & 0xfff9;  // offset, more

			if (fragment != 0)
				fragment_note(meta, fragment > 1, be32_at(h + 4));
			o += 8;
		} else if (proto == IPPROTO_AH) {
			o += (h[1] + 2U) * 4;
		} else {
			o += (h[1] + 1U) * 8;
		}
		proto = h[0];
	}
	t->payload_bytes -= RTE_MIN(t->payload_bytes, o - t->offset);
	t->offset = o;
	meta->key.proto = proto;
	return DISCARD_NONE;
}

// RFC 8200
static enum discard_reason
ipv6_parse(const struct view *v, uint32_t o, struct packet_meta *meta, struct transport *t)
{
	const uint8_t *ip = v->data + o;

	if (v->len < o + sizeof(struct rte_ipv6_hdr))
		return v->len > o && ip[0] >> 4 != 6 ? DISCARD_IP_VERSION : DISCARD_IPV6_TRUNCATED;
	if (ip[0] >> 4 != 6)
		return DISCARD_IP_VERSION;
	meta->key.version = 6;
	meta->key.proto = ip[6];
	t->payload_bytes = be16_at(ip + 4);
	meta->ttl = ip[7];
	t->offset = o + sizeof(struct rte_ipv6_hdr);
	if (unlikely(t->payload_bytes == 0 && ip[6] == IPPROTO_HOPOPTS && view_has(v, t->offset, 8)))
		t->payload_bytes = ipv6_jumbo_length(v, t->offset);
	meta->l3_bytes = RTE_MIN(t->payload_bytes, UINT32_MAX - 40) + sizeof(struct rte_ipv6_hdr);
	return ipv6_extensions_parse(v, meta, t);
}

static void
tcp_parse(const uint8_t *h, struct transport *t, struct packet_meta *meta)
{
	uint32_t header = (h[12] >> 4) * 4U;

	memcpy(t->port, h, 4);
	meta->tcp_seq = be32_at(h + 4);
	meta->tcp_ack = be32_at(h + 8);
	meta->tcp_flags = h[13];
	meta->tcp_payload = t->payload_bytes > header ? t->payload_bytes - header : 0;
}

// Ports and TCP fields; all stay 0 where there are none or their header is not all there.
static void
transport_parse(const struct view *v, struct transport *t, struct packet_meta *meta)
{
	uint32_t there = v->len > t->offset ? v->len - t->offset : 0;
	const uint8_t *h = v->data + t->offset;

	if (unlikely(meta->fragment == PACKET_FRAGMENT_LATER))
		return;
	switch (meta->key.proto) {
	case IPPROTO_TCP:
		if (there >= 20)
			tcp_parse(h, t, meta);
		break;
	case IPPROTO_UDP:
		if (there >= 8)
			memcpy(t->port, h, 4);
		break;
	case IPPROTO_SCTP:
	case IPPROTO_UDPLITE:
		if (there >= 4)
			memcpy(t->port, h, 4);
		break;
	default:
		break;
	}
}

// An address as two numbers, most significant first: comparing and storing them in registers
// spares the processor loads of bytes that it has only just stored.
struct address {
	uint64_t high, low;
};

static inline struct address
ipv4_address(const uint8_t *p)
{
	return (struct address){0, UINT64_C(0xffff) << 32 | be32_at(p)};  // IPv4-mapped
}

static inline struct address
ipv6_address(const uint8_t *p)
{
	uint64_t w[2];

	memcpy(w, p, sizeof(w));
	return (struct address){rte_be_to_cpu_64(w[0]), rte_be_to_cpu_64(w[1])};
}

static inline void
address_store(uint8_t to[16], struct address a)
{
	uint64_t w[2] = {rte_cpu_to_be_64(a.high), rte_cpu_to_be_64(a.low)};

	memcpy(to, w, sizeof(w));
}

// Put the ends into the key's order: the smaller (address, port) first.
static inline void
key_ends_set(struct packet_meta *meta, struct address src, struct address dst,
	const rte_be16_t port[2])
{
	uint16_t sport = rte_be_to_cpu_16(port[0]), dport = rte_be_to_cpu_16(port[1]);
	bool swapped;

	if (src.high != dst.high)
		swapped = src.high > dst.high;
	else if (src.low != dst.low)
		swapped = src.low > dst.low;
	else
		swapped = sport > dport;
	meta->swapped = swapped;
	address_store(meta->key.addr[swapped], src);
	address_store(meta->key.addr[!swapped], dst);
	meta->key.port[swapped] = port[0];
	meta->key.port[!swapped] = port[1];
}

void
packet_ports_set(struct packet_meta *meta, rte_be16_t sport, rte_be16_t dport)
{
	struct flow_key *k = &meta->key;

	// Ports decide only between equal addresses.
	if (memcmp(k->addr[0], k->addr[1], sizeof(k->addr[0])) == 0)
		meta->swapped = rte_be_to_cpu_16(sport) > rte_be_to_cpu_16(dport);
	k->port[meta->swapped] = sport;
	k->port[!meta->swapped] = dport;
}

static inline enum discard_reason
ip_parse(const struct view *v, const struct link_layer *l, struct packet_meta *meta,
	struct transport *t)
{
	const uint8_t *ip = v->data + l->l3_offset;
	bool v4 = l->ether_type == RTE_ETHER_TYPE_IPV4;
	enum discard_reason r;

	r = v4 ? ipv4_parse(v, l->l3_offset, meta, t) : ipv6_parse(v, l->l3_offset, meta, t);
	if (unlikely(r != DISCARD_NONE))
		return r;
	transport_parse(v, t, meta);
	if (likely(v4))
		key_ends_set(meta, ipv4_address(ip + 12), ipv4_address(ip + 16), t->port);
	else
		key_ends_set(meta, ipv6_address(ip + 8), ipv6_address(ip + 24), t->port);
	return DISCARD_NONE;
}

enum discard_reason
network_parse(const struct view *v, const struct link_layer *l, struct packet_meta *meta,
	struct transport *ret)
{
	return ip_parse(v, l, meta, ret);
}

static inline enum discard_reason
view_parse(const struct view *v, uint32_t linktype, enum packet_tunnels tunnels,
	struct packet_meta *meta)
{
	struct transport t = {0};
	struct link_layer link;
	enum discard_reason r;

	r = link_parse(v, linktype, meta, &link);
	if (likely(r == DISCARD_NONE))
		r = ip_parse(v, &link, meta, &t);
	if (unlikely(r != DISCARD_NONE))
		return r;
	meta->l3_end = link.l3_offset + RTE_MIN(meta->l3_bytes, PACKET_L3_BELIEVED);
	if (unlikely(tunnels == PACKET_TUNNELS_DECAPSULATE) && meta->key.proto != IPPROTO_TCP)
		tunnel_follow(v, &t, meta);
	return DISCARD_NONE;
}

enum discard_reason
packet_walk(const struct rte_mbuf *m, uint32_t linktype, enum packet_tunnels tunnels,
	struct packet_meta *ret)
{
	uint8_t gathered[PACKET_PARSE_BYTES];
	struct view v = {rte_pktmbuf_mtod(m, const uint8_t *),
		RTE_MIN(rte_pktmbuf_data_len(m), (uint32_t)PACKET_PARSE_BYTES)};

	if (unlikely(m->nb_segs > 1)) {
		v.len = RTE_MIN(rte_pktmbuf_pkt_len(m), (uint32_t)PACKET_PARSE_BYTES);
		v.data = rte_pktmbuf_read(m, 0, v.len, gathered);
	}
	network_meta_clear(ret);
	ret->discard = view_parse(&v, linktype, tunnels, ret);
	return ret->discard;
}

enum discard_reason
packet_parse(const struct rte_mbuf *m, uint32_t linktype, enum packet_tunnels tunnels,
	struct packet_meta *ret)
{
	if (likely(packet_is_plain(m, linktype, tunnels))) {
		packet_plain_fill(rte_pktmbuf_mtod(m, const uint8_t *), ret);
		return DISCARD_NONE;
	}
	return packet_walk(m, linktype, tunnels, ret);
}
