/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_ALIAS_H
#define WEIR_PKTGEN_ALIAS_H

#include <stddef.h>
#include <stdint.h>

// Draws from any distribution over n things in constant time: the alias method (Walker 1977, in
// the form of Vose 1991). Each of n columns of the same width holds at most two things; one number
// picks the column by its whole part and the thing within it by its fraction. Eight bytes a
// column, so a draw touches one cache line.

struct alias_column {
	uint32_t threshold;  // fractions up to this, of 2^32, are the column's own thing
	uint32_t other;      // the rest is this one
};

struct alias_table {
	uint32_t n;
	size_t bytes;
	struct alias_column *columns;
};

// A table over n masses (none negative, their sum above 0); they are scaled as needed. NULL with
// errno set.
struct alias_table *alias_create(const double *masses, uint32_t n);
void alias_free(struct alias_table *t);

// The column of a random word, and the fraction within it.
static inline uint32_t
alias_column(const struct alias_table *t, uint64_t word, uint32_t *ret_fraction)
{
	unsigned __int128 x = (unsigned __int128)word * t->n;

	*ret_fraction = (uint32_t)((uint64_t)x >> 32);
	return (uint32_t)(x >> 64);
}

static inline uint32_t
alias_resolve(const struct alias_table *t, uint32_t column, uint32_t fraction)
{
	const struct alias_column *c = &t->columns[column];
	// Without a branch, which could not be predicted: the column's own thing or the other.
	uint32_t own = -(uint32_t)(fraction <= c->threshold);

	return (column & own) | (c->other & ~own);
}

#endif
