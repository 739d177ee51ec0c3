/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/dimension_thin.h"

#include <string.h>

#include <rte_common.h>
#include <rte_prefetch.h>

// A mark in `entered`, which no number of a floor is.
#define GONE SLICE_FLOORS

// Scores by size: exponent and four bits of the fraction of floats that are not negative.
#define SCORE_SHIFT 19
#define SCORE_CLASSES (1U << 13)

// What keeps a key from being dropped.
#define SCORE_STAYS 1e30f

// Keys are not made fewer than this to fit slices into memory.
#define KEYS_LEAST 64

static unsigned int
score_class(float score)
{
	uint32_t bits;

	memcpy(&bits, &score, sizeof(bits));
	return bits >> SCORE_SHIFT;
}

static struct query_counts
open_counts(const struct dimension *d, uint32_t id)
{
	const struct key_entry *e = &d->keys.entries[id];
	struct query_counts c = {.of = {
		[QUERY_METRIC_BYTES] = e->open_bytes,
		[QUERY_METRIC_PACKETS] = e->open_packets,
		[QUERY_METRIC_FLOWS] = e->open_flows,
	}};

	query_counts_add(&c, &d->floors[d->entered[id]]);
	return c;
}

// A key's largest share, over the metrics, of what `parts` are the reciprocals of.
static float
share_most(const struct query_counts *c, const float parts[QUERY_METRICS])
{
	float most = 0;

	for (unsigned int m = 0; m < QUERY_METRICS; m++)
		most = RTE_MAX(most, (float)c->of[m] * parts[m]);
	return most;
}

static void
parts_set(const struct query_counts *total, float parts[QUERY_METRICS])
{
	for (unsigned int m = 0; m < QUERY_METRICS; m++)
		parts[m] = 1.0f / (float)RTE_MAX(total->of[m], UINT64_C(1));
}

/*
 * The open slice. Early in it every key has a large share of the little that there is, so shares are
 * at least of what the slice before it had. The totals of all packets come with the pane's end: what
 * was counted so far is taken from the keys.
 */
static void
open_score(struct dimension *d)
{
	const struct history *h = &d->history;
	struct query_counts total = {0};
	float parts[QUERY_METRICS];

	for (uint32_t i = 0; i < d->touched_count; i++) {
		struct query_counts c = open_counts(d, d->touched[i]);

		if (i + 8 < d->touched_count)
			rte_prefetch0(&d->keys.entries[d->touched[i + 8]]);
		query_counts_add(&total, &c);
	}
	if (h->base != h->end)
		query_counts_raise(&total, &history_at(h, h->end - 1)->total);
	parts_set(&total, parts);
	for (uint32_t i = 0; i < d->touched_count; i++) {
		struct query_counts c = open_counts(d, d->touched[i]);

		if (i + 8 < d->touched_count)
			rte_prefetch0(&d->keys.entries[d->touched[i + 8]]);
		d->scores[d->touched[i]] += share_most(&c, parts);
	}
}

// A window of one slice has that no more when the open slice is closed.
static void
window_score(struct dimension *d, const struct window *w)
{
	float parts[QUERY_METRICS];

	if (w->length == 1)
		return;
	parts_set(&w->total, parts);
	for (uint32_t at = 0; at < w->count; at++) {
		float *score = &d->scores[w->items[at].id];
		struct query_counts c;

		if (at + 16 < w->count)
			rte_prefetch0(&d->scores[w->items[at + 16].id]);
		for (unsigned int m = 0; m < QUERY_METRICS; m++)
			c.of[m] = window_value(w, at, m);
		*score = RTE_MAX(*score, share_most(&c, parts));
	}
}

// Larger scores stay. `open_only`: all keys stay that anything but the open slice has.
static void
keys_score(struct dimension *d, bool open_only)
{
	memset(d->scores, 0, (d->keys.used + (size_t)1) * sizeof(*d->scores));
	for (const struct window *w = d->windows; w != NULL && !open_only; w = w->next)
		window_score(d, w);
	open_score(d);
	if (d->spec.kind == DIMENSION_TOTAL)
		d->scores[DIMENSION_TOTAL_ID] = SCORE_STAYS;
	for (uint32_t id = 1; id <= d->keys.used; id++)
		if (!key_table_live(&d->keys, id) || (open_only && d->keys.references[id] > 0))
			d->scores[id] = SCORE_STAYS;
}

