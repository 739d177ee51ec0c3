/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/engine.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_common.h>

#include "base/clock.h"
#include "query/dimension_thin.h"
#include "query/engine_internal.h"

#define LOGGED_AT_ONCE 32  // deltas

struct query_engine *
query_engine_create(uint64_t pane_us, const struct protocol_table *protocols, struct error *err)
{
	struct query_engine *e;

	if (pane_us < QUERY_PANE_US_MIN || pane_us > QUERY_T_MAX * CLOCK_US_PER_S) {
		errno = -error_field(err, -EINVAL, "pane_ms",
			"pane_ms: %" PRIu64 " us found, from %" PRIu64 " us to %d s allowed",
			pane_us, QUERY_PANE_US_MIN, QUERY_T_MAX);
		return NULL;
	}
	e = calloc(1, sizeof(*e));
	if (e == NULL || dimension_names_init(&e->names, protocols) != 0) {
		free(e);
		errno = -error_set(err, -ENOMEM, "no memory for the query engine");
		return NULL;
	}
	e->pane_us = pane_us;
	e->retain_slices = QUERY_T_MAX * CLOCK_US_PER_S / pane_us;
	e->retain_bytes = QUERY_RETAIN_BYTES;
	e->slices_bytes = QUERY_SLICES_BYTES;
	e->key_budget = KEY_BUDGET_DEFAULT;
	distinct_pool_init(&e->distinct, DISTINCT_BYTES);
	return e;
}

void
query_engine_free(struct query_engine *e)
{
	if (e == NULL)
		return;
	for (unsigned int i = 0; i < e->query_count; i++)
		query_free(e->queries[i]);
	for (unsigned int i = 0; i < e->dimension_count; i++)
		dimension_free(e->dimensions[i]);
	limit_watch_free(e->limits);
	retained_log_fini(&e->log);
	dimension_names_fini(&e->names);
	rows_free(&e->rows);
	json_out_free(&e->json);
	free(e);
}

void
query_engine_set_retention(struct query_engine *e, size_t bytes)
{
	e->retain_bytes = bytes;
}

void
query_engine_set_unread(struct query_engine *e)
{
	e->unread = true;
}

int
query_engine_set_log(struct query_engine *e, size_t bytes)
{
	retained_log_fini(&e->log);
	return retained_log_init(&e->log, bytes);
}

void
query_engine_set_budget(struct query_engine *e, uint32_t keys, size_t slices_bytes)
{
	e->key_budget = keys;
	e->slices_bytes = slices_bytes;
}

void
query_engine_set_names(struct query_engine *e, const struct key_names *names)
{
	e->key_names = *names;
}

int
engine_slice_end_us(const struct query_engine *e, uint64_t index, uint64_t *ret_us)
{
	uint64_t us;

	if (index == UINT64_MAX || __builtin_mul_overflow(index + 1, e->pane_us, &us) ||
			us > INT64_MAX)
		return -ERANGE;
	*ret_us = us;
	return 0;
}

// True if `index` may be the slice that is being filled, and makes it so.
static bool
index_take(struct query_engine *e, uint64_t index)
{
	if (e->positioned && index != e->index && (e->started || e->folded))
		return false;
	e->index = index;
	e->positioned = true;
	return true;
}

void
engine_ends_find(const struct query_engine *e, const struct pane_delta *deltas, unsigned int n,
	uint8_t *ret_ends)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct flow_key *key = &deltas[i].key;
		unsigned int src = deltas[i].fwd_swapped != 0;

		ret_ends[i] = 0;
		if (network_set_contains(e->networks, key->version, key->addr[src]))
			ret_ends[i] |= ENDS_SRC_LOCAL;
		if (network_set_contains(e->networks, key->version, key->addr[src ^ 1]))
			ret_ends[i] |= ENDS_DST_LOCAL;
	}
}

// A pane from before a dimension's filter says nothing about it.
static bool
pane_knows_filter(const struct pane *p, const struct dimension *d)
{
	return d->filter_bit == 0 || p->filter_version >= d->filter_since;
}

static int
deltas_fold(struct query_engine *e, const struct pane *p, const struct pane_delta *deltas,
	unsigned int n)
{
	uint8_t ends[DIMENSION_CHUNK] = {0};
	int rc = 0;

	if (e->scoped && e->networks != NULL)
		engine_ends_find(e, deltas, n, ends);
	for (unsigned int i = 0; i < e->dimension_count; i++)
		if (pane_knows_filter(p, e->dimensions[i]) &&
				dimension_fold(e->dimensions[i], deltas, ends, n) != 0)
			rc = -ENOMEM;
	if (e->limits != NULL && limit_watch_active(e->limits))
		limit_watch_fold(e->limits, deltas, n);
	return rc;
}

