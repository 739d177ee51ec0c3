/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/hyperloglog.h"

#include <math.h>

// The improved estimator of O. Ertl, "New cardinality estimation algorithms for HyperLogLog
// sketches" (2017), section 2: one formula from the first thing on, equal to linear counting where
// most registers are empty, without the tables and thresholds that earlier ones need against bias.

// x + sum of 2^(k-1) x^(2^k): what registers stand for that met nothing.
static double
sigma(double x)
{
	double weight = 1, sum = x, before;

	if (x == 1)
		return INFINITY;
	do {
		x *= x;
		before = sum;
		sum += x * weight;
		weight += weight;
	} while (sum != before);
	return sum;
}

// (1 - x - sum of (1 - x^(2^-k))^2 2^-k) / 3: the same for registers at the largest rank.
static double
tau(double x)
{
	double weight = 1, sum = 1 - x, before;

	if (x == 0 || x == 1)
		return 0;
	do {
		x = sqrt(x);
		before = sum;
		weight /= 2;
		sum -= (1 - x) * (1 - x) * weight;
	} while (sum != before);
	return sum / 3;
}

uint64_t
hll_estimate(const uint32_t of[HLL_RANK_MAX + 1])
{
	const double m = HLL_REGISTERS;
	double z = m * tau(1 - of[HLL_RANK_MAX] / m);

	for (unsigned int rank = HLL_RANK_MAX - 1; rank > 0; rank--)
		z = (z + of[rank]) / 2;
	z += m * sigma(of[0] / m);
	return (uint64_t)llround(m * m / (2 * M_LN2 * z));
}

// |value - n| <= 3 s n is n <= value / (1 - 3 s), the wider of its two sides.
uint64_t
hll_error(uint64_t value)
{
	const double three = 3 * HLL_STANDARD_ERROR;

	return (uint64_t)ceil((double)value * three / (1 - three));
}
