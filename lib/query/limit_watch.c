/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/limit_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "query/dimension_kinds.h"
#include "query/limit_window.h"

// One limit: the rows of one name.
struct limit_state {
	bool watched;            // a row holds: what follows is valid
	struct limit_row row;    // that one; a copy, as its table may be gone
	struct limit_window window;
	struct limit_level level;
	uint64_t open;           // bytes of the slice that is being filled, folded with earlier tables
	uint64_t lost_end;       // slices before it, back to the window's beginning, may have lost detail
};

struct limit_watch {
	uint64_t pane_us;
	struct limit_table *table;  // a reference
	uint64_t table_first;       // limits of it begin with this slice or later
	struct limit_state *states; // one for each name of the table, in its order
	uint32_t state_count;
	uint64_t *row_open;         // by row of the table: bytes of the slice that is being filled
	bool lost;                  // detail of that slice
	bool folded;                // there are such bytes
	bool ran;                   // there was traffic before that slice

	uint16_t rows[LIMIT_ROWS_MAX];  // that a packet counts for
};

struct limit_watch *
limit_watch_create(uint64_t pane_us)
{
	struct limit_watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->pane_us = pane_us;
	return w;
}

static void
state_fini(struct limit_state *s)
{
	limit_window_fini(&s->window);
	*s = (struct limit_state){0};
}

void
limit_watch_free(struct limit_watch *w)
{
	if (w == NULL)
		return;
	for (uint32_t i = 0; i < w->state_count; i++)
		state_fini(&w->states[i]);
	limit_table_put(w->table);
	free(w->states);
	free(w->row_open);
	free(w);
}

bool
limit_watch_active(const struct limit_watch *w)
{
	return w->table != NULL && w->table->count > 0;
}

static void
bytes_add(struct limit_watch *w, uint16_t source, uint16_t destination, uint64_t bytes)
{
	uint32_t n;

	if (source == 0 || destination == 0)
		return;
	n = limit_classes_rows(w->table->classes, source, destination, w->rows);
	for (uint32_t i = 0; i < n; i++)
		w->row_open[w->rows[i]] += bytes;
}

void
limit_watch_fold(struct limit_watch *w, const struct pane_delta *deltas, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct pane_delta *d = &deltas[i];
		struct limit_class of[2];

		for (unsigned int end = 0; end < 2; end++)
			of[end] = limit_classes_find(w->table->classes, d->key.version,
				d->key.addr[end]);
		for (unsigned int dir = 0; dir < 2; dir++) {
			unsigned int from = delta_source(d, dir);

			if (d->bytes[dir] > 0)
				bytes_add(w, of[from].source, of[from ^ 1].destination, d->bytes[dir]);
		}
	}
	w->folded = true;
}

void
limit_watch_lose(struct limit_watch *w)
{
	w->lost = true;
}

static int
state_tell(const struct limit_state *s, const char *state, uint64_t bound, uint64_t at_us,
	const struct limit_output *out)
{
	char key[LIMIT_KEY_LEN];
	uint64_t first = s->window.next - RTE_MIN(s->window.length, s->window.next);
	const struct alert_text t = {
		.query = LIMIT_QUERY_NAME, .limit_name = s->row.name,
		.key = limit_match_text(&s->row.match, key), .value = s->window.sum,
		.limit = bound, .state = state, .at_us = at_us, .exact = s->lost_end <= first,
	};

	return alert_emit(&t, out->json, out->emit, out->arg);
}

// The limit is watched no more: what was raised is cleared.
static int
state_end(struct limit_state *s, uint64_t at_us, const struct limit_output *out)
{
	if (s->level.raised && state_tell(s, "cleared", s->level.bound, at_us, out) != 0)
		return -ENOMEM;
	state_fini(s);
	return 0;
}

static uint64_t
window_slices(const struct limit_watch *w, const struct limit_row *row)
{
	return row->window_s * CLOCK_US_PER_S / w->pane_us;
}

static int
state_begin(const struct limit_watch *w, struct limit_state *s, const struct limit_row *row,
	uint64_t first)
{
	if (limit_window_init(&s->window, window_slices(w, row), first) != 0)
		return -ENOMEM;
	s->row = *row;
	s->watched = true;
	// What was before its first slice is not in the sum until a whole window has passed.
	s->lost_end = w->ran ? first : 0;
	return 0;
}

// Be what the row says that holds in slice `index`; NULL: none does.
static int
state_follow(const struct limit_watch *w, struct limit_state *s, const struct limit_row *row,
	uint64_t index, const struct limit_output *out)
{
	if (s->watched && row != NULL && s->row.window_s == row->window_s &&
			limit_match_equal(&s->row.match, &row->match)) {
		s->row = *row;
		return 0;
	}
	if (s->watched && state_end(s, index * w->pane_us, out) != 0)
		return -ENOMEM;
	s->open = 0;
	return row != NULL ? state_begin(w, s, row, RTE_MAX(index, w->table_first)) : 0;
}

