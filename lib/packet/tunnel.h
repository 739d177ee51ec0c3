/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PACKET_TUNNEL_H
#define WEIR_PACKET_TUNNEL_H

#include <stdint.h>

// What a packet was carried in, where flow.tunnels is `decapsulate`.

// X(enumerator, name in JSON)
#define TUNNEL_TYPES(X) \
	X(IPIP, "ipip")            /* IPv4 in IPv4, RFC 2003 */ \
	X(6IN4, "6in4")            /* IPv6 in IPv4, RFC 4213 */ \
	X(4IN6, "4in6")            /* IPv4 in IPv6, RFC 2473 */ \
	X(6IN6, "6in6")            /* IPv6 in IPv6, RFC 2473 */ \
	X(GRE, "gre")              /* RFC 2784, 2890, 1701; id: key */ \
	X(NVGRE, "nvgre")          /* RFC 7637; id: VSID */ \
	X(PPTP, "pptp")            /* GRE version 1, RFC 2637; id: call */ \
	X(ERSPAN1, "erspan1")      /* draft-foschiano-erspan-03 */ \
	X(ERSPAN2, "erspan2")      /* id: session */ \
	X(ERSPAN3, "erspan3")      /* id: session */ \
	X(VXLAN, "vxlan")          /* RFC 7348; id: VNI */ \
	X(VXLAN_GPE, "vxlan-gpe")  /* draft-ietf-nvo3-vxlan-gpe-12; id: VNI */ \
	X(GENEVE, "geneve")        /* RFC 8926; id: VNI */ \
	X(GTPU, "gtp-u")           /* 3GPP TS 29.281; id: TEID */ \
	X(L2TP2, "l2tpv2")         /* RFC 2661; id: tunnel << 16 | session */ \
	X(L2TP3, "l2tpv3")         /* RFC 3931; id: session */

enum tunnel_type {
	TUNNEL_NONE,
#define X(id, name) TUNNEL_##id,
	TUNNEL_TYPES(X)
#undef X
	TUNNEL_COUNT,
};

// JSON name; NULL for TUNNEL_NONE and out of range.
const char *tunnel_type_name(enum tunnel_type t);

// The innermost of the tunnels that a packet came through: the one that holds the flow's packets.
struct packet_tunnel {
	uint8_t type;     // enum tunnel_type
	uint8_t depth;    // how many tunnels there were, this one included
	uint8_t version;  // of the addresses: 4 or 6
	uint8_t has_id;
	uint32_t id;      // what it is depends on the type; 0 without
	uint8_t src[16];  // of the tunnel's IP header, IPv4-mapped as in a flow key
	uint8_t dst[16];
};

#endif
