/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PACKET_FLOW_KEY_H
#define WEIR_PACKET_FLOW_KEY_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_byteorder.h>

#define FLOW_KEY_VLANS 4

// The flow key, both directions in one form: the end with the smaller (address, port) comes
// first, so a packet and its answer have the same key and differ in `swapped` only. 48 bytes, no
// padding: compared as six words, hashed as six words. IPv4 addresses are IPv4-mapped
// (::ffff:a.b.c.d, RFC 4291 section 2.5.5.2); `version` keeps them apart from real IPv6 ones.
//
// A packet out of a tunnel is in another flow than one with the same ends beside it, or in the
// tunnel of another network: networks of two tenants may use the same addresses. `tunnel` says so, and the last two VLAN words hold the network's id, so that such keys have room for
// FLOW_KEY_TUNNEL_VLANS only (docs/adr/0012-tunnels-in-the-flow-key.md).
struct flow_key {
	uint8_t addr[2][16];
	rte_be16_t port[2];  // 0 where there are none
	uint8_t proto;       // IP protocol number, after IPv6 extension headers
	uint8_t version;     // 4 or 6; 0 marks an unused slot
	uint8_t vlan_count;
	uint8_t tunnel;      // 0 without, else depth << 5 | enum tunnel_type
	uint16_t vlan[FLOW_KEY_VLANS];  // VLAN ids, host order, outermost first, rest 0
} __attribute__((aligned(8)));
static_assert(sizeof(struct flow_key) == 48, "flow_key is compared and hashed as six words");

// Word i of a key, in memory order: one load, where copying all six would go through the stack.
static inline uint64_t
flow_key_word(const struct flow_key *k, unsigned int i)
{
	uint64_t w;

	memcpy(&w, (const char *)k + i * sizeof(w), sizeof(w));
	return w;
}

#define FLOW_KEY_TUNNEL_VLANS 2

// vlan_count is at most FLOW_KEY_TUNNEL_VLANS. type below 32, depth below 8, id 0 where none.
static inline void
flow_key_tunnel_set(struct flow_key *k, uint8_t type, uint8_t depth, uint32_t id)
{
	k->tunnel = (uint8_t)(depth << 5 | type);
	k->vlan[FLOW_KEY_TUNNEL_VLANS] = (uint16_t)(id >> 16);
	k->vlan[FLOW_KEY_TUNNEL_VLANS + 1] = (uint16_t)id;
}

// Two words at a time; GCC and clang make it a few SSE2 or NEON instructions.
typedef uint64_t flow_key_vector __attribute__((vector_size(16)));

static inline bool
flow_key_equal(const struct flow_key *a, const struct flow_key *b)
{
	flow_key_vector differs = {0}, x, y;

	for (unsigned int i = 0; i < sizeof(*a); i += sizeof(x)) {
		memcpy(&x, (const char *)a + i, sizeof(x));
		memcpy(&y, (const char *)b + i, sizeof(y));
		differs |= x ^ y;
	}
	return (differs[0] | differs[1]) == 0;
}

#endif