// Flows that started in n deltas.
static uint64_t
deltas_count_started(const struct pane_delta *deltas, unsigned int n)
{
	uint64_t started = 0;

	for (unsigned int i = 0; i < n; i++)
		started += deltas[i].started != 0;
	return started;
}

// The log makes room for all that is added at once: little by little, less of its chunks stays empty.
static void
deltas_log(struct query_engine *e, const struct pane_delta *deltas, unsigned int n)
{
	for (unsigned int i = 0; i < n; i += LOGGED_AT_ONCE)
		retained_log_add(&e->log, &deltas[i], RTE_MIN(n - i, (unsigned int)LOGGED_AT_ONCE));
}

// Packets and bytes of the totals are the pane's own: they hold where deltas were lost, too.
int
query_engine_fold(struct query_engine *e, const struct pane *p)
{
	struct query_counts total = {.of = {
		[QUERY_METRIC_BYTES] = p->flow_bytes,
		[QUERY_METRIC_PACKETS] = p->flow_packets,
	}};
	bool lost = p->lost_packets > 0 || p->lost_bytes > 0;
	uint64_t end_us;
	int rc = engine_slice_end_us(e, p->index, &end_us);

	if (rc != 0)
		return rc;
	if (!index_take(e, p->index))
		return -EINVAL;
	if (!e->started && p->packets > 0) {
		e->started = true;
		e->start_index = p->index;
	}
	engine_distinct_open(e);
	retained_log_begin(&e->log, p);
	e->folded |= p->flow_packets > 0 || p->count > 0 || lost;
	if (lost && e->limits != NULL)
		limit_watch_lose(e->limits);
	for (uint32_t i = 0; i < p->count; i += DIMENSION_CHUNK) {
		unsigned int n = RTE_MIN(p->count - i, (uint32_t)DIMENSION_CHUNK);

		if (deltas_fold(e, p, &p->deltas[i], n) != 0)
			rc = -ENOMEM;
		total.of[QUERY_METRIC_FLOWS] += deltas_count_started(&p->deltas[i], n);
		deltas_log(e, &p->deltas[i], n);
	}
	retained_log_end(&e->log, &total);
	for (unsigned int i = 0; i < e->dimension_count; i++) {
		struct dimension *d = e->dimensions[i];

		dimension_fold_total(d, &total, lost ||
			(p->flow_packets > 0 && !pane_knows_filter(p, d)));
	}
	return rc;
}

// The largest dimension's oldest slice, or another one's where windows need all of that.
static bool
oldest_forget(struct query_engine *e, unsigned int largest)
{
	bool forgotten = dimension_forget_oldest(e->dimensions[largest]);

	for (unsigned int i = 0; i < e->dimension_count && !forgotten; i++)
		forgotten = dimension_forget_oldest(e->dimensions[i]);
	return forgotten;
}

static size_t
retained_bytes(const struct query_engine *e, unsigned int *ret_largest)
{
	size_t sum = 0, most = 0;

	for (unsigned int i = 0; i < e->dimension_count; i++) {
		size_t bytes = dimension_retained_bytes(e->dimensions[i]);

		sum += bytes;
		if (bytes > most) {
			most = bytes;
			*ret_largest = i;
		}
	}
	return sum;
}

// What is left of the slices is needed: where that is too much, the dimension with most of it drops
// keys.
static void
slices_fit(struct query_engine *e)
{
	for (;;) {
		struct dimension *most = NULL;
		size_t sum = 0, before;

		for (unsigned int i = 0; i < e->dimension_count; i++) {
			struct dimension *d = e->dimensions[i];

			sum += d->history.bytes;
			if (most == NULL || d->history.bytes > most->history.bytes)
				most = d;
		}
		if (sum <= e->slices_bytes)
			return;
		before = most->history.bytes;
		dimension_fit(most, before - before / 4);
		if (most->history.bytes == before)
			return;
	}
}

