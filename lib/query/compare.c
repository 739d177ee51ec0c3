/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/compare.h"

#include <errno.h>
#include <stdlib.h>

static const struct {
	const char *name, *rank, *value;  // members of `compare`, and of rows
} members[COMPARISONS] = {
	[COMPARE_PREVIOUS] = {"previous", "previous_rank", "previous_value"},
	[COMPARE_PERIOD] = {"period", "period_rank", "period_value"},
};

// A row's key in the window, in the order of that window's values.
struct place {
	struct row row;
	uint32_t at;     // number of the row
	uint64_t ahead;  // keys that come before this one, but not before the one before
};

static int
place_compare(const void *a, const void *b, void *view)
{
	const struct place *x = a, *y = b;

	return row_compare(view, &x->row, &y->row);
}

static uint32_t
places_collect(const struct window *w, enum query_metric metric, const struct rows *rows,
	struct place *places)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t id = rows->row[i].id, item = w->where[id];
		uint64_t value = item != 0 ? window_value(w, item - 1, metric) : 0;

		if (value > 0)
			places[count++] = (struct place){.row = {.value = value, .id = id}, .at = i};
	}
	return count;
}

// Count a key with the first place that it comes before.
static void
key_count(const struct operator_view *v, const struct row *key, struct place *places,
	uint32_t count)
{
	uint32_t low = 0, high = count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (row_compare(v, key, &places[middle].row) < 0)
			high = middle;
		else
			low = middle + 1;
	}
	if (low < count)
		places[low].ahead++;
}

int
ranks_find(const struct dimension *d, const struct window *w, enum query_metric metric,
	const struct rows *rows, struct rank **ret)
{
	struct operator_view order = {.dimension = d};
	struct rank *ranks = calloc((size_t)rows->count + 1, sizeof(*ranks));
	struct place *places = malloc(((size_t)rows->count + 1) * sizeof(*places));
	uint64_t ahead = 0;
	uint32_t count;

	if (ranks == NULL || places == NULL) {
		free(ranks);
		free(places);
		return -ENOMEM;
	}
	count = places_collect(w, metric, rows, places);
	qsort_r(places, count, sizeof(*places), place_compare, &order);
	for (uint32_t i = 0; i < w->count && count > 0; i++) {
		const struct row key = {.value = window_value(w, i, metric), .id = w->items[i].id};

		if (key.value >= places[count - 1].row.value)
			key_count(&order, &key, places, count);
	}
	for (uint32_t i = 0; i < count; i++) {
		ahead += places[i].ahead;
		ranks[places[i].at] = (struct rank){ahead + 1, places[i].row.value};
	}
	free(places);
	*ret = ranks;
	return 0;
}

void
compare_free(struct compare *c)
{
	free(c->now);
	for (unsigned int i = 0; i < COMPARISONS; i++)
		free(c->earlier[i]);
}

// The windows that were asked for; null where one is not known.
void
compare_write(struct json_out *o, const struct query_compare *asked, const struct compare *c,
	uint64_t window_us)
{
	if (c->now == NULL)
		return;
	json_out_key(o, "compare");
	json_out_open(o, '{');
	for (unsigned int i = 0; i < COMPARISONS; i++) {
		if (query_compare_lag_us(asked, window_us, i) == 0)
			continue;
		json_out_key(o, members[i].name);
		if (c->earlier[i] == NULL) {
			json_out_null(o);
			continue;
		}
		json_out_open(o, '{');
		json_out_key_u64(o, "start_us", c->start_us[i]);
		json_out_key_u64(o, "end_us", c->start_us[i] + window_us);
		json_out_close(o, '}');
	}
	json_out_close(o, '}');
}

static void
rank_write(struct json_out *o, const char *name, const struct rank *r)
{
	json_out_key(o, name);
	if (r->rank > 0)
		json_out_u64(o, r->rank);
	else
		json_out_null(o);
}

void
compare_row_write(struct json_out *o, const struct compare *c, uint32_t at)
{
	if (c->now == NULL)
		return;
	rank_write(o, "rank", &c->now[at]);
	for (unsigned int i = 0; i < COMPARISONS; i++) {
		if (c->earlier[i] == NULL)
			continue;
		rank_write(o, members[i].rank, &c->earlier[i][at]);
		json_out_key_u64(o, members[i].value, c->earlier[i][at].value);
	}
}
