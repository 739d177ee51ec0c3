/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PANE_PANE_WRITER_H
#define WEIR_PANE_PANE_WRITER_H

#include <rte_branch_prediction.h>

#include "flow/flow_table.h"
#include "pane/pane.h"
#include "pane/slot_set.h"

/*
 * How a worker's flows get into panes without a packet touching more than its flow.
 *
 * A flow's counters only grow. At its first packet in a pane they are noted in the flow (struct
 * flow's pane_packets, pane_bytes) and the flow's slot in the pane's set; the delta of the pane is
 * the counters then less what was noted. It is written when the pane is over: a closed pane's set
 * is worked off a little per burst, while the next pane is open already, so that no burst waits for
 * a million flows. A flow that sees a packet of the next pane before its turn, or ends, has its
 * delta written there and then. So each flow of a pane has one delta, whatever happens to it.
 *
 * A set is worked off in the order of slots, which is that of the flows' memory; the merge lcore,
 * too, finds the keys of flows that began one after the other near each other.
 *
 * Deltas go into parts (pane.h), each handed over when it is full. Those of the open pane wait
 * until the closed one is over. Where no empty part is to be had, the closed pane rests until there
 * is; but a delta that must be written now waits (wait()) or is lost, by number.
 */

// The flows of a pane.
struct pane_list {
	uint32_t sequence;      // changes with every opening, so that marks of older panes do not match
	struct slot_set touched;  // flows seen in it: each has a delta, or will get one
	uint32_t entered;       // how often a flow came in, also into a slot that another one had left
	struct pane *part;      // that its deltas go into, and what is counted in total
	bool last;              // of its last part
};

// Flows that a pane takes of a worker that does not wait, or as many as the table has slots: more in a
// second is a flood, which is not to keep the merge lcore from everything else.
#define PANE_FLOWS (UINT32_C(1) << 20)

// Flows of the closed pane whose first line, which tells what else they take, is on its way.
#define PANE_AHEAD 16

struct pane_writer {
	struct pane_exchange *exchange;
	struct flow_table *table;
	uint32_t flows_most;     // of one pane, where nobody waits
	uint32_t sequence;       // of the list that was opened last
	struct pane_list *open;  // NULL while no part has come back from the merge lcore
	struct pane_list *closed;  // deltas still to be written; NULL if there is none
	uint32_t due[PANE_AHEAD];  // ring: next of its touched flows
	uint32_t due_first;
	uint32_t due_count;
	struct pane *full;       // parts of the open pane that wait for the closed one, in order
	struct pane **full_end;
	unsigned int full_count;
	// Gives way until a part may have come back; NULL: do not wait.
	void (*wait)(void *arg);
	void *wait_arg;
	// Lost while deltas were written, for the ledger; the caller takes them.
	uint64_t lost_packets;
	uint64_t lost_bytes;
	struct pane_list lists[2];
	size_t sets_bytes;       // of both sets of touched flows
	void *sets_memory;
};

// Memory of the sets of flows, in bytes.
size_t pane_writer_bytes(uint32_t slots);

// slots: of the table. 0 or -ENOMEM; pane_writer_fini() then as well.
int pane_writer_init(struct pane_writer *w, struct pane_exchange *x, struct flow_table *table,
	uint32_t slots, int socket);
void pane_writer_fini(struct pane_writer *w);

// Open a pane for `index`; none is open. False when no empty part has come back yet.
bool pane_writer_open(struct pane_writer *w, uint64_t index);

// The open pane is over. Its deltas follow; those of an earlier one are finished first.
void pane_writer_close(struct pane_writer *w);

// Write at most `budget` deltas of the closed pane, and hand it over when they are all there.
// True if there is more, and there was room for some.
bool pane_writer_work(struct pane_writer *w, uint32_t budget);

// The first packet of f in the open pane, not counted in f yet. False if its detail must be dropped: no
// pane is open, or it has taken too many flows; then the packet is one of the open pane's lost ones.
bool pane_writer_enter(struct pane_writer *w, struct flow *f, uint32_t wire_bytes);

// f has ended: write what is due of it before its slot is used again.
void pane_writer_flow_ended(struct pane_writer *w, struct flow *f);

// Is f in the open pane? Else its packet has to go through pane_writer_enter(). What a pane has in
// total is the caller's to count.
static inline bool
pane_writer_has(const struct pane_writer *w, const struct flow *f)
{
	const struct pane_list *l = w->open;

	return likely(l != NULL) && f->pane == l->sequence;
}

#endif
