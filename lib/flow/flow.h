/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_FLOW_FLOW_H
#define WEIR_FLOW_FLOW_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#include "packet/flow_key.h"

// One bidirectional flow (RFC 5103): a key, statistics per direction and for both together.

enum flow_end {
	FLOW_ACTIVE_STILL,  // not ended
	FLOW_END_IDLE,      // no packet for the idle timeout
	FLOW_END_ACTIVE,    // as old as the active timeout
	FLOW_END_FIN,       // FIN from both ends, the later one acknowledged
	FLOW_END_RST,
	FLOW_END_FIN_TIMEOUT,  // FLOW_FIN_TIMEOUT_US after the first FIN
	FLOW_END_EVICTED,   // made room for a new flow
	FLOW_END_FLUSH,     // the run ended
	FLOW_END_COUNT,
};

#define FLOW_FIN_TIMEOUT_US (2 * UINT64_C(1000000))

const char *flow_end_name(enum flow_end e);  // JSON name; "active_still" is never written

typedef unsigned __int128 flow_u128;

// Sizes and inter-arrival times are kept as exact integer sums and sums of squares, 128 bits
// wide where 64 could overflow, so that results do not depend on the order of updates and equal
// a computation from the packets. The sum of inter-arrival times is last_us - first_us.
struct flow_direction {
	uint64_t packets;
	uint64_t bytes;      // frame bytes on the wire
	uint64_t l3_bytes;
	uint64_t first_us;   // valid from the first packet on
	uint64_t last_us;
	int64_t iat_min_us;  // valid from the second packet on; negative when time ran backwards
	int64_t iat_max_us;
	uint32_t size_min;
	uint32_t size_max;
	flow_u128 size_squares;
	flow_u128 iat_squares;
	uint8_t tcp_flags;   // OR of all
	uint8_t ttl_min;
	uint8_t ttl_max;
	uint8_t reserved0;
	uint32_t fin_ack;    // acknowledgement number that covers this direction's FIN
	uint64_t fin_ts_us;  // time stamp of this direction's first FIN
};
static_assert(sizeof(struct flow_direction) == 112, "flow layout");

/*
 * Six 64-byte lines. A packet touches line 0 (key, where its pane delta is), the two lines of its
 * direction, and lines 4 and 5 (both directions together).
 */
struct flow {
	struct flow_key key;
	uint32_t delta_pane;   // sequence number of the pane that delta_index is in
	uint32_t delta_index;
	uint32_t timer_next;   // timer wheel links: slot indices, FLOW_NONE ends a list
	uint32_t timer_prev;

	struct flow_direction dir[2];  // [0] fwd: direction of the first packet, [1] rev

	uint64_t last_us;      // time stamp of the latest packet, in arrival order
	uint64_t seen_us;      // clock when it arrived; differs from last_us when time ran backwards
	int64_t iat_min_us;    // between packets of either direction
	int64_t iat_max_us;
	flow_u128 iat_squares;
	uint64_t born_us;      // clock when the first packet arrived (its time: dir[0].first_us)
	uint64_t fin_us;       // clock at the first FIN; valid when fin_seen is not 0
	uint64_t filter_mask;  // bit i: the flow passes the i-th installed filter
	uint32_t timer_slot;
	uint16_t app;          // application protocol id, see packet/protocol.h
	uint8_t fin_seen;      // bit i: FIN seen in dir[i]; bit 2: direction of the second FIN
	uint8_t fwd_swapped;   // the first packet's source is key.addr[1]
	uint8_t src_mac[6];    // of the first packet
	uint8_t dst_mac[6];
	uint8_t end;           // enum flow_end
	uint8_t worker;
} __rte_cache_aligned;
static_assert(sizeof(struct flow) == 384, "flow layout");

#define FLOW_NONE UINT32_MAX

#endif
