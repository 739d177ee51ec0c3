/* SPDX-License-Identifier: BSD-3-Clause */
// The limits table in the query engine against sums over all deltas of the window, computed anew
// for each slice and row, while traffic, table and dates change at random.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "limit_build.h"
#include "protocols_fixture.h"

#define STEPS 400
#define NAMES 8
#define ROWS 16

// A limit as the model sees it. Addresses are numbers below 24, a prefix is a range of those.
struct model_row {
	unsigned int name;
	uint32_t from, to;     // range of sources: UINT32_MAX any
	uint32_t dst;          // single destination, UINT32_MAX any
	uint64_t min, max;
	uint32_t window;
	uint32_t clear_after;
	uint64_t effective;    // slice
};

struct model_state {
	const struct model_row *row;
	struct model_row copy;
	uint64_t first;
	bool raised;
	uint64_t bound;
	uint32_t inside;
};

struct world {
	struct random random;
	struct query_engine *engine;
	struct pane *panes[STEPS];
	bool lost[STEPS];
	struct model_row rows[2][ROWS];  // of the table before, and of this one
	unsigned int count;
	unsigned int turn;
	struct limit_table *table;
	struct model_state states[NAMES];
	unsigned int alerts;
};

static void
address_print(uint32_t i, char *text)
{
	struct flow_key key;

	address_set(&key, 0, limit_address(i));
	inet_ntop(AF_INET, key.addr[0] + 12, text, INET_ADDRSTRLEN);
}

// Ranges that are prefixes in this world: addresses begin at 10.0.0.254, so 2 to 17 is a /28.
static const struct {
	uint32_t from, to;
	const char *text;
} prefixes[] = {
	{0, 1, "10.0.0.254/31"}, {2, 17, "10.0.1.0/28"}, {2, 9, "10.0.1.0/29"},
	{4, 5, "10.0.1.2/31"}, {0, 23, "10.0.0.0/8"}, {18, 25, "10.0.1.16/29"},
};

static void
row_random(struct world *w, struct model_row *r, char *json, size_t size)
{
	unsigned int p = (unsigned int)random_below(&w->random, RTE_DIM(prefixes));
	unsigned int ends = 1 + (unsigned int)random_below(&w->random, 3);
	char dst[INET_ADDRSTRLEN], source[64] = "", destination[64] = "", bounds[96] = "";

	*r = (struct model_row){
		.name = (unsigned int)random_below(&w->random, NAMES),
		.from = UINT32_MAX, .dst = UINT32_MAX, .max = UINT64_MAX,
		.window = 1 + (uint32_t)random_below(&w->random, 3) * 4,
		.clear_after = 1 + (uint32_t)random_below(&w->random, 3),
		.effective = random_below(&w->random, 2) * random_below(&w->random, STEPS),
	};
	if (ends & 1) {
		r->from = prefixes[p].from;
		r->to = prefixes[p].to;
		snprintf(source, sizeof(source), "\"source\":\"%s\",", prefixes[p].text);
	}
	if (ends & 2) {
		r->dst = (uint32_t)random_below(&w->random, 24);
		address_print(r->dst, dst);
		snprintf(destination, sizeof(destination), "\"destination\":\"%s\",", dst);
	}
	ends = 1 + (unsigned int)random_below(&w->random, 3);
	if (ends & 1)
		r->min = 1 + random_below(&w->random, 2000);
	if (ends & 2)
		r->max = r->min + random_below(&w->random, 6000);
	if (ends & 1)
		snprintf(bounds, sizeof(bounds), "\"min_bytes\":%llu,", (unsigned long long)r->min);
	if (ends & 2)
		snprintf(bounds + strlen(bounds), sizeof(bounds) - strlen(bounds),
			"\"max_bytes\":%llu,", (unsigned long long)r->max);
	snprintf(json, size, "{\"limit_name\":\"n%u\",%s%s%s\"window_s\":%u,\"clear_after\":%u}",
		r->name, source, destination, bounds, r->window, r->clear_after);
}

// Dates by the second: the engine's clock begins at T0.
static void
date_set(struct limit_row *row, uint64_t slice)
{
	row->effective_us = slice == 0 ? 0 : (T0 + slice) * UINT64_C(1000000);
}

static bool
row_known(const struct model_row *rows, unsigned int n, const struct model_row *r)
{
	for (unsigned int i = 0; i < n; i++)
		if (rows[i].name == r->name && rows[i].effective == r->effective)
			return true;
	return false;
}

