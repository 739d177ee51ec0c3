/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_FLOW_FRAGMENT_TABLE_H
#define WEIR_FLOW_FRAGMENT_TABLE_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#include "flow/flow_hash.h"
#include "packet/packet.h"

/*
 * Which flow the later fragments of a datagram belong to (flow.fragments = follow). Only the first
 * fragment carries the transport header, so its ports are remembered and given to the later ones.
 * Nothing is put together and no packet waits: a later fragment that comes before its first one
 * keeps ports 0 and is counted as unmatched.
 *
 * DPDK's rte_ip_frag is not used: it reassembles. It takes each fragment's mbuf away until the
 * datagram is complete or a timeout has passed, so that packets would be counted late, out of order
 * or as one; incomplete datagrams, which an attacker can send at will, would hold the ports' packet
 * buffers; and one whose first fragment is there but whose last never comes would go uncounted
 * until its time is up. Measuring needs one thing from a first fragment, its ports.
 *
 * Fragments belong together by RFC 791 when source, destination, protocol and identification are
 * the same; by RFC 8200 section 4.5 when source, destination and identification are, as the next
 * header of later fragments may differ. VLANs are part of it here because they are of a flow. A
 * first fragment with an identification that is known replaces what was known: senders use
 * identifications again (RFC 6864), and the newest datagram is the one whose rest is to come.
 *
 * An entry lives for 30 s of the worker's clock from its first fragment on, and then is not there
 * any more, whether or not its memory has been used again. RFC 791 suggests 15 s for reassembly,
 * RFC 8200 60 s; Linux uses 30 s for both, and longer would only give a 16-bit identification more
 * time to be used again for something else (RFC 4963).
 *
 * Memory is fixed: 4096 sets of 4 entries, one cache line each, 1 MiB. The hash is keyed, so nobody
 * can aim at a set. A set is kept in order of age, youngest first, so that what falls off its end
 * is the oldest; that is counted as evicted if it was still alive. Under a flood of first fragments
 * entries live shorter, 16 ms at a million datagrams per second, where the rest of a datagram
 * usually comes within microseconds.
 */
#define FRAGMENT_SETS 4096U  // a power of two
#define FRAGMENT_WAYS 4U
#define FRAGMENT_LIFETIME_US (30 * UINT64_C(1000000))

struct fragment_entry {
	// What the fragments of a datagram have in common, in the shape of a flow key: source and
	// destination address in this order, the identification in place of the ports, protocol 0
	// for IPv6. Version 0: unused.
	struct flow_key datagram;
	uint64_t first_us;   // clock at the first fragment
	rte_be16_t port[2];  // source, destination
	uint8_t proto;       // of the first fragment's transport header
	uint8_t reserved[3];
};
static_assert(sizeof(struct fragment_entry) == 64, "an entry is one cache line");

#define FRAGMENT_TABLE_BYTES (FRAGMENT_SETS * FRAGMENT_WAYS * sizeof(struct fragment_entry))

// The worker writes, others read single values.
struct fragment_counts {
	uint64_t first;      // first fragments, all of them
	uint64_t followed;   // later fragments that got their first one's ports
	uint64_t unmatched;  // later fragments whose first one is not known (yet, or any more)
	uint64_t replaced;   // datagrams forgotten for one with the same identification, other ports
	uint64_t evicted;    // datagrams forgotten for want of room, before their time was up
};

// Single owner, no locks, no allocation after creation.
struct fragment_table {
	struct fragment_entry *entries;
	struct flow_hash_secret secret;
	struct fragment_counts counts;
};

/*
 * @param seed 0: hash seeded at random
 * @param socket NUMA node of the worker, or SOCKET_ID_ANY
 * @return NULL with errno set
 */
struct fragment_table *fragment_table_create(const char *name, uint64_t seed, int socket);
void fragment_table_free(struct fragment_table *t);

/*
 * Take note of a first fragment; give a later one its first one's ports and transport protocol,
 * with the ends of its key in their order. meta is as packet_parse() leaves it, not discarded and
 * not PACKET_WHOLE; its hash has to be computed afterwards. now_us is the worker's clock, which
 * never goes back.
 */
void fragment_table_follow(struct fragment_table *t, struct packet_meta *meta, uint64_t now_us);

#endif