/*
 * Mark the `count` keys with the smallest scores.
 *
 * @param most is raised to what the open slice can have counted of them
 */
static void
keys_mark(struct dimension *d, uint32_t count, struct query_counts *most)
{
	uint32_t of_class[SCORE_CLASSES] = {0}, left = count;
	unsigned int stays = score_class(SCORE_STAYS), last = 0;

	for (uint32_t id = 1; id <= d->keys.used; id++)
		of_class[score_class(d->scores[id])]++;
	while (last < stays && of_class[last] < left)
		left -= of_class[last++];
	for (uint32_t id = 1; id <= d->keys.used; id++) {
		unsigned int class = score_class(d->scores[id]);

		if (class >= stays || class > last || (class == last && left == 0))
			continue;
		left -= class == last;
		if (key_entry_open(&d->keys.entries[id])) {
			struct query_counts c = open_counts(d, id);

			query_counts_raise(most, &c);
		}
		d->entered[id] = GONE;
	}
}

static void
touched_purge(struct dimension *d)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < d->touched_count; i++)
		if (d->entered[d->touched[i]] != GONE)
			d->touched[kept++] = d->touched[i];
	d->touched_count = kept;
}

static void
history_purge(struct dimension *d)
{
	struct history *h = &d->history;

	for (uint64_t at = h->base; at != h->end; at++) {
		struct slice *s = history_at(h, at);
		size_t bytes = s->bytes;
		struct query_counts rise = slice_purge(s, d->entered, GONE);

		h->bytes -= bytes - s->bytes;
		if (query_counts_zero(&rise))
			continue;
		for (struct window *w = d->windows; w != NULL; w = w->next)
			if (w->length != 0 && at >= w->tail && at < w->head)
				window_raise(w, s, &rise);
	}
}

// Two floors in a row become the higher one; the first, 0, stays by itself.
static void
floors_halve(struct dimension *d)
{
	for (uint32_t i = 1; i <= d->floor; i++)
		d->floors[(i + 1) / 2] = d->floors[i];
	d->floor = (d->floor + 1) / 2;
	for (uint32_t id = 1; id <= d->keys.used; id++)
		d->entered[id] = (uint8_t)((d->entered[id] + 1) / 2);
}

static void
floor_note(struct dimension *d, const struct query_counts *most)
{
	struct query_counts next = d->floors[d->floor], rise;

	query_counts_raise(&next, most);
	rise = next;
	query_counts_subtract(&rise, &d->floors[d->floor]);
	if (query_counts_zero(&rise))
		return;
	if (d->floor + 1 == SLICE_FLOORS)
		floors_halve(d);
	d->floors[++d->floor] = next;
}

static void
keys_drop(struct dimension *d, uint32_t count, bool open_only)
{
	struct query_counts most = {0};

	keys_score(d, open_only);
	keys_mark(d, count, &most);
	touched_purge(d);
	if (!open_only) {
		for (struct window *w = d->windows; w != NULL; w = w->next)
			window_purge(w, d->entered, GONE);
		history_purge(d);
	}
	key_table_purge(&d->keys, d->entered, GONE);
	floor_note(d, &most);
	d->drops++;
}

static uint32_t
open_only_count(const struct dimension *d)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < d->touched_count; i++)
		count += d->keys.references[d->touched[i]] == 0;
	return count;
}

void
dimension_make_room(struct dimension *d)
{
	uint32_t open_only = open_only_count(d);

	if (open_only >= d->budget / 4) {
		keys_drop(d, open_only / 2, true);
		return;
	}
	while (d->keys.live > d->budget - d->budget / 4)
		if (!dimension_forget_oldest(d))
			break;
	if (d->keys.live > d->budget - d->budget / 4)
		keys_drop(d, d->keys.live - d->budget / 2, false);
}

void
dimension_fit(struct dimension *d, size_t bytes)
{
	while (d->history.bytes > bytes && d->keys.live > KEYS_LEAST)
		keys_drop(d, d->keys.live / 2, false);
}

struct query_counts
dimension_error(const struct dimension *d)
{
	struct query_counts most = {0};

	for (const struct window *w = d->windows; w != NULL; w = w->next)
		query_counts_raise(&most, &w->floor);
	return most;
}
