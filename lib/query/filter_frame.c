/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <netinet/in.h>

#include <rte_byteorder.h>
#include <rte_ether.h>

#include "packet/packet.h"
#include "query/filter.h"

// A flow may be older than a filter. Its first packet is gone; what can be rebuilt from its key, in
// forward direction, is an Ethernet frame with its tags, addresses, protocol and ports. What a key
// does not hold is 0 (TCP flags, payload), but for lengths, versions and a TTL of 64.

struct frame {
	uint8_t *bytes;
	uint32_t len;
};

static void
put(struct frame *f, const void *bytes, uint32_t n)
{
	memcpy(f->bytes + f->len, bytes, n);
	f->len += n;
}

static void
put16(struct frame *f, uint16_t v)
{
	rte_be16_t be = rte_cpu_to_be_16(v);

	put(f, &be, sizeof(be));
}

static void
ethernet_put(struct frame *f, const struct flow_key *key, const uint8_t src_mac[6],
	const uint8_t dst_mac[6])
{
	put(f, dst_mac, 6);
	put(f, src_mac, 6);
	for (unsigned int i = 0; i < key->vlan_count && i < FLOW_KEY_VLANS; i++) {
		put16(f, RTE_ETHER_TYPE_VLAN);
		put16(f, key->vlan[i]);
	}
	put16(f, key->version == 4 ? RTE_ETHER_TYPE_IPV4 : RTE_ETHER_TYPE_IPV6);
}

static void
ip_put(struct frame *f, const struct flow_key *key, unsigned int src, uint16_t payload)
{
	if (key->version == 4) {
		put(f, "\x45\x00", 2);
		put16(f, (uint16_t)(20 + payload));
		put(f, "\x00\x00\x00\x00\x40", 5);  // no fragment, TTL
		put(f, &key->proto, 1);
		put16(f, 0);
		put(f, key->addr[src] + 12, 4);
		put(f, key->addr[src ^ 1] + 12, 4);
		return;
	}
	put(f, "\x60\x00\x00\x00", 4);
	put16(f, payload);
	put(f, &key->proto, 1);
	put(f, "\x40", 1);
	put(f, key->addr[src], 16);
	put(f, key->addr[src ^ 1], 16);
}

uint32_t
filter_frame_build(const struct flow_key *key, bool swapped, const uint8_t src_mac[6],
	const uint8_t dst_mac[6], uint8_t frame[FILTER_FRAME_MAX])
{
	static_assert(12 + FLOW_KEY_VLANS * 4 + 2 + 40 + 20 <= FILTER_FRAME_MAX, "the longest one");
	struct frame f = {frame, 0};
	uint16_t payload = key->proto == IPPROTO_TCP ? 20 : 8;
	uint8_t l4[20] = {0};

	memcpy(l4, &key->port[swapped], 2);
	memcpy(l4 + 2, &key->port[!swapped], 2);
	if (key->proto == IPPROTO_TCP)
		l4[12] = 5 << 4;  // header length
	else if (key->proto == IPPROTO_UDP)
		l4[5] = 8;        // length
	ethernet_put(&f, key, src_mac, dst_mac);
	ip_put(&f, key, swapped, payload);
	put(&f, l4, payload);
	return f.len;
}

struct rte_mbuf
filter_frame_mbuf(uint8_t frame[FILTER_FRAME_MAX], uint32_t len)
{
	return (struct rte_mbuf){
		.buf_addr = frame,
		.buf_len = FILTER_FRAME_MAX,
		.data_len = (uint16_t)len,
		.pkt_len = len,
		.nb_segs = 1,
		.refcnt = 1,
	};
}

bool
filter_match_key(const struct filter *f, const struct flow_key *key, bool swapped,
	const uint8_t src_mac[6], const uint8_t dst_mac[6])
{
	uint8_t frame[FILTER_FRAME_MAX];
	const struct rte_mbuf m = filter_frame_mbuf(frame,
		filter_frame_build(key, swapped, src_mac, dst_mac, frame));

	return filter_match(f, LINKTYPE_ETHERNET, &m);
}
