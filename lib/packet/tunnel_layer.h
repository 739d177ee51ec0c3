/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PACKET_TUNNEL_LAYER_H
#define WEIR_PACKET_TUNNEL_LAYER_H

#include "packet/tunnel.h"
#include "packet/view.h"

// The headers of single tunnels, one file per family; tunnel_follow.c has the table of them.

enum tunnel_payload {
	TUNNEL_CARRIES_TYPE,      // what layer.ether_type says
	TUNNEL_CARRIES_ETHERNET,
	TUNNEL_CARRIES_PPP,
	TUNNEL_CARRIES_IP,        // of the version that its first nibble says
};

struct tunnel_layer {
	uint8_t type;             // enum tunnel_type
	uint8_t payload;          // enum tunnel_payload
	bool has_id;
	bool id_is_network;       // both directions use it: it tells networks apart
	uint16_t ether_type;
	uint32_t id;
	uint32_t offset;          // of the payload
};

/*
 * Decode the tunnel header at offset o. True with *ret filled (it comes zeroed) if it is one and
 * carries something; whether the payload holds together is looked at afterwards. The payload's
 * offset may lie at the end of the view.
 */
typedef bool tunnel_decode_fn(const struct view *v, uint32_t o, struct tunnel_layer *ret);

tunnel_decode_fn tunnel_ipv4_decode;   // IP protocol 4
tunnel_decode_fn tunnel_ipv6_decode;   // IP protocol 41
tunnel_decode_fn tunnel_gre_decode;    // IP protocol 47
tunnel_decode_fn tunnel_l2tp3_decode;  // IP protocol 115
tunnel_decode_fn tunnel_l2tp_decode;   // UDP
tunnel_decode_fn tunnel_vxlan_decode;
tunnel_decode_fn tunnel_vxlan_gpe_decode;
tunnel_decode_fn tunnel_geneve_decode;
tunnel_decode_fn tunnel_gtpu_decode;

#endif
