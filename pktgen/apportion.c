/* SPDX-License-Identifier: BSD-3-Clause */
#include "apportion.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>

#include "prng.h"

// Capacities are whole numbers of 2^-60 of everything, so sums are exact however often they
// change. A Fenwick tree over them finds the key at a point of the running sum in log2(n) steps.

#define WHOLE 0x1p60
#define TRIES 16  // draws for a key that can hold a flow before the best of them takes it

struct apportion {
	uint32_t n;
	uint32_t top;      // highest power of two not above n
	uint64_t stream;
	uint64_t draws;
	uint64_t total;    // of all capacities
	uint64_t *capacity;
	uint64_t *tree;    // 1-based Fenwick sums of capacity
	const double *weights;
};

static void
capacity_add(struct apportion *a, uint32_t key, uint64_t delta)
{
	a->capacity[key] += delta;
	a->total += delta;
	for (uint32_t i = key + 1; i <= a->n; i += i & -i)
		a->tree[i] += delta;
}

static void
capacity_take(struct apportion *a, uint32_t key, uint64_t mass)
{
	capacity_add(a, key, -RTE_MIN(mass, a->capacity[key]));
}

// The key in whose part of the running sum `at` lies; at is below total.
static uint32_t
key_at(const struct apportion *a, uint64_t at)
{
	uint32_t i = 0;

	for (uint32_t step = a->top; step > 0; step >>= 1) {
		if (i + step > a->n || a->tree[i + step] > at)
			continue;
		i += step;
		at -= a->tree[i];
	}
	return i;
}

static void
capacities_fill(struct apportion *a, const double *weights)
{
	double sum = 0;

	for (uint32_t i = 0; i < a->n; i++)
		sum += weights[i];
	for (uint32_t i = 0; i < a->n; i++)
		capacity_add(a, i, (uint64_t)(weights[i] / sum * WHOLE));
}

struct apportion *
apportion_create(const double *weights, uint32_t n, uint64_t stream)
{
	struct apportion *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->n = n;
	a->top = rte_align32prevpow2(n);
	a->stream = stream;
	a->weights = weights;
	a->capacity = calloc(n, sizeof(*a->capacity));
	a->tree = calloc((size_t)n + 1, sizeof(*a->tree));
	if (a->capacity == NULL || a->tree == NULL) {
		apportion_free(a);
		errno = ENOMEM;
		return NULL;
	}
	capacities_fill(a, weights);
	return a;
}

void
apportion_free(struct apportion *a)
{
	if (a == NULL)
		return;
	free(a->capacity);
	free(a->tree);
	free(a);
}

uint32_t
apportion_draw(struct apportion *a, double mass)
{
	uint64_t need = (uint64_t)(mass * WHOLE);
	uint32_t best = 0, key;

	// The last flows may find that rounding has left nothing: they count for next to nothing
	// themselves, and go by the weights.
	if (a->total == 0)
		capacities_fill(a, a->weights);
	for (unsigned int i = 0; i < TRIES; i++) {
		key = key_at(a, prng_below(prng_word(a->stream, a->draws++), a->total));
		if (i == 0 || a->capacity[key] > a->capacity[best])
			best = key;
		if (a->capacity[key] >= need) {
			best = key;
			break;
		}
	}
	capacity_take(a, best, need);
	return best;
}
