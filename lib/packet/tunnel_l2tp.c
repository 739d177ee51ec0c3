/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/shim.h"
#include "packet/tunnel_layer.h"

// L2TP data. Version 2 (RFC 2661), over UDP, carries PPP:
//
//   flags, version (2) | [length (2)] | tunnel (2) | session (2) | [Ns, Nr (4)] | [offset (2), pad]
//
// Version 3 (RFC 3931) has a session id; over UDP flags, version and 2 reserved bytes before it:
//
//   session (4, 0: control) | cookie (0, 4 or 8) | sublayer (0 or 4) | payload
//
// How long cookie and sublayer are and what the payload is was agreed when the session was set up,
// and cannot be seen. Ethernet with a credible IP header behind it can: if the places that are
// possible lead to one such header and not to several, that is the payload.
// Everything else stays as it is.

#define L2TP_CONTROL 0x8000
#define L2TP_LENGTH 0x4000
#define L2TP_SEQUENCE 0x0800
#define L2TP_OFFSET 0x0200
#define L2TP_VERSION 0x000f
#define L2TP2_RESERVED 0x34f0
#define L2TP3_PLACES 4  // 0, 4, 8, 12 bytes of cookie and sublayer

bool
tunnel_l2tp3_decode(const struct view *v, uint32_t o, struct tunnel_layer *ret)
{
	uint32_t found = 0;

	if (!view_has(v, o, 4) || be32_at(v->data + o) == 0)
		return false;
	for (uint32_t i = 0; i < L2TP3_PLACES; i++) {
		uint32_t ip = ethernet_find_ip(v, o + 4 + i * 4);

		if (ip == 0 || ip == found)
			continue;
		if (found != 0)
			return false;
		found = ip;
		ret->offset = o + 4 + i * 4;
	}
	ret->type = TUNNEL_L2TP3;
	ret->payload = TUNNEL_CARRIES_ETHERNET;
	ret->id = be32_at(v->data + o);
	ret->has_id = true;
	return found != 0;
}

static bool
l2tp2_decode(const struct view *v, uint32_t o, uint16_t flags, struct tunnel_layer *l)
{
	uint32_t at = o + 2;

	if ((flags & L2TP_LENGTH) != 0) {
		if (!view_has(v, at, 2) || be16_at(v->data + at) < 8)
			return false;
		at += 2;
	}
	if (!view_has(v, at, 4))
		return false;
	l->id = be32_at(v->data + at);
	l->has_id = true;
	at += 4;
	if ((flags & L2TP_SEQUENCE) != 0)
		at += 4;
	if ((flags & L2TP_OFFSET) != 0) {
		if (!view_has(v, at, 2))
			return false;
		at += 2U + be16_at(v->data + at);
	}
	l->payload = TUNNEL_CARRIES_PPP;
	l->offset = at;
	return true;
}

bool
tunnel_l2tp_decode(const struct view *v, uint32_t o, struct tunnel_layer *ret)
{
	uint16_t flags;

	if (!view_has(v, o, 4))
		return false;
	flags = be16_at(v->data + o);
	if ((flags & L2TP_CONTROL) != 0)
		return false;
	switch (flags & L2TP_VERSION) {
	case 2:
		return (flags & L2TP2_RESERVED) == 0 && l2tp2_decode(v, o, flags, ret);
	case 3:
		return (flags & ~L2TP_VERSION) == 0 && tunnel_l2tp3_decode(v, o + 4, ret);
	default:
		return false;
	}
}
