/* SPDX-License-Identifier: BSD-3-Clause */
// The limits table in the query engine against sums over all deltas of the window, computed anew
// for each slice and row, while traffic, table and dates change at random; and dry runs against
// what was then told.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "pane_build.h"
#include "query/engine_try.h"
#include "query/limit_table.h"

#define PANE_US 1000000
#define STEPS 400
#define NAMES 8
#define ROWS 16
#define T0 1795651200  // 2026-11-26

static struct protocol_table *protocols;

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

// Only IPv4: i is a multiple of 3. See address_set().
static uint32_t
address_of(uint32_t i)
{
	return i * 3;
}

static void
address_print(uint32_t i, char *text)
{
	struct flow_key key;

	address_set(&key, 0, address_of(i));
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

static void
pane_fill(struct world *w, uint64_t index)
{
	unsigned int n = random_below(&w->random, 5) == 0 ? 0 : (unsigned int)random_below(&w->random, 12);
	struct pane *p = pane_build(T0 + index, 16);

	for (unsigned int i = 0; i < n + (index == 0); i++) {  // the run begins with a packet
		uint32_t from = (uint32_t)random_below(&w->random, 24);
		struct pane_delta *d = pane_build_add(p, address_of(from),
			address_of((uint32_t)random_below(&w->random, 24)), 0, 3,
			random_below(&w->random, 900), false);

		d->fwd_swapped = (uint8_t)random_below(&w->random, 2);
	}
	w->panes[index] = p;
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

// Results of queries are not looked at.
static void
alerts_only(struct collect *out)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < out->count; i++) {
		if (out->document[i]->kind == DOCUMENT_ALERT)
			out->document[kept++] = out->document[i];
		else
			document_put(out->document[i]);
	}
	out->count = kept;
}