static struct limit_table *
table_random(struct world *w, uint64_t version)
{
	struct model_row *rows = w->rows[w->turn ^= 1];
	struct limit_rows list = {.row = calloc(ROWS, sizeof(*list.row))}, none = {.count = 0};
	unsigned int wanted = (unsigned int)random_below(&w->random, ROWS + 1);
	struct error_list errors = {.count = 0};
	struct limit_table *t;

	assert_non_null(list.row);
	for (unsigned int i = 0; i < wanted; i++) {
		struct model_row r;
		char text[512];
		cJSON *json;

		row_random(w, &r, text, sizeof(text));
		// Some rows stay as they are.
		if (random_below(&w->random, 2) == 0 && i < w->count)
			continue;
		if (row_known(rows, list.count, &r))
			continue;
		json = cJSON_Parse(text);
		if (limit_row_parse(json, "", PANE_US, &list.row[list.count], &errors) != 0)
			fail_msg("%s: %s", text, errors.error[0].text);
		date_set(&list.row[list.count], r.effective);
		rows[list.count++] = r;
		cJSON_Delete(json);
	}
	for (unsigned int i = 0; i < w->count && list.count < ROWS; i++) {
		const struct model_row *r = &w->rows[w->turn ^ 1][i];

		if (random_below(&w->random, 2) == 0 || row_known(rows, list.count, r))
			continue;
		for (uint32_t j = 0; j < w->table->count; j++) {
			struct limit_row *row = &w->table->row[j];
			struct limit_row dated = *row;

			date_set(&dated, r->effective);
			if (atoi(row->name + 1) == (int)r->name &&
					dated.effective_us == row->effective_us)
				list.row[list.count] = *row;
		}
		rows[list.count++] = *r;
	}
	w->count = list.count;
	t = limit_table_create(&list, &none, PANE_US, version, &errors);
	assert_non_null(t);
	limit_rows_free(&list);
	return t;
}

static uint64_t
delta_bytes(const struct pane_delta *d, const struct model_row *r)
{
	uint64_t sum = 0;

	for (unsigned int dir = 0; dir < 2; dir++) {
		unsigned int from = dir ^ (d->fwd_swapped != 0);
		uint32_t ends[2];

		for (unsigned int i = 0; i < 2; i++)
			ends[i] = ((uint32_t)d->key.addr[i][12] << 24 | (uint32_t)d->key.addr[i][13] << 16 |
				(uint32_t)d->key.addr[i][14] << 8 | d->key.addr[i][15]) - 0x0a0000feU;
		if ((r->from == UINT32_MAX || (ends[from] >= r->from && ends[from] <= r->to)) &&
				(r->dst == UINT32_MAX || ends[from ^ 1] == r->dst))
			sum += d->bytes[dir];
	}
	return sum;
}

static uint64_t
window_bytes_of(const struct world *w, const struct model_state *s, uint64_t index)
{
	uint64_t sum = 0;

	for (uint64_t i = s->first; i <= index; i++)
		for (uint32_t j = 0; i + s->copy.window > index && j < w->panes[i]->count; j++)
			sum += delta_bytes(&w->panes[i]->deltas[j], &s->copy);
	return sum;
}

static const struct model_row *
holding(const struct world *w, unsigned int name, uint64_t index)
{
	const struct model_row *best = NULL;

	for (unsigned int i = 0; i < w->count; i++) {
		const struct model_row *r = &w->rows[w->turn][i];

		if (r->name == name && r->effective <= index &&
				(best == NULL || r->effective > best->effective))
			best = r;
	}
	return best;
}

static void
alert_expect(struct collect *out, unsigned int *at, unsigned int name, uint64_t value, uint64_t limit,
	const char *state, uint64_t at_us)
{
	char begin[64], end[160];
	const char *json;

	if (*at == out->count)
		fail_msg("no alert of n%u %s %llu at %llu", name, state, (unsigned long long)value,
			(unsigned long long)at_us);
	json = out->document[(*at)++]->json;
	snprintf(begin, sizeof(begin), "{\"type\":\"alert\",\"query\":\"limits\",\"limit_name\":\"n%u\",",
		name);
	snprintf(end, sizeof(end), "\"value\":%llu,\"limit\":%llu,\"state\":\"%s\",\"at_us\":%llu,\"exact\"",
		(unsigned long long)value, (unsigned long long)limit, state,
		(unsigned long long)at_us);
	if (strncmp(json, begin, strlen(begin)) != 0 || strstr(json, end) == NULL)
		fail_msg("found %s, expected %s ... %s", json, begin, end);
}

