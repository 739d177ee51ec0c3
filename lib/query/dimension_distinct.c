/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/dimension_distinct.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>

#define EACH (DISTINCT_METRICS * 2)

// One after the other; NULL where nobody asked for it.
static struct distinct **
distinct_at(struct dimension_distinct *d, unsigned int i)
{
	return &d->of[i / 2][i % 2];
}

void
dimension_distinct_free(struct dimension_distinct *d)
{
	for (unsigned int i = 0; d != NULL && i < EACH; i++)
		distinct_free(*distinct_at(d, i));
	free(d);
}

struct distinct *
dimension_distinct_find(const struct dimension_distinct *d, const struct distinct_need *need)
{
	return d == NULL ? NULL : d->of[need->metric - QUERY_METRICS][need->length == 0];
}

static int
distinct_ensure(struct distinct **at, struct distinct_pool *pool, const struct distinct_need *need,
	uint64_t since, uint32_t capacity)
{
	if (*at != NULL)
		return 0;
	*at = distinct_create(pool, need->metric, need->length == 0, since);
	if (*at == NULL)
		return -ENOMEM;
	if (distinct_reserve(*at, capacity) == 0)
		return 0;
	distinct_free(*at);
	*at = NULL;
	return -ENOMEM;
}

int
dimension_distinct_equip(struct dimension_distinct **d, struct distinct_pool *pool,
	const struct distinct_need *needs, unsigned int count, uint64_t since, uint32_t capacity)
{
	uint64_t length[EACH] = {0};
	bool needed[EACH] = {false};
	int rc = 0;

	if (count == 0) {
		dimension_distinct_free(*d);
		*d = NULL;
		return 0;
	}
	if (*d == NULL)
		*d = calloc(1, sizeof(**d));
	if (*d == NULL)
		return -ENOMEM;
	for (unsigned int n = 0; n < count; n++) {
		unsigned int i = (needs[n].metric - QUERY_METRICS) * 2 + (needs[n].length == 0);

		needed[i] = true;
		length[i] = RTE_MAX(length[i], needs[n].length);
		if (distinct_ensure(distinct_at(*d, i), pool, &needs[n], since, capacity) != 0)
			rc = -ENOMEM;
	}
	for (unsigned int i = 0; i < EACH; i++) {
		struct distinct **at = distinct_at(*d, i);

		if (*at != NULL && needed[i]) {
			distinct_set_length(*at, length[i]);
		} else {
			distinct_free(*at);
			*at = NULL;
		}
	}
	return rc;
}

size_t
dimension_distinct_bytes(const struct dimension_distinct *d)
{
	size_t sum = 0;

	for (unsigned int i = 0; d != NULL && i < EACH; i++)
		if (d->of[i / 2][i % 2] != NULL)
			sum += distinct_bytes(d->of[i / 2][i % 2]);
	return sum;
}

int
dimension_distinct_reserve(struct dimension_distinct *d, uint32_t capacity)
{
	for (unsigned int i = 0; i < EACH; i++)
		if (*distinct_at(d, i) != NULL && distinct_reserve(*distinct_at(d, i), capacity) != 0)
			return -ENOMEM;
	return 0;
}

void
dimension_distinct_open(struct dimension_distinct *d, uint64_t index)
{
	for (unsigned int i = 0; i < EACH; i++)
		if (*distinct_at(d, i) != NULL)
			distinct_open(*distinct_at(d, i), index);
}

void
dimension_distinct_add(struct dimension_distinct *d, enum dimension_kind kind,
	const struct pane_delta *delta, unsigned int part, uint32_t id)
{
	for (unsigned int i = 0; i < EACH; i++)
		if (*distinct_at(d, i) != NULL)
			distinct_add(*distinct_at(d, i), kind, delta, part, id);
}

void
dimension_distinct_forget(struct dimension_distinct *d, uint32_t id)
{
	for (unsigned int i = 0; i < EACH; i++)
		if (*distinct_at(d, i) != NULL)
			distinct_forget(*distinct_at(d, i), id);
}

void
dimension_distinct_close(struct dimension_distinct *d)
{
	for (unsigned int i = 0; i < EACH; i++)
		if (*distinct_at(d, i) != NULL)
			distinct_close(*distinct_at(d, i));
}