static void
step(struct world *w, uint64_t index, uint64_t *first, struct collect *out)
{
	bool change = index == 0 || random_below(&w->random, 20) == 0;
	bool late = index > 0 && random_below(&w->random, 2) == 0;
	unsigned int at = 0;

	pane_fill(w, index);
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

// One table from JSON.
static struct limit_table *
table_of(const char *text)
{
	struct limit_rows rows, none = {.count = 0};
	struct error_list errors = {.count = 0};
	cJSON *json = cJSON_Parse(text);
	struct limit_table *t;

	assert_int_equal(limit_rows_parse(json, "", PANE_US, LIMIT_FROM_RPC, &rows, &errors), 0);
	t = limit_table_create(&rows, &none, PANE_US, 1, &errors);
	assert_non_null(t);
	limit_rows_free(&rows);
	cJSON_Delete(json);
	return t;
}

#define QUIET "[{\"limit_name\":\"quiet\",\"destination\":\"192.0.2.0/24\",\"min_bytes\":1," \
	"\"window_s\":3}]"

// A link that never had a packet.
static void
minimum_without_any_traffic(void **state)
{
	struct query_engine *e = engine_build(PANE_US, protocols, &QUERY_PARAMETERS_DEFAULT);
	struct limit_table *t = table_of(QUIET);
	struct collect out = {.count = 0};

	(void)state;
	assert_int_equal(query_engine_set_limits(e, t, false, collect_emit, &out), 0);
	for (uint64_t i = T0; i < T0 + 2; i++)
		assert_int_equal(query_engine_pass_idle(e, i, collect_emit, &out), 0);
	assert_int_equal(out.count, 0);
	assert_int_equal(query_engine_pass_idle(e, T0 + 2, collect_emit, &out), 0);
	assert_int_equal(out.count, 1);
	assert_string_equal(out.document[0]->json, "{\"type\":\"alert\",\"query\":\"limits\","
		"\"limit_name\":\"quiet\",\"key\":\"any > 192.0.2.0/24\",\"value\":0,\"limit\":1,"
		"\"state\":\"raised\",\"at_us\":1795651203000000,\"exact\":true}");
	collect_clear(&out);
	query_engine_free(e);
	limit_table_put(t);
}

static void
lost_detail_is_not_exact(void **state)
{
	struct query_engine *e = engine_build(PANE_US, protocols, &QUERY_PARAMETERS_DEFAULT);
	struct limit_table *t = table_of(QUIET);
	struct collect out = {.count = 0};

	(void)state;
	assert_int_equal(query_engine_set_limits(e, t, false, collect_emit, &out), 0);
	for (uint64_t i = T0; i < T0 + 3; i++) {
		struct pane *p = pane_build(i, 1);

		pane_build_add(p, 0, 3, 0, 3, 100, true);
		if (i == T0)
			pane_build_lose(p);
		assert_int_equal(query_engine_fold(e, p), 0);
		assert_int_equal(query_engine_advance(e, i, collect_emit, &out), 0);
		pane_build_free(p);
	}
	alerts_only(&out);
	assert_int_equal(out.count, 1);
	assert_non_null(strstr(out.document[0]->json, "\"exact\":false"));
	collect_clear(&out);
	query_engine_free(e);
	limit_table_put(t);
}

#define BUSY(effective) "[{\"limit_name\":\"busy\",\"source\":\"0.0.0.0/0\",\"max_bytes\":10," \
	"\"window_s\":3,\"effective_date\":\"" effective "\"}]"

// A limit that begins while traffic goes on does not know what was before: the alert of its first slice
// says so, one of a whole window does not.
static void
begins_inexact(const char *early, const char *late)
{
	struct query_engine *e = engine_build(PANE_US, protocols, &QUERY_PARAMETERS_DEFAULT);
	struct limit_table *t = table_of(early);
	struct collect out = {.count = 0};
	// Above the limit in its first slice, then not, then again when a window has passed.
	static const uint64_t bytes[] = {0, 100, 100, 0, 0, 0, 100};

	assert_int_equal(query_engine_set_limits(e, t, false, collect_emit, &out), 0);
	for (uint64_t i = 0; i < RTE_DIM(bytes); i++) {
		struct pane *p = pane_build(T0 + i, 1);

		if (i == 2 && late != NULL) {
			limit_table_put(t);
			t = table_of(late);
			assert_int_equal(query_engine_set_limits(e, t, false, collect_emit, &out), 0);
		}
		pane_build_add(p, 0, 3, 0, 1, bytes[i], true);
		assert_int_equal(query_engine_fold(e, p), 0);
		assert_int_equal(query_engine_advance(e, T0 + i, collect_emit, &out), 0);
		pane_build_free(p);
	}
	alerts_only(&out);
	assert_int_equal(out.count, 3);
	assert_non_null(strstr(out.document[0]->json, "\"state\":\"raised\""));
	assert_non_null(strstr(out.document[0]->json, "\"exact\":false"));
	assert_non_null(strstr(out.document[1]->json, "\"state\":\"cleared\""));
	assert_non_null(strstr(out.document[1]->json, "\"exact\":true"));
	assert_non_null(strstr(out.document[2]->json, "\"exact\":true"));
	collect_clear(&out);
	query_engine_free(e);
	limit_table_put(t);
}

static void
limit_added_later_is_not_exact(void **state)
{
	(void)state;
	begins_inexact("[]", BUSY("2026-01-01"));
	begins_inexact(QUIET, BUSY("2026-01-01"));
	begins_inexact(BUSY("2026-11-26T00:00:02Z"), NULL);  // its date comes
}

// Windows are not empty before an alert that is to come has come, so a gap is crossed that far.
static void
gap_ends_with_the_last_alert(void **state)
{
	struct query_engine *e = engine_build(PANE_US, protocols, &(struct query_parameters){10, 1, 10, 2});
	struct limit_table *t = table_of("[{\"limit_name\":\"a\",\"source\":\"10.0.0.0/8\","
		"\"max_bytes\":1,\"window_s\":4,\"clear_after\":3}]");
	struct pane *p = pane_build(T0, 1);
	struct collect out = {.count = 0};
	unsigned int slices = 0;

	(void)state;
	pane_build_add(p, 0, 3, 0, 3, 100, true);
	assert_int_equal(query_engine_set_limits(e, t, false, collect_emit, &out), 0);
	assert_int_equal(query_engine_fold(e, p), 0);
	for (; !query_engine_windows_empty(e); slices++)
		assert_int_equal(query_engine_advance(e, T0 + slices, collect_emit, &out), 0);
	assert_int_equal(slices, 7);  // 4 outside, 3 inside
	alerts_only(&out);
	assert_int_equal(out.count, 2);
	assert_non_null(strstr(out.document[1]->json, "\"state\":\"cleared\",\"at_us\":1795651207000000"));
	collect_clear(&out);
	pane_build_free(p);
	query_engine_free(e);
	limit_table_put(t);
}

#define TRIED "[{\"limit_name\":\"a\",\"source\":\"10.0.1.0/28\",\"min_bytes\":400,\"max_bytes\":2500," \
	"\"window_s\":4,\"clear_after\":2},{\"limit_name\":\"b\",\"destination\":\"10.0.1.2/31\"," \
	"\"max_bytes\":300,\"window_s\":5},{\"limit_name\":\"c\",\"source\":\"10.0.0.0/8\"," \
	"\"destination\":\"10.0.1.3\",\"max_bytes\":200,\"window_s\":2}]"
#define TRIED_QUERY "{\"name\":\"q\",\"key\":\"src_ip\",\"window_s\":4,\"slide_s\":2,\"op\":" \
	"{\"type\":\"limit\",\"max\":1500,\"clear_after\":2}}"

static void
told_add(struct json_out *told, const struct collect *out, const char *with)
{
	for (unsigned int i = 0; i < out->count; i++)
		if (strstr(out->document[i]->json, with) != NULL)
			json_out_raw(told, out->document[i]->json);
}

// All of a dry run, in steps; takes over t, which may be NULL.
static struct document *
trial_run(struct query_trial *t)
{
	struct document *d;

	if (t == NULL)
		return NULL;
	while (!query_trial_step(t, 20))
		;
	d = query_trial_result(t);
	query_trial_free(t);
	return d;
}

static void
trial_check(struct document *d, struct json_out *told, unsigned int windows)
{
	char begin[160];

	assert_non_null(d);
	json_out_close(told, ']');
	snprintf(begin, sizeof(begin), "{\"from_us\":%llu,\"to_us\":%llu,\"windows\":%u,\"exact\":true,"
		"\"alerts\":", T0 * 1000000ULL, (T0 + STEPS) * 1000000ULL, windows);
	assert_memory_equal(d->json, begin, strlen(begin));
	assert_memory_equal(d->json + strlen(begin), told->data, told->len);
	assert_string_equal(d->json + strlen(begin) + told->len, ",\"more\":0}");
	assert_in_range(told->len, 1000, 200000);
	json_out_free(told);
	document_put(d);
}

// A dry run after the fact tells what was told.
static void
dry_runs_tell_what_was_told(void **state)
{
	struct query_engine *e = engine_build(PANE_US, protocols, &QUERY_PARAMETERS_DEFAULT);
	struct limit_table *t = table_of(TRIED);
	struct json_out told[4] = {0};
	struct collect out = {.count = 0};
	static struct world w;
	struct query_set *s = set_build(PANE_US, &QUERY_PARAMETERS_DEFAULT, NULL, "[" TRIED_QUERY "]");

	(void)state;
	w = (struct world){.random = {5}};
	assert_int_equal(query_engine_apply(e, s, collect_emit, &out), 0);
	assert_int_equal(query_engine_set_limits(e, t, true, collect_emit, &out), 0);
	for (unsigned int i = 0; i < 4; i++)
		json_out_open(&told[i], '[');
	for (uint64_t i = 0; i < STEPS; i++) {
		pane_fill(&w, i);
		assert_int_equal(query_engine_fold(e, w.panes[i]), 0);
		assert_int_equal(query_engine_advance(e, T0 + i, collect_emit, &out), 0);
		pane_build_free(w.panes[i]);
		alerts_only(&out);
		told_add(&told[0], &out, "\"limit_name\":\"a\"");
		told_add(&told[1], &out, "\"limit_name\":\"b\"");
		told_add(&told[2], &out, "\"limit_name\":\"c\"");
		told_add(&told[3], &out, "\"query\":\"q\"");
		collect_clear(&out);
	}
	for (unsigned int i = 0; i < 3; i++)
		trial_check(trial_run(query_trial_of_row(e, &t->row[i])), &told[i], STEPS);
	trial_check(trial_run(query_trial_of_query(e, query_set_find(s, "q"))), &told[3], STEPS / 2);
	query_set_put(s);
	query_engine_free(e);
	limit_table_put(t);
}

// A dry run that is under way, of the query or of a row.
static struct query_trial *
trial_of(struct query_engine *e, const struct query_set *s, const struct limit_table *t, bool of_row)
{
	return of_row ? query_trial_of_row(e, &t->row[0]) :
		query_trial_of_query(e, query_set_find(s, "q"));
}

// Panes go on, and the query and the limit go, while it is: the answer is that of the beginning. Where
// slices were forgotten meanwhile it says so.
static void
dry_run_while_things_change(bool of_row)
{
	struct query_engine *e = engine_build(PANE_US, protocols, &QUERY_PARAMETERS_DEFAULT);
	struct query_set *s = set_build(PANE_US, &QUERY_PARAMETERS_DEFAULT, NULL, "[" TRIED_QUERY "]");
	struct query_set *none = set_build(PANE_US, &QUERY_PARAMETERS_DEFAULT, NULL, "[]");
	struct limit_table *t = table_of(TRIED);
	struct collect out = {.count = 0};
	struct query_trial *trial = NULL;
	struct document *at_once = NULL, *d;
	static struct world w;

	w = (struct world){.random = {11}};
	assert_int_equal(query_engine_apply(e, s, collect_emit, &out), 0);
	assert_int_equal(query_engine_set_limits(e, t, true, collect_emit, &out), 0);
	for (uint64_t i = 0; i < STEPS; i++) {
		if (i == STEPS / 2) {
			at_once = trial_run(trial_of(e, s, t, of_row));
			trial = trial_of(e, s, t, of_row);
			assert_false(query_trial_step(trial, 1));
			assert_int_equal(query_engine_apply(e, none, collect_emit, &out), 0);
			assert_int_equal(query_engine_set_limits(e, t, false, collect_emit, &out), 0);
		}
		pane_fill(&w, i);
		assert_int_equal(query_engine_fold(e, w.panes[i]), 0);
		assert_int_equal(query_engine_advance(e, T0 + i, collect_emit, &out), 0);
		pane_build_free(w.panes[i]);
		collect_clear(&out);
	}
	while (!query_trial_step(trial, 1))
		;
	d = query_trial_result(trial);
	assert_non_null(strstr(at_once->json, "raised"));
	assert_string_equal(d->json, at_once->json);
	document_put(d);
	query_trial_free(trial);

	assert_int_equal(query_engine_apply(e, s, collect_emit, &out), 0);
	assert_int_equal(query_engine_set_limits(e, t, true, collect_emit, &out), 0);
	for (uint64_t i = STEPS; i < STEPS + 12; i++) {
		struct pane *p = pane_build(T0 + i, 1);

		pane_build_add(p, 0, 3, 0, 3, 100, true);
		assert_int_equal(query_engine_fold(e, p), 0);
		assert_int_equal(query_engine_advance(e, T0 + i, collect_emit, &out), 0);
		pane_build_free(p);
	}
	trial = trial_of(e, s, t, of_row);
	assert_false(query_trial_step(trial, 1));
	assert_int_equal(query_engine_skip(e, T0 + STEPS + 5000), 0);
	while (!query_trial_step(trial, 1))
		;
	d = query_trial_result(trial);
	assert_non_null(strstr(d->json, "\"exact\":false"));
	document_put(d);
	query_trial_free(trial);
	document_put(at_once);
	collect_clear(&out);
	query_engine_free(e);
	query_set_put(s);
	query_set_put(none);
	limit_table_put(t);
}

static void
dry_runs_take_steps(void **state)
{
	(void)state;
	dry_run_while_things_change(false);
	dry_run_while_things_change(true);
}

static void
dry_run_of_what_is_not_retained(void **state)
{
	struct query_engine *e = engine_build(PANE_US, protocols, &QUERY_PARAMETERS_DEFAULT);
	struct limit_table *t = table_of(QUIET);
	struct collect out = {.count = 0};

	(void)state;
	assert_null(query_trial_of_row(e, &t->row[0]));
	assert_int_equal(errno, ENOENT);
	assert_int_equal(query_engine_set_limits(e, t, true, collect_emit, &out), 0);
	assert_null(query_trial_of_row(e, &t->row[0]));
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(query_engine_set_limits(e, t, false, collect_emit, &out), 0);
	assert_null(query_trial_of_row(e, &t->row[0]));
	assert_int_equal(errno, ENOENT);
	query_engine_free(e);
	limit_table_put(t);
}

static int
setup(void **state)
{
	(void)state;
	protocols = protocol_table_create(NULL, NULL);
	return protocols != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	protocol_table_free(protocols);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alerts_against_all_deltas),
		cmocka_unit_test(minimum_without_any_traffic),
		cmocka_unit_test(lost_detail_is_not_exact),
		cmocka_unit_test(limit_added_later_is_not_exact),
		cmocka_unit_test(gap_ends_with_the_last_alert),
		cmocka_unit_test(dry_runs_tell_what_was_told),
		cmocka_unit_test(dry_runs_take_steps),
		cmocka_unit_test(dry_run_of_what_is_not_retained),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
