/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/distinct.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include <rte_common.h>
#include <rte_memory.h>

#include "base/mem.h"
#include "query/array.h"
#include "query/key_table.h"

#define SWEEP_PARTS 64  // slices in which every sketch is looked at once

struct distinct {
	struct distinct_pool *pool;
	const struct metric_ops *ops;
	bool cumulative;
	struct sketch *sketch;  // by key id
	uint32_t capacity;      // largest id
	struct sketch all;
	uint64_t length;        // slices that windows reach back, the open one among them
	uint64_t index;         // slice that is open
	uint64_t base;          // slice that is time 0 in sketches
	uint64_t since;         // slices before it are not, or no longer, counted
	uint64_t lost_end;      // behind the newest slice that lost things
	uint32_t swept;         // ids that the sweep has passed
};

static size_t
sketches_bytes(uint32_t capacity)
{
	return capacity == 0 ? 0 : ((size_t)capacity + 1) * sizeof(struct sketch);
}

// Digits of pi.
void
distinct_pool_init(struct distinct_pool *pool, size_t limit)
{
	*pool = (struct distinct_pool){
		.memory.limit = limit,
		.seed = {UINT64_C(0x243f6a8885a308d3), UINT64_C(0x13198a2e03707344),
			UINT64_C(0xa4093822299f31d0), UINT64_C(0x082efa98ec4e6c89)},
	};
}

int
distinct_pool_randomize(struct distinct_pool *pool)
{
	return getrandom(pool->seed, sizeof(pool->seed), 0) == sizeof(pool->seed) ? 0 : -EIO;
}

struct distinct *
distinct_create(struct distinct_pool *pool, enum query_metric metric, bool cumulative,
	uint64_t since)
{
	struct distinct *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->pool = pool;
	d->ops = metric_ops_get(metric);
	d->cumulative = cumulative;
	d->since = since;
	d->length = 1;
	return d;
}

void
distinct_free(struct distinct *d)
{
	if (d == NULL)
		return;
	for (uint32_t id = 0; d->capacity > 0 && id <= d->capacity; id++)
		sketch_clear(&d->sketch[id], &d->pool->memory);
	sketch_clear(&d->all, &d->pool->memory);
	mem_table_free(d->sketch, sketches_bytes(d->capacity));
	free(d);
}

int
distinct_reserve(struct distinct *d, uint32_t capacity)
{
	size_t before = sketches_bytes(d->capacity), after = sketches_bytes(capacity);

	if (capacity <= d->capacity)
		return 0;
	if (array_grow((void **)&d->sketch, before, after, "query distinct") != 0)
		return -ENOMEM;
	d->capacity = capacity;
	return 0;
}

void
distinct_set_length(struct distinct *d, uint64_t length)
{
	d->length = length;
}

// The first slice that windows which end with the open one, or later, can reach.
static uint64_t
oldest_get(const struct distinct *d)
{
	return d->index + 1 > d->length ? d->index + 1 - d->length : 0;
}

// A slice as time in sketches; those before time 0 are 0, those behind the last one UINT32_MAX.
static uint32_t
time_get(const struct distinct *d, uint64_t index)
{
	if (d->cumulative || index <= d->base)
		return 0;
	return index - d->base > SKETCH_TIME_MAX ? UINT32_MAX : (uint32_t)(index - d->base);
}

static void
sketches_purge(struct distinct *d, uint32_t from, uint32_t count, uint32_t oldest, uint32_t shift)
{
	for (uint32_t id = from; id < from + count; id++)
		sketch_purge(&d->sketch[id], &d->pool->memory, oldest, shift);
}

void
distinct_open(struct distinct *d, uint64_t index)
{
	uint32_t oldest;

	d->index = index;
	if (time_get(d, index) != UINT32_MAX)
		return;
	oldest = time_get(d, oldest_get(d));
	sketches_purge(d, 0, d->capacity + 1, oldest, oldest);
	sketch_purge(&d->all, &d->pool->memory, oldest, oldest);
	d->base = oldest_get(d);
}

static uint64_t
thing_hash(const struct distinct_pool *pool, const struct metric_thing *t)
{
	uint64_t h = key_mix(t->word[0] ^ pool->seed[0], t->word[1] ^ pool->seed[1]);

	return key_mix(h ^ t->kind ^ pool->seed[2], pool->seed[3]) >> (64 - HLL_HASH_BITS);
}

void
distinct_add(struct distinct *d, enum dimension_kind kind, const struct pane_delta *delta,
	unsigned int part, uint32_t id)
{
	uint32_t time = time_get(d, d->index), oldest = time_get(d, oldest_get(d));
	struct sketch_memory *m = &d->pool->memory;
	struct metric_thing thing[METRIC_THINGS_MAX];
	unsigned int n = d->ops->things(kind, delta, part, thing);

	for (unsigned int i = 0; i < n; i++) {
		uint64_t hash = thing_hash(d->pool, &thing[i]);
		int rc = sketch_add(&d->sketch[id], m, hash, time, oldest);

		// What changes nothing for the key changes nothing for all of them.
		if (rc > 0)
			rc = sketch_add(&d->all, m, hash, time, oldest);
		if (rc < 0) {
			d->lost_end = d->index + 1;
			d->pool->lost++;
		}
	}
}

void
distinct_forget(struct distinct *d, uint32_t id)
{
	sketch_clear(&d->sketch[id], &d->pool->memory);
}

void
distinct_close(struct distinct *d)
{
	const struct sketch_memory *m = &d->pool->memory;
	uint32_t ids = d->capacity + 1, step = ids / SWEEP_PARTS + 1;
	uint32_t oldest = time_get(d, oldest_get(d));

	if (d->cumulative)
		return;
	d->since = RTE_MAX(d->since, oldest_get(d));
	if (m->used > m->limit - m->limit / 8) {
		d->swept = 0;
		step = ids;
	}
	step = RTE_MIN(step, ids - d->swept);
	sketches_purge(d, d->swept, step, oldest, 0);
	d->swept = (d->swept + step) % ids;
	if (d->swept == 0)
		sketch_purge(&d->all, &d->pool->memory, oldest, 0);
}

uint64_t
distinct_key_count(const struct distinct *d, uint32_t id, uint64_t first)
{
	return sketch_count(&d->sketch[id], time_get(d, RTE_MAX(first, d->since)));
}

uint64_t
distinct_total_count(const struct distinct *d, uint64_t first)
{
	return sketch_count(&d->all, time_get(d, RTE_MAX(first, d->since)));
}

uint64_t
distinct_key_error(const struct distinct *d, uint32_t id, uint64_t value)
{
	return d->sketch[id].registers ? hll_error(value) : 0;
}

size_t
distinct_bytes(const struct distinct *d)
{
	return sketches_bytes(d->capacity);
}

bool
distinct_complete(const struct distinct *d, uint64_t first)
{
	return d->since <= first && d->lost_end <= (d->cumulative ? 0 : first);
}
