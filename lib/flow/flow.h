/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_FLOW_FLOW_H
#define WEIR_FLOW_FLOW_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#include "packet/flow_key.h"
#include "packet/tunnel.h"

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
 * What a packet touches has to be few cache lines, as at a million flows each is a trip to memory.
 * So the everyday part is narrow and hot and the rest is wide and cold: sums of squares carry into
 * a high part, and gaps that do not fit 32 bits of microseconds (longer than 71 minutes, or
 * negative where time ran backwards) have minimum and maximum of their own. flow_gaps() and
 * flow_size_squares() in flow_stats.h put them together.
 */
struct flow_direction {
	uint64_t packets;
	uint64_t bytes;         // frame bytes on the wire
	uint64_t l3_bytes;
	uint64_t size_squares;  // low 64 bits
	uint64_t gap_squares;   // low 64 bits
	uint32_t size_min;      // valid from the first packet on
	uint32_t size_max;
	uint32_t gap_min_us;    // of gaps below FLOW_GAP_WIDE; UINT32_MAX if there was none
	uint32_t gap_max_us;
	uint32_t born_tick;     // of the flow, the same in both directions: see FLOW_TICK_SHIFT
	uint8_t tcp_flags;      // OR of all
	uint8_t ttl_min;
	uint8_t ttl_max;
	uint8_t size_squares_high;  // carry: holds 2^36 packets of 2^18 bytes, the longest there are
};
static_assert(sizeof(struct flow_direction) == 64, "a direction is one cache line");

#define FLOW_GAP_WIDE UINT32_MAX
// Birth in steps of 131 ms, which tells for almost every packet, from lines that it needs anyway,
// that the active timeout is not near.
#define FLOW_TICK_SHIFT 17

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

// What a packet of the flow has to look at beyond the hot lines; struct flow's `state`.
#define FLOW_TWO_WAY 1  // packets in both directions: the line of both is in use
#define FLOW_SKEWED 2   // time ran backwards: seen_us is not last_us
#define FLOW_STARTED 4  // begun in the pane that it was seen in last
#define FLOW_COLD 8     // the cold part holds something: see flow_cold_begin()

/*
 * Line 0 says whether it is this flow; lines 1 and 2 are the directions; line 3 is for both. A
 * packet of a flow that has one direction so far touches line 0 and its direction's, as the gaps of
 * both directions together are that direction's own then; after an answer, line 3 too. Line 4 is
 * for the first packet in a pane and for the pane's end, the others for rare events: they are not
 * even cleared before one comes, as a flood of new flows is as fast as the lines it touches are few.
 */
struct flow {
	struct flow_key key;
	uint64_t last_us;       // time stamp of the latest packet, in arrival order
	uint32_t pane;          // sequence number of the pane that it was seen in last; 0: none
	uint8_t fwd_swapped;    // the first packet's source is key.addr[1]
	uint8_t last_dir;       // direction of the latest packet
	uint8_t state;          // FLOW_TWO_WAY, ...
	uint8_t fin_seen;       // bit i: FIN seen in dir[i]; bit 2: direction of the second FIN

	struct flow_direction dir[2];

	uint64_t first_us;      // time stamp of the first packet
	uint64_t born_us;       // clock when it arrived
	uint64_t seen_us;       // clock at the latest packet, where FLOW_SKEWED; see flow_seen_us()
	uint64_t rev_first_us;  // time stamp of dir[1]'s first packet
	uint64_t other_last_us; // of the latest packet in the direction that is not last_dir
	uint64_t gap_squares;   // between packets of either direction, where FLOW_TWO_WAY
	uint32_t gap_min_us;
	uint32_t gap_max_us;
	uint32_t timer_next;    // timer wheel links: slot indices, FLOW_NONE ends a list
	uint32_t timer_prev;

	uint64_t pane_packets[2];  // per direction, before the pane that it was seen in last
	uint64_t pane_bytes[2];
	uint64_t filter_mask;   // bit i: the flow passes the i-th installed filter
	uint16_t timer_slot;    // list of the timer wheel, FLOW_TIMER_NONE
	uint16_t app;           // application protocol id, see packet/protocol.h
	uint8_t src_mac[6];     // of the first packet
	uint8_t dst_mac[6];
	uint8_t end;            // enum flow_end
	uint8_t worker;
	uint16_t reserved;
	uint32_t filter_version;  // of the filters that filter_mask was decided under

	struct flow_gaps_wide gaps_wide[FLOW_PARTS];  // where FLOW_COLD
	uint64_t fin_us;        // clock at the first FIN of both; valid when fin_seen is not 0
	uint32_t fin_ack[2];    // acknowledgement number that covers the FIN of dir[i], likewise
	struct packet_tunnel tunnel;  // of the first packet, where FLOW_COLD; type 0 without
} __rte_cache_aligned;
static_assert(sizeof(struct flow) == 448, "seven cache lines");
static_assert(sizeof(struct flow) / RTE_CACHE_LINE_SIZE % 2 == 1,
	"an odd number of lines: with eight, the first lines of all flows share an eighth of the cache");
static_assert(offsetof(struct flow, dir) == 64, "directions start their own lines");
static_assert(offsetof(struct flow, first_us) == 192, "the line of both directions");
static_assert(offsetof(struct flow, pane_packets) == 256, "the line of the pane");
#define FLOW_HOT_BYTES 320
static_assert(offsetof(struct flow, gaps_wide) == FLOW_HOT_BYTES, "cold part");

// Clock at the flow's latest packet.
static inline uint64_t
flow_seen_us(const struct flow *f)
{
	return (f->state & FLOW_SKEWED) != 0 ? f->seen_us : f->last_us;
}

static inline bool
flow_has_tunnel(const struct flow *f)
{
	return (f->state & FLOW_COLD) != 0 && f->tunnel.type != TUNNEL_NONE;
}

// Directions that have had a packet: the line of the other one need not be looked at.
static inline unsigned int
flow_directions(const struct flow *f)
{
	return (f->state & FLOW_TWO_WAY) != 0 ? 2 : 1;
}

#define FLOW_NONE UINT32_MAX
#define FLOW_TIMER_NONE UINT16_MAX

#endif
