/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PANE_PANE_H
#define WEIR_PANE_PANE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_ring.h>

#include "base/ledger.h"
#include "packet/flow_key.h"

// A pane is what one worker saw in one slice of time: per touched flow one delta record. It travels
// in parts: while the worker writes a pane's deltas, the merge lcore folds those that are written,
// and gives their memory back to be written again while caches still hold it. A worker owns the
// parts that it fills; sealed ones go to the merge lcore over one SPSC ring and come back empty
// over another (struct pane_exchange), so nothing is allocated and nobody waits.

// Written once per flow and pane, when the pane is over or the flow ends (pane_writer.h), and read
// once, in order, by the merge lcore.
struct pane_delta {
	uint64_t packets[2];  // [0] fwd, [1] rev: directions of the flow
	uint64_t bytes[2];
	uint64_t filter_mask;
	uint32_t reserved0;
	uint16_t app;         // application protocol id
	uint8_t started;      // the flow's first packet falls in this pane
	uint8_t fwd_swapped;  // the flow's source (first packet's sender) is key.addr[1]
	uint64_t reserved1[2];

	struct flow_key key;
	uint8_t src_mac[6];
	uint8_t dst_mac[6];
	uint32_t reserved2;
} __rte_cache_aligned;
static_assert(sizeof(struct pane_delta) == 128, "a pane delta is two cache lines");

// One part. Totals are those that no part before it has.
struct pane {
	uint64_t index;      // start time / pane length; the pane covers [index, index + 1)
	uint64_t packets;    // all packets received in it, discarded ones too
	uint64_t flow_packets;  // exact even where deltas were lost
	uint64_t flow_bytes;
	uint64_t lost_packets;  // in a flow, but there was no room for the delta
	uint64_t lost_bytes;
	uint32_t filter_version;  // of the filters that all its masks are at least decided under
	uint32_t count;      // deltas written
	uint32_t heaviest;   // of them, see pane_heaviest.h
	uint32_t capacity;
	bool last;           // nothing follows: the worker has ended
	bool continued;      // the worker's next part has the same index, and is being written already
	bool present;        // its memory is, or that is nobody's concern
	struct pane_delta *deltas;
	struct pane *next;   // worker: the next one that is full and may not go yet
};

// Worker: packets that are in flows, and their bytes.
static inline void
pane_count(struct pane *p, uint64_t packets, uint64_t bytes)
{
	p->flow_packets += packets;
	p->flow_bytes += bytes;
}

// Deltas of a part: half a megabyte, of which a few fit the caches of either lcore.
#define PANE_DELTAS 4096

/*
 * The parts that travel between one worker and the merge lcore. A worker hands them over in order
 * of their index; an index that is left out was empty.
 */
struct pane_exchange {
	struct rte_ring *sealed;  // worker -> merge, SPSC
	struct rte_ring *empty;   // merge -> worker, SPSC
	struct pane *panes;
	unsigned int count;
	// Worker: empty parts taken from the ring. The one that came back last is opened next, so
	// that as long as the merge lcore keeps up only a few of them have been touched.
	struct pane **spare;
	unsigned int spare_count;
	size_t bytes;             // of all delta arrays
	struct pane_delta *deltas;
};

/*
 * @param panes parts that travel, at least 3: one being written, one folding, one on the way
 * @param deltas of one part
 * @return NULL with errno set
 */
struct pane_exchange *pane_exchange_create(const char *name, unsigned int panes, uint32_t deltas,
	int socket);
void pane_exchange_free(struct pane_exchange *x);
// The run may use few of the parts: the memory of each is to be taken when it is first opened.
// Before that.
void pane_exchange_by_need(struct pane_exchange *x);
// Memory that such an exchange takes when all its parts have been full, in bytes.
size_t pane_exchange_bytes(unsigned int panes, uint32_t deltas);

// Worker: an empty part for the pane `index`, or NULL when none has come back yet.
struct pane *pane_open(struct pane_exchange *x, uint64_t index);
// Worker: hand a part over. Never fails: there is room for all of them in the ring.
void pane_seal(struct pane_exchange *x, struct pane *p);
// Merge: the next sealed part or NULL; give it back with pane_recycle() after folding.
struct pane *pane_receive(struct pane_exchange *x);
void pane_recycle(struct pane_exchange *x, struct pane *p);

#endif
