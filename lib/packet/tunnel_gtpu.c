/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/tunnel_layer.h"

// GTP version 1, user plane (3GPP TS 29.281 section 5):
//
//   flags | message | length (2) | TEID (4) | [sequence (2) | N-PDU | next extension]
//
// The part in brackets is there if any of the flags E, S, PN is set. With E an extension header
// follows for as long as the next type is not 0: length in words of 4 bytes | … | next type.
// Only message 255 (G-PDU) carries a subscriber's packet.

#define GTPU_HEADER 8
#define GTPU_OPTIONAL 4
#define GTPU_VERSION_1 0x30  // version 1, protocol type GTP
#define GTPU_VERSION_MASK 0xf0
#define GTPU_EXTENSION 0x04
#define GTPU_ANY_OPTIONAL 0x07
#define GTPU_G_PDU 255

// Walk the extension headers at *o, the first of type `next`. Each has 4 bytes at least.
static bool
extensions_skip(const struct view *v, uint8_t next, uint32_t *o)
{
	while (next != 0) {
		uint32_t bytes;

		if (!view_has(v, *o, 1))
			return false;
		bytes = v->data[*o] * 4U;
		if (bytes == 0 || !view_has(v, *o, bytes))
			return false;
		*o += bytes;
		next = v->data[*o - 1];
	}
	return true;
}

bool
tunnel_gtpu_decode(const struct view *v, uint32_t o, struct tunnel_layer *ret)
{
	const uint8_t *h = v->data + o;
	uint32_t end = o + GTPU_HEADER;

	if (!view_has(v, o, GTPU_HEADER) || (h[0] & GTPU_VERSION_MASK) != GTPU_VERSION_1 ||
		h[1] != GTPU_G_PDU)
		return false;
	if ((h[0] & GTPU_ANY_OPTIONAL) != 0) {
		if (!view_has(v, end, GTPU_OPTIONAL))
			return false;
		end += GTPU_OPTIONAL;
		if ((h[0] & GTPU_EXTENSION) != 0 && !extensions_skip(v, h[11], &end))
			return false;
	}
	ret->payload = TUNNEL_CARRIES_IP;
	ret->id = be32_at(h + 4);
	ret->has_id = true;
	ret->offset = end;
	return true;
}
