/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame_key.h"

#include <netinet/in.h>
#include <string.h>

#define ETHERNET_BYTES 14u
#define TYPE_AT 12u
#define TYPE_IP4 0x0800
#define TYPE_IP6 0x86dd
#define TYPE_ARP 0x0806
#define TYPE_RARP 0x8035
#define TYPE_VLAN 0x8100
#define TYPE_SERVICE_VLAN 0x88a8
#define TYPE_OLD_VLAN 0x9100
#define TYPE_MPLS 0x8847
#define TYPE_MPLS_MULTICAST 0x8848
#define TYPE_PPPOE_DISCOVERY 0x8863
#define TYPE_PPPOE_SESSION 0x8864
#define TYPE_MIN 1501  // below it is a length (IEEE 802.3)
#define PPP_IP4 0x21
#define PPP_IP6 0x57
#define PPP_MPLS 0x281
#define PPP_MPLS_MULTICAST 0x283
#define IP4_BYTES 20u
#define IP6_BYTES 40u

// How far the frame has been read.
struct walk {
	const uint8_t *frame;
	uint32_t bytes;
	uint32_t at;
	uint16_t type;  // of what is there
	struct frame_key *key;
};

static bool
there(const struct walk *w, uint32_t at, uint32_t bytes)
{
	return at <= w->bytes && bytes <= w->bytes - at;
}

static uint16_t
word_at(const struct walk *w, uint32_t at)
{
	return (uint16_t)((unsigned int)w->frame[at] << 8 | w->frame[at + 1]);
}

static bool
type_is_vlan(uint16_t type)
{
	return type == TYPE_VLAN || type == TYPE_SERVICE_VLAN || type == TYPE_OLD_VLAN;
}

// IEEE 802.1Q, 802.1ad: two bytes with the id in the lower twelve bits, then the next type.
static enum discard_reason
vlan_pass(struct walk *w)
{
	struct frame_key *k = w->key;

	if (!there(w, w->at, 4))
		return DISCARD_L2_TRUNCATED;
	if (k->vlan_count == FRAME_KEY_VLANS)
		return DISCARD_VLAN_DEPTH;
	k->outer &= w->type != TYPE_OLD_VLAN && k->vlan_count < 2;
	k->vlan[k->vlan_count++] = word_at(w, w->at) & 0x0fff;
	w->type = word_at(w, w->at + 2);
	w->at += 4;
	return DISCARD_NONE;
}

// RFC 1042: AA-AA-03, three bytes of organization, and a type.
static enum discard_reason
llc_pass(struct walk *w)
{
	static const uint8_t snap[] = {0xaa, 0xaa, 0x03};

	if (!there(w, w->at, 8) || memcmp(w->frame + w->at, snap, sizeof(snap)) != 0)
		return DISCARD_LLC;
	w->type = word_at(w, w->at + 6);
	w->at += 8;
	return w->type < TYPE_MIN ? DISCARD_NON_IP : DISCARD_NONE;
}

// RFC 1071 over an IPv4 header that is there.
static bool
ip4_sum_right(const struct walk *w, uint32_t at, uint32_t header)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < header; i += 2)
		sum += word_at(w, at + i);
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static bool
ip4_credible(const struct walk *w, uint32_t at)
{
	uint32_t header;

	if (!there(w, at, IP4_BYTES) || w->frame[at] >> 4 != 4)
		return false;
	header = (w->frame[at] & 15u) * 4;
	if (header < IP4_BYTES || !there(w, at, header))
		return false;
	return word_at(w, at + 10) == 0 ? word_at(w, at + 2) >= header :
		ip4_sum_right(w, at, header);
}

// Does an Ethernet frame begin here that leads to an IP header? Gives back where that is, 0: no.
static uint32_t
pseudowire_ip(const struct walk *w, uint32_t at)
{
	uint16_t type;

	for (at += TYPE_AT; there(w, at, 2); at += 4) {
		type = word_at(w, at);
		if (type_is_vlan(type))
			continue;
		if (type == TYPE_IP4 && ip4_credible(w, at + 2))
			return at + 2;
		return type == TYPE_IP6 && there(w, at + 2, IP6_BYTES) &&
			w->frame[at + 2] >> 4 == 6 ? at + 2 : 0;
	}
	return 0;
}

