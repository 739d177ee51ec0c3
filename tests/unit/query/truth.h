/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_TRUTH_H
#define WEIR_TEST_TRUTH_H

#include <stdint.h>

#include "query/counts.h"

// What was counted of each address in each slice, in a plain array: the measure for approximate
// results. Addresses and slices are numbers from 0.

struct truth {
	uint32_t addresses;
	uint32_t slices;
	uint64_t *counts;               // [slice][metric][address]
	struct query_counts *total;     // by slice, each packet once
};

void truth_begin(struct truth *t, uint32_t addresses, uint32_t slices);
void truth_end(struct truth *t);

// One end of a flow; both ends make a whole.
void truth_add(struct truth *t, uint64_t slice, uint32_t address, uint64_t bytes, uint64_t packets,
	uint64_t flows);

// Value of each address over the `length` slices (0: all) that end with `slice`.
void truth_window(const struct truth *t, unsigned int metric, uint64_t slice, uint64_t length,
	uint64_t *ret_values);
// What all packets of that window have.
uint64_t truth_total(const struct truth *t, unsigned int metric, uint64_t slice, uint64_t length);

#endif