// Slices leave the history by age and, the largest dimension's first, by memory.
static void
history_trim(struct query_engine *e, uint64_t index)
{
	unsigned int largest = 0;

	for (unsigned int i = 0; i < e->dimension_count; i++) {
		struct dimension *d = e->dimensions[i];
		uint64_t age = RTE_MAX(e->retain_slices, dimension_reach(d));

		while (history_count(&d->history) > 0 &&
				history_oldest(&d->history)->index + age <= index)
			if (!dimension_forget_oldest(d))
				break;
	}
	retained_log_trim(&e->log, index >= e->retain_slices ? index + 1 - e->retain_slices : 0);
	while (retained_bytes(e, &largest) > e->retain_bytes)
		if (!oldest_forget(e, largest))
			break;
	slices_fit(e);
}

int
query_engine_advance(struct query_engine *e, uint64_t index, query_emit_fn *emit, void *arg)
{
	uint64_t end_us;
	int rc = engine_slice_end_us(e, index, &end_us);

	if (rc != 0)
		return rc;
	if (!index_take(e, index))
		return -EINVAL;
	for (unsigned int i = 0; i < e->dimension_count; i++)
		if (dimension_close(e->dimensions[i], index) != 0)
			rc = -ENOMEM;
	e->folded = false;
	if (engine_evaluate(e, index, end_us, emit, arg) != 0)
		rc = -ENOMEM;
	if (e->limits != NULL && e->started && limit_watch_close(e->limits, index,
			&(struct limit_output){&e->json, emit, arg}) != 0)
		rc = -ENOMEM;
	history_trim(e, index);
	e->index = index + 1;
	return rc;
}

int
query_engine_skip(struct query_engine *e, uint64_t next_index)
{
	if (e->folded)
		return -EBUSY;
	if (e->positioned && e->started && next_index < e->index)
		return -EINVAL;
	e->index = next_index;
	e->positioned = true;
	if (next_index > 0) {
		engine_slide(e, next_index - 1);
		history_trim(e, next_index - 1);
	}
	return 0;
}

bool
query_engine_windows_empty(const struct query_engine *e)
{
	for (unsigned int i = 0; i < e->dimension_count; i++) {
		const struct dimension *d = e->dimensions[i];

		for (const struct window *w = d->windows; w != NULL; w = w->next)
			if (w->length != 0 && w->lag == 0 && !w->apart && (!window_empty(w) || w->head != d->history.end))
				return false;
	}
	return !e->folded && (e->limits == NULL || limit_watch_settled(e->limits));
}

static void
dimension_stats_get(const struct dimension *d, struct dimension_stats *ret)
{
	*ret = (struct dimension_stats){
		.kind = d->spec.kind,
		.scope = d->spec.scope,
		.queries = d->queries,
		.keys = d->keys.live,
		.slices = history_count(&d->history),
		.bytes = dimension_bytes(d),
		.budget = d->budget,
		.drops = d->drops,
		.error = dimension_error(d),
	};
	snprintf(ret->filter, sizeof(ret->filter), "%.*s", (int)sizeof(ret->filter) - 1,
		d->spec.filter);
	for (const struct window *w = d->windows; w != NULL; w = w->next)
		ret->window_keys = RTE_MAX(ret->window_keys, w->count);
}

void
query_engine_stats_get(const struct query_engine *e, struct query_engine_stats *ret)
{
	ret->queries = e->query_count;
	ret->raised = 0;
	ret->slices = 0;
	ret->log_bytes = e->log.bytes;
	ret->log_from_us = 0;
	if (e->started && e->log.capacity > 0)
		ret->log_from_us = RTE_MAX(e->start_index, e->log.forgotten_end) * e->pane_us;
	ret->bytes = sizeof(*e) + e->json.cap + e->distinct.memory.used + e->log.bytes;
	ret->distinct_bytes = e->distinct.memory.used;
	ret->distinct_bytes_max = e->distinct.memory.limit;
	ret->distinct_lost = e->distinct.lost;
	ret->count = e->dimension_count;
	for (unsigned int i = 0; i < e->dimension_count; i++) {
		dimension_stats_get(e->dimensions[i], &ret->dimension[i]);
		ret->slices = RTE_MAX(ret->slices, ret->dimension[i].slices);
		ret->bytes += ret->dimension[i].bytes;
	}
	ret->limits = (struct limit_stats){0};
	if (e->limits != NULL)
		limit_watch_stats_get(e->limits, &ret->limits);
	ret->bytes += ret->limits.bytes;
	for (unsigned int i = 0; i < e->query_count; i++)
		if (e->queries[i]->alerts != NULL)
			ret->raised += alerts_raised(e->queries[i]->alerts);
}
