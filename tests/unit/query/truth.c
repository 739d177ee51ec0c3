/* SPDX-License-Identifier: BSD-3-Clause */
#include "truth.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint64_t *
values_of(const struct truth *t, uint64_t slice, unsigned int metric)
{
	assert(slice < t->slices);
	return &t->counts[(slice * QUERY_METRICS + metric) * t->addresses];
}

void
truth_begin(struct truth *t, uint32_t addresses, uint32_t slices)
{
	*t = (struct truth){.addresses = addresses, .slices = slices};
	t->counts = calloc((size_t)slices * QUERY_METRICS * addresses, sizeof(*t->counts));
	t->total = calloc(slices, sizeof(*t->total));
	assert(t->counts != NULL && t->total != NULL);
}

void
truth_end(struct truth *t)
{
	free(t->counts);
	free(t->total);
}

void
truth_add(struct truth *t, uint64_t slice, uint32_t address, uint64_t bytes, uint64_t packets,
	uint64_t flows)
{
	const uint64_t of[QUERY_METRICS] = {bytes, packets, flows};

	for (unsigned int m = 0; m < QUERY_METRICS; m++) {
		values_of(t, slice, m)[address] += of[m];
		t->total[slice].of[m] += of[m];
	}
}

static uint64_t
window_first(uint64_t slice, uint64_t length)
{
	return length != 0 && slice + 1 > length ? slice + 1 - length : 0;
}

void
truth_window(const struct truth *t, unsigned int metric, uint64_t slice, uint64_t length,
	uint64_t *ret_values)
{
	memset(ret_values, 0, t->addresses * sizeof(*ret_values));
	for (uint64_t s = window_first(slice, length); s <= slice; s++)
		for (uint32_t i = 0; i < t->addresses; i++)
			ret_values[i] += values_of(t, s, metric)[i];
}

uint64_t
truth_total(const struct truth *t, unsigned int metric, uint64_t slice, uint64_t length)
{
	uint64_t sum = 0;

	for (uint64_t s = window_first(slice, length); s <= slice; s++)
		sum += t->total[s].of[metric];
	return sum / 2;  // both ends
}
