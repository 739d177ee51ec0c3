/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_prefetch.h>

#include "query/dimension.h"
#include "query/dimension_distinct.h"
#include "query/dimension_kinds.h"

// Folding deltas waits for memory: a key's bucket, then its entry, anywhere in hundreds of MiB. So
// bursts go through three stages, and while one is waited for, the others are worked on:
//
//   1  extract the contributions of burst i, hash their keys, ask for their buckets
//   2  read the buckets of burst i - 1, ask for the entries of the keys that they name
//   3  compare and count in the entries of burst i - 2
//
// What stage 2 found is a guess: keys may come and go between the two, and hashes may be equal.

#define STAGES 3

struct fold_burst {
	const struct pane_delta *deltas;
	unsigned int count;  // contributions
	uint64_t removals;   // of the key table, when keys were guessed
	uint32_t hash[DIMENSION_BURST * DIMENSION_FANOUT];
	uint32_t guess[DIMENSION_BURST * DIMENSION_FANOUT];
	struct contribution c[DIMENSION_BURST * DIMENSION_FANOUT];
};

// Which directions of each delta count here; their sum goes into the totals, unless these are the
// pane's.
static void
deltas_select(struct dimension *d, const struct pane_delta *deltas, const uint8_t *ends,
	unsigned int n, uint8_t *select)
{
	const uint8_t *by_ends = scope_select[d->spec.scope];

	if (dimension_takes_all(d)) {
		memset(select, SELECT_BOTH, n);
		return;
	}
	for (unsigned int i = 0; i < n; i++) {
		bool passes = d->filter_bit == 0 || (deltas[i].filter_mask & d->filter_bit) != 0;
		struct query_counts counts;

		select[i] = passes ? by_ends[ends[i]] : SELECT_NONE;
		counts = delta_counts(&deltas[i], select[i]);
		query_counts_add(&d->total, &counts);
	}
}

static void
burst_extract(struct dimension *d, struct fold_burst *b, const struct pane_delta *deltas,
	const uint8_t *ends, unsigned int n)
{
	uint8_t select[DIMENSION_BURST];

	deltas_select(d, deltas, ends, n, select);
	b->deltas = deltas;
	b->count = d->ops->extract(d, deltas, select, n, b->c);
}

static inline void
contribution_hash(const struct dimension *d, struct fold_burst *b, unsigned int i)
{
	b->hash[i] = key_table_hash(&d->keys, &b->c[i].key);
	key_table_prefetch_bucket(&d->keys, b->hash[i]);
}

static inline void
contribution_guess(const struct dimension *d, struct fold_burst *b, unsigned int i)
{
	b->guess[i] = key_table_guess(&d->keys, b->hash[i]);
	rte_prefetch0(&d->keys.entries[b->guess[i]]);
}

// The id of contribution i's key, which may be new; KEY_NONE if memory ran out.
static inline uint32_t
contribution_find(struct dimension *d, const struct fold_burst *b, unsigned int i)
{
	const struct query_key *key = &b->c[i].key;
	uint32_t id = b->guess[i];

	if (likely(id != KEY_NONE && query_key_equal(&d->keys.entries[id].key, key) &&
			b->removals == d->keys.removals))
		return id;
	id = key_table_find(&d->keys, key, b->hash[i]);
	return id != KEY_NONE ? id : dimension_enter(d, key, b->hash[i]);
}

// KEY_NONE, as there is no memory for its key: false.
static inline bool
counts_add(struct dimension *d, uint32_t id, const struct query_counts *counts)
{
	struct key_entry *e = &d->keys.entries[id];

	if (unlikely(id == KEY_NONE)) {
		d->lost = true;
		return false;
	}
	d->touched[d->touched_count] = id;  // there is room for one more than there can be
	d->touched_count += !key_entry_open(e);
	e->open_bytes += counts->of[QUERY_METRIC_BYTES];
	e->open_packets += counts->of[QUERY_METRIC_PACKETS];
	e->open_flows += (uint32_t)counts->of[QUERY_METRIC_FLOWS];
	return true;
}

static inline bool
contribution_count(struct dimension *d, const struct fold_burst *b, unsigned int i)
{
	const struct contribution *c = &b->c[i];
	uint32_t id = contribution_find(d, b, i);

	if (!counts_add(d, id, &c->counts))
		return false;
	if (unlikely(d->distinct != NULL))
		dimension_distinct_add(d->distinct, d->spec.kind, &b->deltas[c->delta], c->part, id);
	return true;
}

// One step of each stage after the other, so that what is asked of memory is spread over the work.
static bool
stages_step(struct dimension *d, struct fold_burst *first, struct fold_burst *second,
	const struct fold_burst *third)
{
	unsigned int steps = RTE_MAX(first->count, second->count);

	bool room = true;

	steps = RTE_MAX(steps, third->count);
	second->removals = d->keys.removals;
	for (unsigned int i = 0; i < steps; i++) {
		if (i < first->count)
			contribution_hash(d, first, i);
		if (i < second->count)
			contribution_guess(d, second, i);
		if (i < third->count)
			room &= contribution_count(d, third, i);
	}
	return room;
}

// Numbers name the key nearly always, without a hash. Of a key that is a number, nothing else is
// set.
static inline uint32_t
number_find(struct dimension *d, uint32_t number)
{
	uint32_t *named = &d->by_number[number % DIMENSION_NUMBERS], hash;
	const struct query_key key = {.number = number};

	if (likely(*named != KEY_NONE && d->keys.entries[*named].key.number == number &&
			key_table_live(&d->keys, *named)))
		return *named;
	hash = key_table_hash(&d->keys, &key);
	*named = key_table_find(&d->keys, &key, hash);
	if (*named == KEY_NONE)
		*named = dimension_enter(d, &key, hash);
	return *named;
}

// Few keys, which caches hold: there is nothing to wait for.
static bool
numbers_fold(struct dimension *d, const struct pane_delta *deltas, const uint8_t *ends,
	unsigned int n)
{
	uint8_t select[DIMENSION_CHUNK];
	uint32_t number[DIMENSION_CHUNK];
	bool room = true;

	deltas_select(d, deltas, ends, n, select);
	d->ops->numbers(d, deltas, n, number);
	for (unsigned int i = 0; i < n; i++) {
		const struct query_counts counts = delta_counts(&deltas[i], select[i]);

		if (likely(!query_counts_zero(&counts)))
			room &= counts_add(d, number_find(d, number[i]), &counts);
	}
	return room;
}

int
dimension_fold(struct dimension *d, const struct pane_delta *deltas, const uint8_t *ends,
	unsigned int n)
{
	struct fold_burst bursts[STAGES];
	unsigned int at = 0, i = 0;
	bool room = true;

	// Things are counted delta by delta.
	if (d->ops->numbers != NULL && d->distinct == NULL)
		return numbers_fold(d, deltas, ends, n) ? 0 : -ENOMEM;
	for (unsigned int stage = 0; stage < STAGES; stage++)
		bursts[stage].count = 0;
	do {
		struct fold_burst *first = &bursts[i % STAGES];

		burst_extract(d, first, &deltas[at], &ends[at],
			RTE_MIN(n - at, (unsigned int)DIMENSION_BURST));
		at += RTE_MIN(n - at, (unsigned int)DIMENSION_BURST);
		room &= stages_step(d, first, &bursts[(i + 2) % STAGES], &bursts[(i + 1) % STAGES]);
		i++;
	} while (bursts[(i + 1) % STAGES].count > 0 || bursts[(i + 2) % STAGES].count > 0 || at < n);
	return room ? 0 : -ENOMEM;
}
