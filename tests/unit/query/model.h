/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_MODEL_H
#define WEIR_TEST_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "packet/protocol.h"
#include "pane/pane.h"

// The query engine by brute force: every pane is remembered, and each result is computed from all
// deltas of the window anew, with plain arrays and whole-number arithmetic. Shares nothing with
// lib/query but the input.

#define MODEL_KEYS 256
#define MODEL_PANES 8192

struct model_key {
	char text[64];
	uint8_t order[18];  // bytes that sort as result rows do
	uint64_t bytes;
};

struct model {
	const struct protocol_table *protocols;
	struct pane *panes[MODEL_PANES];  // owned
	bool forgotten[MODEL_PANES];
	unsigned int count;
};

struct model_window {
	int64_t first;  // slices [first, last]
	int64_t last;
	bool exact;
	uint64_t bytes, packets, flows;
	unsigned int keys;
	struct model_key key[MODEL_KEYS];  // sorted as rows are
};

void model_add(struct model *m, struct pane *p);
void model_free(struct model *m);
// Slices before `first` are gone for good, as with no memory for retention.
void model_forget(struct model *m, int64_t first);
void model_window(const struct model *m, bool ip, int64_t first, int64_t last,
	struct model_window *ret);

// Does row i belong to the result? Parameters in quarters, so that the answer is exact.
bool model_share(const struct model_window *w, unsigned int i, unsigned int percent4);
bool model_outlier(const struct model_window *w, unsigned int i, unsigned int x4);

struct model_stats {
	double mean, sigma, median, mad;
};

void model_stats(const struct model_window *w, struct model_stats *ret);

#endif