static bool
goes_on(const struct model_row *a, const struct model_row *b)
{
	return a->from == b->from && (a->from == UINT32_MAX || a->to == b->to) && a->dst == b->dst &&
		a->window == b->window;
}

// What the close of a slice has to tell of one name. `first`: slice that new limits begin with.
static void
state_expect(struct world *w, unsigned int name, uint64_t index, uint64_t first, struct collect *out,
	unsigned int *at)
{
	const struct model_row *row = holding(w, name, index);
	struct model_state *s = &w->states[name];
	uint64_t value, bound;
	bool full;

	if (s->row != NULL && (row == NULL || !goes_on(row, &s->copy))) {
		if (s->raised)
			alert_expect(out, at, name, window_bytes_of(w, s, index - 1), s->bound, "cleared",
				(T0 + index) * UINT64_C(1000000));
		*s = (struct model_state){.row = NULL};
	}
	if (row == NULL)
		return;
	if (s->row == NULL)
		s->first = first;
	s->row = row;
	s->copy = *row;
	if (index < s->first)
		return;
	value = window_bytes_of(w, s, index);
	full = index + 1 - s->first >= row->window;
	bound = value < row->min ? row->min : row->max;
	if (value > row->max || (full && value < row->min)) {
		if (!s->raised || s->bound != bound)
			alert_expect(out, at, name, value, bound, "raised",
				(T0 + index + 1) * UINT64_C(1000000));
		s->raised = true;
		s->bound = bound;
		s->inside = 0;
	} else if (s->raised && ++s->inside >= row->clear_after) {
		alert_expect(out, at, name, value, s->bound, "cleared",
			(T0 + index + 1) * UINT64_C(1000000));
		s->raised = false;
		s->inside = 0;
	}
}

// Names that are no longer in the table are cleared when it is applied.
static void
apply(struct world *w, uint64_t index, bool folded, uint64_t *first, struct collect *out)
{
	struct limit_table *t = table_random(w, index + 1);
	unsigned int at = 0;

	assert_int_equal(query_engine_set_limits(w->engine, t, false, collect_emit, out), 0);
	limit_table_put(w->table);
	w->table = t;
	*first = index + folded;
	for (unsigned int name = 0; name < NAMES; name++) {
		struct model_state *s = &w->states[name];
		bool there = false;

		for (unsigned int i = 0; i < w->count; i++)
			there |= w->rows[w->turn][i].name == name;
		if (there || s->row == NULL)
			continue;
		if (s->raised)
			alert_expect(out, &at, name, index == 0 ? 0 : window_bytes_of(w, s, index - 1),
				s->bound, "cleared", (T0 + index) * UINT64_C(1000000));
		*s = (struct model_state){.row = NULL};
	}
	assert_int_equal(at, out->count);
	collect_clear(out);
}

static void
step(struct world *w, uint64_t index, uint64_t *first, struct collect *out)
{
	bool change = index == 0 || random_below(&w->random, 20) == 0;
	bool late = index > 0 && random_below(&w->random, 2) == 0;
	unsigned int at = 0;

	w->panes[index] = limit_pane_random(&w->random, index);
	if (change && !late)
		apply(w, index, false, first, out);
	assert_int_equal(query_engine_fold(w->engine, w->panes[index]), 0);
	if (change && late)
		apply(w, index, w->panes[index]->count > 0, first, out);
	assert_int_equal(query_engine_advance(w->engine, T0 + index, collect_emit, out), 0);
	alerts_only(out);
	for (unsigned int name = 0; name < NAMES; name++)
		state_expect(w, name, index, RTE_MAX(*first, index), out, &at);
	assert_int_equal(at, out->count);
	w->alerts += out->count;
	collect_clear(out);
}

static void
alerts_against_all_deltas(void **state)
{
	static struct world w;

	(void)state;
	for (unsigned int seed = 1; seed <= 12; seed++) {
		struct collect out = {.count = 0};
		uint64_t first = 0;

		w = (struct world){.random = {seed}};
		w.engine = engine_build(PANE_US, protocols, &QUERY_PARAMETERS_DEFAULT);
		for (uint64_t i = 0; i < STEPS; i++)
			step(&w, i, &first, &out);
		assert_in_range(w.alerts, 50, 100000);
		query_engine_free(w.engine);
		limit_table_put(w.table);
		for (unsigned int i = 0; i < STEPS; i++)
			pane_build_free(w.panes[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alerts_against_all_deltas),
	};

	return cmocka_run_group_tests(tests, protocols_setup, protocols_teardown);
}