static int
state_judge(struct limit_state *s, uint64_t end_us, const struct limit_output *out)
{
	struct limit_level next;
	enum limit_change change = limit_level_next(&s->level, &s->row.op, s->window.sum,
		limit_window_full(&s->window), &next);
	const char *state = change == LIMIT_RAISED ? "raised" : "cleared";

	if (change != LIMIT_SAME && state_tell(s, state, next.bound, end_us, out) != 0)
		return -ENOMEM;
	s->level = next;
	return 0;
}

static int
state_close(const struct limit_watch *w, struct limit_state *s, uint32_t row, uint64_t index,
	const struct limit_output *out)
{
	const struct limit_row *holding = row != LIMIT_NONE ? &w->table->row[row] : NULL;

	if (state_follow(w, s, holding, index, out) != 0)
		return -ENOMEM;
	if (!s->watched || index < s->window.next)
		return 0;
	limit_window_slide(&s->window, index, s->open + w->row_open[row]);
	s->open = 0;
	if (w->lost)
		s->lost_end = index + 1;
	return state_judge(s, (index + 1) * w->pane_us, out);
}

int
limit_watch_close(struct limit_watch *w, uint64_t index, const struct limit_output *out)
{
	int rc = 0;

	if (!limit_watch_active(w)) {
		w->ran |= w->folded;
		w->lost = w->folded = false;
		return 0;
	}
	for (uint32_t i = 0, first = 0, end; i < w->state_count; i++, first = end) {
		uint32_t row;

		end = limit_table_next(w->table, first);
		row = limit_table_holding(w->table, first, end, index * w->pane_us);
		if (state_close(w, &w->states[i], row, index, out) != 0)
			rc = -ENOMEM;
	}
	memset(w->row_open, 0, w->table->count * sizeof(*w->row_open));
	w->ran |= w->folded;
	w->lost = w->folded = false;
	return rc;
}

// Bytes of the open slice that were counted under the old table, for rows that hold.
static void
open_keep(struct limit_watch *w)
{
	uint32_t at = 0;

	if (!limit_watch_active(w))
		return;
	for (uint32_t i = 0; i < w->state_count; i++) {
		struct limit_state *s = &w->states[i];
		uint32_t next = limit_table_next(w->table, at);

		for (; at < next; at++)
			if (s->watched && w->table->row[at].effective_us == s->row.effective_us)
				s->open += w->row_open[at];
	}
}

static uint32_t
names_count(const struct limit_table *t)
{
	uint32_t names = 0;

	for (uint32_t i = 0; i < t->count; i = limit_table_next(t, i))
		names++;
	return names;
}

// States of the same name move over; both lists are in the order of names. The others end.
static int
states_move(struct limit_watch *w, const struct limit_table *t, struct limit_state *next,
	uint64_t at_us, const struct limit_output *out)
{
	uint32_t at = 0, name = 0;
	int rc = 0;

	for (uint32_t i = 0; i < w->state_count; i++) {
		struct limit_state *s = &w->states[i];

		if (!s->watched)
			continue;
		for (; at < t->count && strcmp(t->row[at].name, s->row.name) < 0; name++)
			at = limit_table_next(t, at);
		if (at < t->count && strcmp(t->row[at].name, s->row.name) == 0) {
			next[name] = *s;
		} else if (state_end(s, at_us, out) != 0) {
			state_fini(s);
			rc = -ENOMEM;
		}
	}
	return rc;
}

int
limit_watch_apply(struct limit_watch *w, struct limit_table *t, uint64_t first, bool ran,
	uint64_t at_us, const struct limit_output *out)
{
	struct limit_state *states = calloc((size_t)t->count + 1, sizeof(*states));
	uint64_t *row_open = calloc((size_t)t->count + 1, sizeof(*row_open));
	int rc;

	if (states == NULL || row_open == NULL) {
		free(states);
		free(row_open);
		return -ENOMEM;
	}
	open_keep(w);
	rc = states_move(w, t, states, at_us, out);
	free(w->states);
	free(w->row_open);
	w->states = states;
	w->state_count = names_count(t);
	w->row_open = row_open;
	limit_table_put(w->table);
	w->table = limit_table_get(t);
	w->table_first = first;
	w->ran |= ran;
	return rc;
}

static bool
state_settled(const struct limit_state *s)
{
	bool outside = operator_limit_outside(&s->row.op, 0, 0);

	return !s->watched || (s->window.sum == 0 && limit_window_full(&s->window) &&
		s->level.raised == outside);
}

bool
limit_watch_settled(const struct limit_watch *w)
{
	if (w->folded)
		return false;
	for (uint32_t i = 0; i < w->state_count; i++)
		if (!state_settled(&w->states[i]))
			return false;
	return true;
}

void
limit_watch_stats_get(const struct limit_watch *w, struct limit_stats *ret)
{
	*ret = (struct limit_stats){.rows = w->table != NULL ? w->table->count : 0};
	ret->bytes = sizeof(*w);
	for (uint32_t i = 0; i < w->state_count; i++) {
		ret->watched += w->states[i].watched;
		ret->raised += w->states[i].level.raised;
		ret->bytes += sizeof(w->states[i]) + w->states[i].window.length * sizeof(uint64_t);
	}
}
