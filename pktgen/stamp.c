/* SPDX-License-Identifier: BSD-3-Clause */
#include "stamp.h"

#include <rte_udp.h>

#include "frame_write.h"

// Where the L4 checksum is, from the L4 header on.
#define CHECKSUM_TCP 16
#define CHECKSUM_UDP 6
#define CHECKSUM_ICMP 2

// Where what the checksum covers ends, by the length in the IP header.
static uint32_t
l3_end(const uint8_t *frame, bool ip4)
{
	const uint8_t *ip = frame + FRAME_L3;

	if (ip4)
		return FRAME_L3 + (uint32_t)(ip[2] << 8 | ip[3]);
	return FRAME_L4_IP6 + (uint32_t)(ip[4] << 8 | ip[5]);
}

static void
checksum_add(uint8_t *at, uint32_t sum, bool udp)
{
	uint16_t old;

	memcpy(&old, at, sizeof(old));
	old = frame_sum_finish((uint16_t)~old + sum);
	frame_put16(at, udp && old == 0 ? 0xffff : old);
}

bool
stamp_write(uint8_t *frame, uint8_t kind, uint32_t bytes, struct stamp s)
{
	const bool ip4 = frame_kind_is_ip4(kind), tcp = frame_kind_is_tcp(kind),
		icmp = frame_kind_is_icmp(kind);
	uint64_t words[2] = {rte_cpu_to_be_64(s.tag), rte_cpu_to_be_64(s.time)};
	uint32_t l4 = ip4 ? FRAME_L4_IP4 : FRAME_L4_IP6, end = l3_end(frame, ip4), sum = 0;

	if (end != bytes || end < frame_header_bytes[kind] + STAMP_BYTES)
		return false;
	memcpy(frame + end - STAMP_BYTES, words, sizeof(words));
	for (unsigned int i = 0; i < 2; i++)
		sum += frame_sum_fold(frame_sum_words32((uint32_t)words[i]) +
			frame_sum_words32((uint32_t)(words[i] >> 32)));
	sum = frame_sum_fold(sum);
	// Behind an odd number of bytes each of them is the other half of its word (RFC 1071).
	if (((end - l4) & 1) != 0)
		sum = rte_bswap16((uint16_t)sum);
	checksum_add(frame + l4 + (tcp ? CHECKSUM_TCP : icmp ? CHECKSUM_ICMP : CHECKSUM_UDP), sum,
		!tcp && !icmp);
	return true;
}
