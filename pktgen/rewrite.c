/* SPDX-License-Identifier: BSD-3-Clause */
#include "rewrite.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>
#include <rte_ether.h>
#include <rte_icmp.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#define COPY_MASK (REWRITE_COPIES - 1)
#define VLAN_TAGS 2
#define IP6_TURNED_AT 4  // bytes 4 to 7 of an address hold bits 32 to 63

// One's complement sum of what the words of a field change by: new minus old (RFC 1624 eqn. 3).
static uint32_t
words_change(const uint8_t *was, const uint8_t *is, unsigned int bytes)
{
	uint32_t sum = 0;

	for (unsigned int i = 0; i < bytes; i += 2) {
		uint16_t a, b;

		memcpy(&a, was + i, sizeof(a));
		memcpy(&b, is + i, sizeof(b));
		sum += (uint16_t)~a + (uint32_t)b;
	}
	return sum;
}

static void
checksum_change(uint8_t *at, uint32_t change, bool udp)
{
	uint16_t sum;
	uint32_t s;

	memcpy(&sum, at, sizeof(sum));
	if (udp && sum == 0)
		return;  // none was made
	s = (uint16_t)~sum + change;
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	sum = (uint16_t)~s;
	if (udp && sum == 0)
		sum = 0xffff;
	memcpy(at, &sum, sizeof(sum));
}

static void
l4_change(uint8_t *l4, uint32_t bytes, uint8_t protocol, uint32_t change)
{
	uint32_t at;

	if (protocol == IPPROTO_TCP)
		at = offsetof(struct rte_tcp_hdr, cksum);
	else if (protocol == IPPROTO_UDP)
		at = offsetof(struct rte_udp_hdr, dgram_cksum);
	else if (protocol == IPPROTO_ICMPV6)
		at = offsetof(struct rte_icmp_hdr, icmp_cksum);
	else
		return;
	if (at + sizeof(uint16_t) <= bytes)
		checksum_change(l4 + at, change, protocol == IPPROTO_UDP);
}

static void
ip4_rewrite(uint8_t *l3, uint32_t bytes, uint32_t copy)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)l3;
	uint32_t was[2], header, change, turn = rte_cpu_to_be_32(copy << 8);

	if (bytes < sizeof(*ip) || ip->version != 4)
		return;
	header = (uint32_t)ip->ihl * RTE_IPV4_IHL_MULTIPLIER;
	memcpy(was, &ip->src_addr, sizeof(was));
	ip->src_addr ^= turn;
	ip->dst_addr ^= turn;
	change = words_change((const uint8_t *)was, l3 + offsetof(struct rte_ipv4_hdr, src_addr),
		sizeof(was));
	checksum_change((uint8_t *)&ip->hdr_checksum, change, false);
	// Only the first fragment has the L4 header; ICMP's sum is over no address.
	if (header >= sizeof(*ip) && header < bytes && (ip->fragment_offset &
			rte_cpu_to_be_16(RTE_IPV4_HDR_OFFSET_MASK)) == 0)
		l4_change(l3 + header, bytes - header,
			ip->next_proto_id == IPPROTO_ICMPV6 ? 0 : ip->next_proto_id, change);
}

static void
turn6(uint8_t *address, uint32_t turn)
{
	uint32_t part;

	memcpy(&part, address + IP6_TURNED_AT, sizeof(part));
	part ^= turn;
	memcpy(address + IP6_TURNED_AT, &part, sizeof(part));
}

static void
ip6_rewrite(uint8_t *l3, uint32_t bytes, uint32_t copy)
{
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)l3;
	uint8_t was[32], *addresses = l3 + offsetof(struct rte_ipv6_hdr, src_addr);
	uint32_t turn = rte_cpu_to_be_32(copy);

	if (bytes < sizeof(*ip) || l3[0] >> 4 != 6)
		return;
	memcpy(was, addresses, sizeof(was));
	turn6(addresses, turn);
	turn6(addresses + sizeof(was) / 2, turn);
	l4_change(l3 + sizeof(*ip), bytes - sizeof(*ip), ip->proto,
		words_change(was, addresses, sizeof(was)));
}

void
rewrite_addresses(uint8_t *frame, uint32_t bytes, uint32_t copy)
{
	uint32_t at = offsetof(struct rte_ether_hdr, ether_type);
	uint16_t type = 0;

	for (unsigned int tags = 0; tags <= VLAN_TAGS && at + sizeof(type) <= bytes; tags++) {
		memcpy(&type, frame + at, sizeof(type));
		type = rte_be_to_cpu_16(type);
		at += sizeof(type);
		if (type != RTE_ETHER_TYPE_VLAN && type != RTE_ETHER_TYPE_QINQ)
			break;
		at += sizeof(uint16_t);
	}
	if (at > bytes || (copy & COPY_MASK) == 0)
		return;
	if (type == RTE_ETHER_TYPE_IPV4)
		ip4_rewrite(frame + at, bytes - at, copy & COPY_MASK);
	else if (type == RTE_ETHER_TYPE_IPV6)
		ip6_rewrite(frame + at, bytes - at, copy & COPY_MASK);
}
