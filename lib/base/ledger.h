/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_LEDGER_H
#define WEIR_BASE_LEDGER_H

#include <stdint.h>

#include <rte_common.h>

// The ledger: every packet that was offered is somewhere, by name.
//
//   offered  = received + missed + errors + nombuf
//   received = flow_packets + sum of discarded + residual, and residual is 0
//
// Each worker counts for itself (single writer); readers take consistent copies, so that the
// residual is 0 in every copy and not only at the end.

// X(enumerator, name in JSON, what it means)
#define DISCARD_REASONS(X) \
	X(LINKTYPE, "linktype", "the capture's link type is not decoded") \
	X(L2_TRUNCATED, "l2_truncated", "shorter than its link-layer header") \
	X(VLAN_DEPTH, "vlan_depth", "more VLAN tags than a flow key holds") \
	X(LLC, "llc", "802.3 frame that carries neither IPv4 nor IPv6 in SNAP") \
	X(ARP, "arp", "ARP or RARP") \
	X(MPLS_PAYLOAD, "mpls_payload", "MPLS labels over neither IP nor clearly Ethernet with IP") \
	X(PPPOE_DISCOVERY, "pppoe_discovery", "PPPoE discovery stage") \
	X(PPPOE_PAYLOAD, "pppoe_payload", "PPPoE session that carries neither IP nor MPLS") \
	X(NON_IP, "non_ip", "any other Ethernet type") \
	X(IP_VERSION, "ip_version", "version nibble does not fit the Ethernet type") \
	X(IPV4_TRUNCATED, "ipv4_truncated", "shorter than its IPv4 header") \
	X(IPV4_HEADER_LENGTH, "ipv4_header_length", "IPv4 header length below 20 bytes") \
	X(IPV6_TRUNCATED, "ipv6_truncated", "shorter than its IPv6 header") \
	X(IPV6_EXTENSION, "ipv6_extension", "an IPv6 extension header is cut off") \
	X(STOPPED, "stopped", "received while the processor was stopped")

enum discard_reason {
	DISCARD_NONE,  // the packet is in a flow
#define X(id, name, help) DISCARD_##id,
	DISCARD_REASONS(X)
#undef X
	DISCARD_COUNT,
};

// JSON name and one-line meaning of a reason; NULL for DISCARD_NONE and out of range.
const char *discard_reason_name(enum discard_reason r);
const char *discard_reason_help(enum discard_reason r);

// What one worker counted.
struct ledger_counts {
	uint64_t received;  // packets taken from ports
	uint64_t received_bytes;
	uint64_t flow_packets;
	uint64_t flow_bytes;
	uint64_t discarded[DISCARD_COUNT];
	uint64_t detail_lost_packets;  // in a flow and in totals, not in any pane
	uint64_t detail_lost_bytes;
};

// Written by one worker lcore, read by any thread through ledger_read().
struct ledger {
	uint32_t sequence;  // odd while the worker writes
	struct ledger_counts counts;
} __rte_cache_aligned;

// Worker: bracket a burst's changes of l->counts.
static inline void
ledger_begin(struct ledger *l)
{
	__atomic_store_n(&l->sequence, l->sequence + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static inline void
ledger_end(struct ledger *l)
{
	__atomic_store_n(&l->sequence, l->sequence + 1, __ATOMIC_RELEASE);
}

// Reader: a copy in which whole bursts are counted, or one burst less.
void ledger_read(const struct ledger *l, struct ledger_counts *ret_counts);

// sum += c
void ledger_add(struct ledger_counts *sum, const struct ledger_counts *c);

// received - flow_packets - all discards: 0, or there is a defect.
int64_t ledger_residual(const struct ledger_counts *c);

#endif
