/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_RX_BURST_H
#define WEIR_APP_RX_BURST_H

#include "packet/packet.h"
#include "pipeline.h"

// One worker's burst; what it needs on the way from phase to phase.
struct burst {
	struct rte_mbuf *packets[RX_BURST];
	struct packet_meta meta[RX_BURST];
	struct flow *flow[RX_BURST];  // guesses
	uint16_t count;
	uint16_t stranger_count;
	uint64_t strangers[RX_BURST]; // hashes of packets that begin a flow in a full table
	const struct settings *settings;
	struct ledger_counts counts;  // added to the ledger at the end
};

// Take w->burst, which `s` has filled with at least one packet, through all phases; its packets are
// freed and counted in the ledger.
void burst_process(struct rx_worker *w, const struct source *s);

#endif
