/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_WIDE_H
#define WEIR_QUERY_WIDE_H

#include <math.h>
#include <stdint.h>

// Unsigned integers of 192 bits: what sums of squares of up to 2^32 numbers of 64 bits, times
// their number, need at most ((2^32)^2 * (2^64)^2). Least significant word first.

struct wide {
	uint64_t word[3];
};

static inline void
wide_add(struct wide *a, unsigned __int128 low, uint64_t high)
{
	unsigned __int128 sum = (unsigned __int128)a->word[0] + (uint64_t)low;

	a->word[0] = (uint64_t)sum;
	sum = (unsigned __int128)a->word[1] + (uint64_t)(low >> 64) + (uint64_t)(sum >> 64);
	a->word[1] = (uint64_t)sum;
	a->word[2] += high + (uint64_t)(sum >> 64);
}

// a * m; the product fits.
static inline struct wide
wide_scale(const struct wide *a, uint64_t m)
{
	struct wide product = {0};
	unsigned __int128 carry = 0;

	for (unsigned int i = 0; i < 3; i++) {
		carry += (unsigned __int128)a->word[i] * m;
		product.word[i] = (uint64_t)carry;
		carry >>= 64;
	}
	return product;
}

// v * v for v < 2^96.
static inline struct wide
wide_square(unsigned __int128 v)
{
	uint64_t low = (uint64_t)v, high = (uint64_t)(v >> 64);
	unsigned __int128 square = (unsigned __int128)low * low;
	unsigned __int128 cross = (unsigned __int128)low * high;
	struct wide sum = {.word = {(uint64_t)square, (uint64_t)(square >> 64), high * high}};

	for (unsigned int twice = 0; twice < 2; twice++)
		wide_add(&sum, cross << 64, (uint64_t)(cross >> 64));
	return sum;
}

// a - b for a >= b.
static inline struct wide
wide_subtract(const struct wide *a, const struct wide *b)
{
	struct wide difference;
	uint64_t borrow = 0;

	for (unsigned int i = 0; i < 3; i++) {
		uint64_t part = a->word[i] - b->word[i];

		difference.word[i] = part - borrow;
		borrow = (a->word[i] < b->word[i]) | (part < borrow);
	}
	return difference;
}

// The nearest double, rounded once.
static inline double
wide_double(const struct wide *a)
{
	unsigned int top = a->word[2] != 0 ? 2 : a->word[1] != 0 ? 1 : 0;
	uint64_t lead = a->word[top];
	int shift;

	if (top == 0)
		return (double)lead;
	shift = __builtin_clzll(lead);
	if (shift > 0)
		lead = lead << shift | a->word[top - 1] >> (64 - shift);
	// What is below the 64 leading bits only decides ties: one sticky bit stands for it.
	lead |= a->word[top - 1] << shift != 0 || (top == 2 && a->word[0] != 0);
	return ldexp((double)lead, (int)top * 64 - shift);
}

#endif
