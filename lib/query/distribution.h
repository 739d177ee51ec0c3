/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_DISTRIBUTION_H
#define WEIR_QUERY_DISTRIBUTION_H

#include <stdint.h>

#include "query/values.h"

// How a metric spreads over the keys that a window holds, at the most that each can be. Sums are exact integers and are rounded to
// doubles once, at the end: the order of the keys does not matter, and nothing cancels.

struct distribution {
	uint64_t count;          // keys
	unsigned __int128 sum;
	double root;             // count * sigma
	double mean;
	double sigma;            // population
	double max_z;            // the largest z that one of `count` values can have
	// only after distribution_order()
	unsigned __int128 median2;  // 2 * median, exact
	double median;
	double mad;              // median of |value - median|
};

void distribution_moments(struct distribution *d, const struct values *values);

// Median and median absolute deviation, in linear time; 0 or -ENOMEM. After the moments.
int distribution_order(struct distribution *d, const struct values *values);

// (value - mean) / sigma; 0 if sigma is 0.
double distribution_z(const struct distribution *d, uint64_t value);

// count * (value - mean), from the exact difference.
static inline double
distribution_deviation(const struct distribution *d, uint64_t value)
{
	return (double)((__int128)((unsigned __int128)value * d->count) - (__int128)d->sum);
}

// value - median, from the exact difference.
static inline double
distribution_above_median(const struct distribution *d, uint64_t value)
{
	return (double)((__int128)((unsigned __int128)value * 2) - (__int128)d->median2) / 2;
}

#endif
