/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_ENCAP_H
#define WEIR_PKTGEN_ENCAP_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "address.h"
#include "base/error.h"

// What the packets are wrapped in: VLAN tags (IEEE 802.1Q, the outer of two 802.1ad), MPLS labels
// (RFC 3032), GRE (RFC 2784) and VXLAN (RFC 7348), outermost first. All that stands before the
// inner IP header is the same for all packets but for lengths and, with VXLAN, the outer source
// port, so it is made once and copied.

#define ENCAP_LAYERS_MAX 6u
#define ENCAP_BYTES_MAX 96u  // with the inner Ethernet header

enum encap_type {
	ENCAP_VLAN,
	ENCAP_MPLS,
	ENCAP_GRE,
	ENCAP_VXLAN,
};

struct encap_layer {
	enum encap_type type;
	uint32_t id;           // VLAN id, label or VNI
	struct address src;    // of the tunnels, from the addresses' side to the peers' side
	struct address dst;
};

struct encap_spec {
	uint32_t count;
	struct encap_layer layers[ENCAP_LAYERS_MAX];
};

struct encap {
	uint32_t extra;     // bytes that it adds to a frame; 0: there is none
	uint32_t outer_ip;  // where the outer IPv4 header is; 0: no tunnel
	uint32_t outer_udp; // where the outer UDP header is; 0: none
	uint8_t bytes[2][2][ENCAP_BYTES_MAX];  // [inner IPv6][from the peers' side]
	uint32_t sum_ip[2]; // of the outer header without its length, [from the peers' side]
};

int encap_read(struct encap_spec *inout, const cJSON *json, struct error *err);
cJSON *encap_json(const struct encap_spec *s);
void encap_fill(struct encap *e, const struct encap_spec *s);

/*
 * Put the layers before an inner frame that was written at to + e->extra; its Ethernet header is
 * replaced.
 * @param far from the peers' side
 * @param l3_end bytes up to the end of the inner IP packet, from the inner Ethernet header on
 * @param bytes of the inner frame
 * @param hash of the flow, the same in both directions
 * @return bytes of the whole frame
 */
uint32_t encap_write(const struct encap *e, bool ip6, unsigned int far, uint32_t l3_end,
	uint32_t bytes, uint32_t hash, uint8_t *to);

#endif