static void
ethernet_enter(struct walk *w, uint32_t at)
{
	w->type = word_at(w, at + TYPE_AT);
	w->at = at + ETHERNET_BYTES;
}

// RFC 3032: labels of four bytes, the last one marked. IP or an Ethernet frame follows (RFC 4448,
// with or without control word); which of them is only to be seen in what it looks like.
static enum discard_reason
mpls_pass(struct walk *w)
{
	uint32_t at = w->at, bare, controlled;
	uint8_t version;
	bool last = false;

	for (; !last; at += 4) {
		if (!there(w, at, 4))
			return DISCARD_L2_TRUNCATED;
		last = (w->frame[at + 2] & 1) != 0;
	}
	if (!there(w, at, 1))
		return DISCARD_L2_TRUNCATED;
	version = w->frame[at] >> 4;
	bare = pseudowire_ip(w, at);
	controlled = version == 0 ? pseudowire_ip(w, at + 4) : 0;
	if (bare != 0 && controlled != 0 && bare != controlled)
		return DISCARD_MPLS_PAYLOAD;
	if (bare != 0 || controlled != 0) {
		ethernet_enter(w, bare != 0 ? at : at + 4);
		return DISCARD_NONE;
	}
	w->at = at;
	w->type = version == 4 ? TYPE_IP4 : TYPE_IP6;
	return version == 4 || version == 6 ? DISCARD_NONE : DISCARD_MPLS_PAYLOAD;
}

// RFC 2516: version and type 1, code 0, session, length; then PPP (RFC 1661), maybe with its
// address and control bytes, and a protocol number of one byte where that is odd.
static enum discard_reason
pppoe_pass(struct walk *w)
{
	uint32_t at = w->at;
	uint16_t protocol;

	if (!there(w, at, 6))
		return DISCARD_L2_TRUNCATED;
	if (w->frame[at] != 0x11 || w->frame[at + 1] != 0)
		return DISCARD_PPPOE_PAYLOAD;
	at += 6;
	if (there(w, at, 2) && word_at(w, at) == 0xff03)
		at += 2;
	if (there(w, at, 1) && (w->frame[at] & 1) != 0) {
		protocol = w->frame[at++];
	} else if (there(w, at, 2)) {
		protocol = word_at(w, at);
		at += 2;
	} else {
		return DISCARD_L2_TRUNCATED;
	}
	w->at = at;
	w->type = protocol == PPP_IP4 ? TYPE_IP4 : protocol == PPP_IP6 ? TYPE_IP6 :
		protocol == PPP_MPLS || protocol == PPP_MPLS_MULTICAST ? TYPE_MPLS : 0;
	return w->type != 0 ? DISCARD_NONE : DISCARD_PPPOE_PAYLOAD;
}

static enum discard_reason
layer_pass(struct walk *w)
{
	if (type_is_vlan(w->type))
		return vlan_pass(w);
	w->key->outer = false;
	switch (w->type) {
	case TYPE_MPLS:
	case TYPE_MPLS_MULTICAST:
		return mpls_pass(w);
	case TYPE_PPPOE_SESSION:
		return pppoe_pass(w);
	case TYPE_PPPOE_DISCOVERY:
		return DISCARD_PPPOE_DISCOVERY;
	case TYPE_ARP:
	case TYPE_RARP:
		return DISCARD_ARP;
	default:
		return w->type < TYPE_MIN ? llc_pass(w) : DISCARD_NON_IP;
	}
}

static struct address
address_of(const uint8_t *bytes, uint8_t version)
{
	struct address a = {.version = version};

	memcpy(a.bytes, bytes, version == 4 ? 4 : 16);
	return a;
}

