/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_ether.h>

#include "packet/tunnel_layer.h"

// Generic Routing Encapsulation. Version 0 (RFC 2784, 2890; routing as in RFC 1701):
//
//   flags, version (2) | protocol (2) | [checksum, offset (4)] [key (4)] [sequence (4)] [routing]
//
// NVGRE is Ethernet with a key of which the upper 24 bits are the network and the rest spreads
// load. An Ethernet tunnel of Linux or a router with a key looks the same; RFC 7637 leaves networks
// below 0x1000 and 0xffffff unused, so those are taken for a plain key of 32 bits.
//
// ERSPAN (draft-foschiano-erspan-03) mirrors frames: type I has nothing before them and no sequence
// number, II has 8 bytes more, III 12 or 20.
//
// Version 1 (PPTP, RFC 2637): payload length and call id where the key was; a sequence number only
// with a payload, which is PPP.

#define GRE_CHECKSUM 0x8000
#define GRE_ROUTING 0x4000
#define GRE_KEY 0x2000
#define GRE_SEQUENCE 0x1000
#define GRE_ACK 0x0080
#define GRE_VERSION 0x0007

#define GRE_ERSPAN12 0x88be
#define GRE_ERSPAN3 0x22eb
#define GRE_PPP 0x880b

#define NVGRE_VSID_MIN 0x1000
#define NVGRE_VSID_MAX 0xfffffe

#define ERSPAN_SESSION 0x3ff
#define ERSPAN3_SUBHEADER 0x01  // in the last byte
#define ERSPAN3_FRAME_IP 2

// Source route entries: address family (2), offset, length, data; an empty one ends them.
static bool
routing_skip(const struct view *v, uint32_t *o)
{
	for (;;) {
		bool end;

		if (!view_has(v, *o, 4))
			return false;
		end = be16_at(v->data + *o) == 0 && v->data[*o + 3] == 0;
		*o += 4U + v->data[*o + 3];
		if (end)
			return true;
	}
}

static void
id_set(struct tunnel_layer *l, uint32_t id)
{
	l->id = id;
	l->has_id = true;
	l->id_is_network = true;
}

static bool
erspan12_decode(const struct view *v, uint32_t o, bool sequence, struct tunnel_layer *l)
{
	l->payload = TUNNEL_CARRIES_ETHERNET;
	l->offset = o;
	l->type = TUNNEL_ERSPAN1;
	if (!sequence)
		return true;
	if (!view_has(v, o, 8) || v->data[o] >> 4 != 1)
		return false;
	l->type = TUNNEL_ERSPAN2;
	l->offset = o + 8;
	id_set(l, be16_at(v->data + o + 2) & ERSPAN_SESSION);
	return true;
}

static bool
erspan3_decode(const struct view *v, uint32_t o, struct tunnel_layer *l)
{
	const uint8_t *h = v->data + o;
	uint8_t frame;

	if (!view_has(v, o, 12) || h[0] >> 4 != 2)
		return false;
	frame = h[10] >> 2 & 0x1f;
	if (frame != 0 && frame != ERSPAN3_FRAME_IP)
		return false;
	l->type = TUNNEL_ERSPAN3;
	l->payload = frame == 0 ? TUNNEL_CARRIES_ETHERNET : TUNNEL_CARRIES_IP;
	l->offset = o + ((h[11] & ERSPAN3_SUBHEADER) != 0 ? 20 : 12);
	id_set(l, be16_at(h + 2) & ERSPAN_SESSION);
	return true;
}

static bool
gre0_payload(const struct view *v, uint32_t o, uint16_t flags, uint16_t protocol,
	struct tunnel_layer *l)
{
	l->offset = o;
	switch (protocol) {
	case RTE_ETHER_TYPE_TEB:
		l->payload = TUNNEL_CARRIES_ETHERNET;
		if ((flags & (GRE_CHECKSUM | GRE_ROUTING | GRE_SEQUENCE)) == 0 && l->has_id &&
			l->id >> 8 >= NVGRE_VSID_MIN && l->id >> 8 <= NVGRE_VSID_MAX) {
			l->type = TUNNEL_NVGRE;
			l->id >>= 8;
		}
		return true;
	case GRE_ERSPAN12:
		return erspan12_decode(v, o, (flags & GRE_SEQUENCE) != 0, l);
	case GRE_ERSPAN3:
		return erspan3_decode(v, o, l);
	case GRE_PPP:
		l->payload = TUNNEL_CARRIES_PPP;
		return true;
	default:
		l->payload = TUNNEL_CARRIES_TYPE;
		l->ether_type = protocol;
		return true;
	}
}

static bool
gre0_decode(const struct view *v, uint32_t o, struct tunnel_layer *l)
{
	uint16_t flags = be16_at(v->data + o), protocol = be16_at(v->data + o + 2);

	o += 4;
	if ((flags & (GRE_CHECKSUM | GRE_ROUTING)) != 0)
		o += 4;
	if ((flags & GRE_KEY) != 0) {
		if (!view_has(v, o, 4))
			return false;
		id_set(l, be32_at(v->data + o));
		o += 4;
	}
	if ((flags & GRE_SEQUENCE) != 0)
		o += 4;
	if ((flags & GRE_ROUTING) != 0 && !routing_skip(v, &o))
		return false;
	return gre0_payload(v, o, flags, protocol, l);
}

static bool
gre1_decode(const struct view *v, uint32_t o, struct tunnel_layer *l)
{
	uint16_t flags = be16_at(v->data + o);

	if ((flags & (GRE_CHECKSUM | GRE_ROUTING)) != 0 || (flags & GRE_KEY) == 0 ||
		(flags & GRE_SEQUENCE) == 0 || be16_at(v->data + o + 2) != GRE_PPP ||
		!view_has(v, o, 12))
		return false;
	l->type = TUNNEL_PPTP;
	l->payload = TUNNEL_CARRIES_PPP;
	l->id = be16_at(v->data + o + 6);
	l->has_id = true;
	l->offset = o + ((flags & GRE_ACK) != 0 ? 16 : 12);
	return true;
}

bool
tunnel_gre_decode(const struct view *v, uint32_t o, struct tunnel_layer *ret)
{
	if (!view_has(v, o, 4))
		return false;
	switch (be16_at(v->data + o) & GRE_VERSION) {
	case 0:
		return gre0_decode(v, o, ret);
	case 1:
		return gre1_decode(v, o, ret);
	default:
		return false;
	}
}
