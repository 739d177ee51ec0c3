/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_COUNTS_H
#define WEIR_QUERY_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

// Metrics, and what is counted of a key in a slice or window. Sums wrap like every unsigned number, so that
// what was added can always be subtracted again.

enum query_metric {
	QUERY_METRIC_BYTES,
	QUERY_METRIC_PACKETS,
	QUERY_METRIC_FLOWS,  // flows whose first packet falls in the slice
	QUERY_METRICS,       // those above are sums
	QUERY_METRIC_PEERS = QUERY_METRICS,  // different addresses at the other end
	QUERY_METRIC_PORTS,  // different destination ports
	QUERY_METRIC_KINDS,
};

struct query_counts {
	uint64_t of[QUERY_METRICS];
};

static inline void
query_counts_add(struct query_counts *sum, const struct query_counts *c)
{
	for (unsigned int m = 0; m < QUERY_METRICS; m++)
		sum->of[m] += c->of[m];
}

static inline void
query_counts_subtract(struct query_counts *sum, const struct query_counts *c)
{
	for (unsigned int m = 0; m < QUERY_METRICS; m++)
		sum->of[m] -= c->of[m];
}

// Each metric at least that of c.
static inline void
query_counts_raise(struct query_counts *most, const struct query_counts *c)
{
	for (unsigned int m = 0; m < QUERY_METRICS; m++)
		if (c->of[m] > most->of[m])
			most->of[m] = c->of[m];
}

static inline bool
query_counts_zero(const struct query_counts *c)
{
	uint64_t any = 0;

	for (unsigned int m = 0; m < QUERY_METRICS; m++)
		any |= c->of[m];
	return any == 0;
}

#endif