// The ports of a packet whose L4 header begins here, where enough of that is there.
static void
ports_read(const struct walk *w, uint32_t at)
{
	struct frame_key *k = w->key;
	uint32_t needed = k->ip_proto == IPPROTO_TCP ? 20 : k->ip_proto == IPPROTO_UDP ? 8 :
		k->ip_proto == IPPROTO_SCTP || k->ip_proto == IPPROTO_UDPLITE ? 4 : UINT32_MAX;

	if (!there(w, at, needed))
		return;
	k->port[0] = word_at(w, at);
	k->port[1] = word_at(w, at + 2);
}

// RFC 791
static enum discard_reason
ip4_read(struct walk *w)
{
	const uint8_t *ip = w->frame + w->at;
	uint32_t header;

	if (there(w, w->at, 1) && ip[0] >> 4 != 4)
		return DISCARD_IP_VERSION;
	if (!there(w, w->at, IP4_BYTES))
		return DISCARD_IPV4_TRUNCATED;
	header = (ip[0] & 15u) * 4;
	if (header < IP4_BYTES)
		return DISCARD_IPV4_HEADER_LENGTH;
	if (!there(w, w->at, header))
		return DISCARD_IPV4_TRUNCATED;
	w->key->src = address_of(ip + 12, 4);
	w->key->dst = address_of(ip + 16, 4);
	w->key->ip_proto = ip[9];
	// The middle of a datagram has no ports.
	if ((word_at(w, w->at + 6) & 0x1fff) == 0)
		ports_read(w, w->at + header);
	return DISCARD_NONE;
}

// Bytes of an IPv6 extension header, by what its length field says; 0: this is none.
static uint32_t
ip6_extension_bytes(uint8_t proto, uint8_t length)
{
	switch (proto) {
	case IPPROTO_FRAGMENT:
		return 8;
	case IPPROTO_AH:
		return (length + 2u) * 4;
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case 135:  // mobility, RFC 6275
	case 139:  // host identity, RFC 7401
	case 140:  // shim6, RFC 5533
		return (length + 1u) * 8;
	default:
		return 0;
	}
}

// RFC 8200
static enum discard_reason
ip6_read(struct walk *w)
{
	const uint8_t *ip = w->frame + w->at;
	uint32_t at = w->at + IP6_BYTES;
	bool middle = false;
	uint8_t proto;

	if (there(w, w->at, 1) && ip[0] >> 4 != 6)
		return DISCARD_IP_VERSION;
	if (!there(w, w->at, IP6_BYTES))
		return DISCARD_IPV6_TRUNCATED;
	for (proto = ip[6]; !middle && ip6_extension_bytes(proto, 0) != 0;) {
		uint32_t bytes;

		if (!there(w, at, 8))
			return DISCARD_IPV6_EXTENSION;
		bytes = ip6_extension_bytes(proto, w->frame[at + 1]);
		middle = proto == IPPROTO_FRAGMENT && (word_at(w, at + 2) & 0xfff8) != 0;
		proto = w->frame[at];
		at += bytes;
	}
	w->key->src = address_of(ip + 8, 6);
	w->key->dst = address_of(ip + 24, 6);
	w->key->ip_proto = proto;
	if (!middle)
		ports_read(w, at);
	return DISCARD_NONE;
}

enum discard_reason
frame_key_read(const uint8_t *frame, uint32_t bytes, struct frame_key *ret)
{
	struct walk w = {.frame = frame, .key = ret,
		.bytes = bytes < FRAME_KEY_BYTES ? bytes : FRAME_KEY_BYTES};
	enum discard_reason why = DISCARD_NONE;

	memset(ret, 0, sizeof(*ret));
	if (w.bytes < ETHERNET_BYTES)
		return DISCARD_L2_TRUNCATED;
	ret->outer = true;
	ethernet_enter(&w, 0);
	while (why == DISCARD_NONE && w.type != TYPE_IP4 && w.type != TYPE_IP6)
		why = layer_pass(&w);
	if (why != DISCARD_NONE)
		return why;
	ret->ip_at = w.at;
	return w.type == TYPE_IP4 ? ip4_read(&w) : ip6_read(&w);
}
