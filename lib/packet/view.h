/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PACKET_VIEW_H
#define WEIR_PACKET_VIEW_H

#include <stdbool.h>
#include <stdint.h>

// What the decoders of lib/packet look at, and how they read from it.

// The bytes that can be looked at: contiguous, bounds known.
struct view {
	const uint8_t *data;
	uint32_t len;
};

static inline uint16_t
be16_at(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
be32_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

// Are there n bytes from offset o on? Holds for any o and n below 2^31.
static inline bool
view_has(const struct view *v, uint32_t o, uint32_t n)
{
	return v->len >= o + n;
}

#endif
