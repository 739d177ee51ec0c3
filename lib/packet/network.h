/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PACKET_NETWORK_H
#define WEIR_PACKET_NETWORK_H

#include <stdint.h>
#include <string.h>

#include "packet/link.h"
#include "packet/packet.h"
#include "packet/view.h"

// IP and transport headers, for the parser and for what tunnels carry. Private to lib/packet.

// Where the transport header is and what is known of it from the IP header; ports as found there.
struct transport {
	uint32_t offset;
	uint32_t payload_bytes;  // IP payload from offset on, by the IP header
	rte_be16_t port[2];
};

// The IP packet at l->l3_offset: fills meta but for what the link layer fills, and *ret.
enum discard_reason network_parse(const struct view *v, const struct link_layer *l,
	struct packet_meta *meta, struct transport *ret);

// Everything that is not written for each packet that ends up in a flow.
static inline void
network_meta_clear(struct packet_meta *meta)
{
	memset(&meta->key, 0, sizeof(meta->key));
	meta->tcp_seq = 0;
	meta->tcp_ack = 0;
	meta->tcp_payload = 0;
	meta->tcp_flags = 0;
	meta->fragment = PACKET_WHOLE;
	meta->fragment_id = 0;
	meta->swapped = 0;
	memset(meta->src_mac, 0, sizeof(meta->src_mac));
	memset(meta->dst_mac, 0, sizeof(meta->dst_mac));
	meta->tunnel.type = TUNNEL_NONE;
}

#endif
