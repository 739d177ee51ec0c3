/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_SIGMAS_H
#define WEIR_BASE_SIGMAS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

// Is a value more than x standard deviations above the mean of `keys` values? Asked by queries and
// by the answer keys that queries are held against, which have to say the same where the two sides
// are as near to each other as doubles are.

// One of n values lies at most sqrt(n - 1) sigma above the mean: when all others are equal.
static inline bool
sigmas_can_exceed(uint64_t keys, double x)
{
	return keys >= 2 && sqrt((double)(keys - 1)) > x;
}

/*
 * @param deviation keys * (value - mean), which is an integer, rounded once
 * @param root keys * sigma: the root of an integer, which was rounded once
 */
static inline bool
sigmas_exceed(uint64_t keys, double deviation, double root, double x)
{
	return deviation > x * root && sigmas_can_exceed(keys, x);
}

#endif
