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
// Its flowEndReason (IANA IPFIX element 136, RFC 7012 section 5.11): 1 to 5, 0 for a living flow.
uint8_t flow_end_reason(enum flow_end e);

typedef unsigned __int128 flow_u128;

/*
 * Sizes and inter-arrival times ("gaps") are kept as exact integer sums and sums of squares, so
 * that results do not depend on the order of updates and equal a computation from the packets. The
 * sum of gaps is last - first and is not stored.
 *
 * What a packet writes has to be few cache lines, so the everyday part is narrow and hot, and the
 * rest is wide and cold: sums of squares carry into a high part, and gaps that do not fit 32 bits
 * of microseconds (longer than 71 minutes, or negative where time ran backwards) have minimum and
 * maximum of their own. flow_gaps() and flow_size_squares() in flow_stats.h put them together.
 */
struct flow_direction {
	uint64_t packets;
	uint64_t bytes;         // frame bytes on the wire
	uint64_t l3_bytes;
	uint64_t last_us;       // time stamp of the latest packet
	uint64_t size_squares;  // low 64 bits
	uint64_t gap_squares;   // low 64 bits
	uint32_t size_min;      // valid from the first packet on
	uint32_t size_max;
	uint32_t gap_min_us;    // of gaps below FLOW_GAP_WIDE; UINT32_MAX if there was none
	uint32_t gap_max_us;
};
static_assert(sizeof(struct flow_direction) == 64, "a direction is one cache line");

#define FLOW_GAP_WIDE UINT32_MAX

struct flow_gaps_wide {
	uint64_t squares_high;  // carry of the low part, and high halves of wide squares
	int64_t min_us;         // of gaps that are not below FLOW_GAP_WIDE; min > max if none was
	int64_t max_us;
};

enum flow_part {
	FLOW_FWD,   // direction of the first packet
	FLOW_REV,
	FLOW_BOTH,  // both directions together
	FLOW_PARTS,
};

/*
 * Six 64-byte lines. Every packet touches line 0 (is it this flow, where is its pane delta), the
 * line of its direction, and line 3 (both directions together, times). Lines 4 and 5 are for the
 * beginning and the end of a flow, for the timer wheel, and for rare values.
 */
struct flow {
	struct flow_key key;
	uint32_t delta_pane;    // sequence number of the pane that delta_index is in
	uint32_t delta_index;
	uint16_t app;           // application protocol id, see packet/protocol.h
	uint8_t tcp_flags[2];   // OR of all, per direction
	uint8_t fwd_swapped;    // the first packet's source is key.addr[1]
	uint8_t fin_seen;       // bit i: FIN seen in dir[i]; bit 2: direction of the second FIN
	uint8_t end;            // enum flow_end
	uint8_t worker;

	struct flow_direction dir[2];

	uint64_t last_us;       // time stamp of the latest packet, in arrival order
	uint64_t seen_us;       // clock when it arrived; differs from last_us when time ran backwards
	uint64_t first_us;      // time stamp of the first packet
	uint64_t born_us;       // clock when it arrived
	uint64_t gap_squares;   // between packets of either direction, as in struct flow_direction
	uint32_t gap_min_us;
	uint32_t gap_max_us;
	uint32_t fin_ack[2];    // acknowledgement number that covers the FIN of dir[i]
	uint32_t timer_slot;
	uint8_t ttl_min[2];
	uint8_t ttl_max[2];

	struct flow_gaps_wide gaps_wide[FLOW_PARTS];
	uint64_t rev_first_us;  // time stamp of dir[1]'s first packet
	uint64_t fin_us;        // clock at the first FIN of both; valid when fin_seen is not 0
	uint64_t fin_ts_us;     // its time stamp
	uint64_t filter_mask;   // bit i: the flow passes the i-th installed filter
	uint32_t timer_next;    // timer wheel links: slot indices, FLOW_NONE ends a list
	uint32_t timer_prev;
	uint16_t size_squares_high[2];
	uint8_t src_mac[6];     // of the first packet
	uint8_t dst_mac[6];
} __rte_cache_aligned;
static_assert(sizeof(struct flow) == 384, "six cache lines");
static_assert(offsetof(struct flow, dir) == 64, "directions start their own lines");
static_assert(offsetof(struct flow, last_us) == 192, "times share one line");
static_assert(offsetof(struct flow, gaps_wide) == 256, "cold part");

#define FLOW_NONE UINT32_MAX

#endif
