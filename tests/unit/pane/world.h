/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TESTS_PANE_WORLD_H
#define WEIR_TESTS_PANE_WORLD_H

#include "pane/pane_writer.h"

// Some flows and a pane writer over them, for tests of it. Flow i has i in every field that a delta
// takes.

#define FLOWS 64

struct world {
	struct flow flow[FLOWS];
	struct flow_table table;  // the flows, no more of it
	struct pane_writer writer;
	uint64_t given_back;      // deltas, by part_give_back()
};

// Panes travel in `parts` parts of `deltas`.
struct world *world_create(const char *name, unsigned int parts, uint32_t deltas);
void world_free(struct world *w);

void flow_begin(struct flow *f, uint8_t number);
// As the RX worker does: the pane first, then the flow. Is it in the pane?
bool packet(struct world *w, unsigned int flow, unsigned int dir, uint32_t wire_bytes);
// d is what this flow counted.
void delta_is(const struct pane_delta *d, unsigned int flow, uint64_t fwd, uint64_t fwd_bytes,
	uint64_t rev, uint64_t rev_bytes, bool started);

#endif
