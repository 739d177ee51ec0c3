/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/distribution.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "query/wide.h"

// With n values v, S the sum and Q the sum of squares, n^2 sigma^2 = n Q - S^2 is an integer.
void
distribution_moments(struct distribution *d, const struct values *values)
{
	struct wide squares = {0}, spread, square_of_sum;
	unsigned __int128 sum = 0;

	for (uint32_t i = 0; i < values->count; i++) {
		uint64_t v = values_get(values, i);

		sum += v;
		wide_add(&squares, (unsigned __int128)v * v, 0);
	}
	spread = wide_scale(&squares, values->count);
	square_of_sum = wide_square(sum);
	spread = wide_subtract(&spread, &square_of_sum);
	*d = (struct distribution){
		.count = values->count, .sum = sum, .root = sqrt(wide_double(&spread)),
	};
	if (d->count > 0) {
		d->mean = (double)sum / (double)d->count;
		d->sigma = d->root / (double)d->count;
		d->max_z = sqrt((double)(d->count - 1));
	}
}

double
distribution_z(const struct distribution *d, uint64_t value)
{
	return d->root > 0 ? distribution_deviation(d, value) / d->root : 0;
}

/*
 * The value of rank k (from 0) among v[0 ... n): sort the values into bins by their first bits,
 * keep those of the bin where rank k lies, go on with these. v is used up.
 *
 * Values of traffic lie over many powers of two, few of them far above all others, so the first
 * time bins are those of a logarithmic scale: by the place of the highest bit and the five bits
 * after it, less than one part in 32 apart. From then on they go by the highest bits in which the
 * values differ, each time eight or more fewer, whatever the values are.
 */
#define BIN_BITS 5
#define BINS ((64 - BIN_BITS + 1) << BIN_BITS)
#define BYTE_MASK 0xff

#define SHIFT_LOG (-1)

// Monotone: below 32 the value itself.
static inline uint32_t
log_bin(uint64_t value)
{
	int shift = 63 - BIN_BITS - __builtin_clzll(value | 1 << BIN_BITS);

	return (uint32_t)shift * (1U << BIN_BITS) + (uint32_t)(value >> shift);
}

static inline uint32_t
bin_of(uint64_t value, int shift)
{
	return shift == SHIFT_LOG ? log_bin(value) : (uint32_t)(value >> shift & BYTE_MASK);
}

// The values of the bin where rank *k lies move to the front: how many they are. *k becomes the
// rank among them.
static inline uint32_t
bin_keep(uint64_t *v, uint32_t n, uint32_t *k, int shift)
{
	uint32_t counts[BINS] = {0}, kept = 0, bin = 0;

	for (uint32_t i = 0; i < n; i++)
		counts[bin_of(v[i], shift)]++;
	while (*k >= counts[bin])
		*k -= counts[bin++];
	for (uint32_t i = 0; i < n; i++) {
		v[kept] = v[i];
		kept += bin_of(v[i], shift) == bin;
	}
	return kept;
}

// The bits in which the values differ.
static uint64_t
differing_bits(const uint64_t *v, uint32_t n)
{
	uint64_t bits = 0;

	for (uint32_t i = 1; i < n; i++)
		bits |= v[i] ^ v[0];
	return bits;
}

static uint64_t
select_rank(uint64_t *v, uint32_t n, uint32_t k)
{
	uint64_t bits;

	n = bin_keep(v, n, &k, SHIFT_LOG);
	while ((bits = differing_bits(v, n)) != 0) {
		int top = 63 - __builtin_clzll(bits);

		n = bin_keep(v, n, &k, top < 7 ? 0 : top - 7);
	}
	return v[0];
}

// The sum of the two middle values of v (twice the middle one if n is odd). scratch: n values.
static unsigned __int128
middle_sum(const uint64_t *v, uint32_t n, uint64_t *scratch)
{
	uint64_t low, high = UINT64_MAX;
	uint32_t not_above = 0;

	memcpy(scratch, v, n * sizeof(*v));
	low = select_rank(scratch, n, (n - 1) / 2);
	for (uint32_t i = 0; i < n; i++) {  // without branches, which nothing could predict
		uint64_t above = v[i] > low ? v[i] : UINT64_MAX;

		not_above += v[i] <= low;
		high = above < high ? above : high;
	}
	return (unsigned __int128)low + (not_above > n / 2 ? low : high);
}

/*
 * In halves, so that a median between two values stays an integer: with M = 2 median, a deviation
 * is |2v - M| / 2. All of them have the same half or none, so their whole parts are sorted instead
 * and fit 64 bits: with M = 2 whole + half they are v - whole - half above the median, else whole -
 * v.
 */
int
distribution_order(struct distribution *d, const struct values *values)
{
	uint32_t n = values->count;
	unsigned __int128 deviations;
	uint64_t whole, half;
	uint64_t *v;

	if (n == 0)
		return 0;
	v = malloc(2 * (size_t)n * sizeof(*v));
	if (v == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		v[i] = values_get(values, i);
	d->median2 = middle_sum(v, n, v + n);
	half = d->median2 & 1;
	whole = (uint64_t)(d->median2 >> 1);
	for (uint32_t i = 0; i < n; i++)
		v[i] = v[i] > whole ? v[i] - whole - half : whole - v[i];
	deviations = middle_sum(v, n, v + n) + half;
	d->median = (double)d->median2 / 2;
	d->mad = (double)deviations / 2;
	free(v);
	return 0;
}
