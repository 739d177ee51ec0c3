/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/engine_preview.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "query/engine_internal.h"

// The window of a preview does not move, so all of it is folded into one slice.
struct query_preview {
	struct query_engine *engine;
	struct query query;
	const struct filter *filter;
	uint64_t first;              // slices [first, last]
	uint64_t last;
	uint64_t filter_bit;         // of masks of panes that know the filter, 0 where none does
	uint32_t filter_since;
	bool own;                    // the dimension is the preview's
	bool waits;                  // for a slice to be closed
	uint64_t wait_end;           // slice with which it waits no more
	struct retained_cursor at;
	struct document *document;
	int rc;                      // why there is none
};

#define WAIT_SLICES 5
#define PREVIEW_BURST 64  // deltas read from the log together

#define OWN_FILTER_BIT 1  // of deltas from the log that pass, in the preview's dimension

// Flows were asked this filter with their first packet, from some version on, if a query has it.
static void
filter_bit_find(struct query_preview *v)
{
	const struct query_engine *e = v->engine;

	for (unsigned int i = 0; i < e->dimension_count; i++) {
		const struct dimension *d = e->dimensions[i];

		if (d->filter_bit == 0 || strcmp(d->spec.filter, v->query.spec.dimension.filter) != 0)
			continue;
		v->filter_bit = d->filter_bit;
		v->filter_since = d->filter_since;
	}
}

// Something of the window is missing in the slices of the queries' dimension, and less in the log.
static bool
log_knows_more(const struct query_preview *v, const struct dimension *d)
{
	const struct query_engine *e = v->engine;

	return !query_metric_distinct(v->query.spec.metric) && e->log.capacity > 0 &&
		d->history.forgotten_end > v->first &&
		e->log.forgotten_end < d->history.forgotten_end;
}

// From the slices of the queries' own dimension; a window that nobody else has is made for this
// once.
static void
installed_answer(struct query_preview *v)
{
	struct query *q = &v->query;
	uint64_t length = q->spec.window_us / v->engine->pane_us;
	bool own = true;

	for (const struct window *w = q->dimension->windows; w != NULL; w = w->next)
		own &= w->length != length || w->lag != 0;
	q->window = dimension_window(q->dimension, length, 0);
	if (q->window == NULL)
		return;
	v->document = engine_answer(v->engine, q, v->last);
	if (own)
		dimension_drop_window(q->dimension, q->window);
}

static int
own_begin(struct query_preview *v)
{
	struct query_engine *e = v->engine;
	struct dimension *d = dimension_create(&v->query.spec.dimension, &e->names, 1, e->key_budget);

	if (d == NULL)
		return -ENOMEM;
	if (v->filter != NULL) {
		d->filter_bit = OWN_FILTER_BIT;
		filter_bit_find(v);
	}
	v->query.dimension = d;
	v->own = true;
	v->at = retained_log_seek(&e->log, v->first);
	return 0;
}

static int
preview_begin(struct query_preview *v)
{
	struct query_engine *e = v->engine;
	struct query *q = &v->query;
	bool there;

	q->dimension = engine_dimension_find(e, &q->spec.dimension);
	there = q->dimension != NULL && (!query_metric_distinct(q->spec.metric) ||
		engine_distinct_find(e, q) != NULL);
	if (!there && (query_metric_distinct(q->spec.metric) || e->log.capacity == 0))
		return -ENOENT;
	if (!e->started || e->index == e->start_index)
		return -EAGAIN;
	v->last = e->index - 1;
	v->first = e->start_index;
	if (q->spec.window_us != 0 && q->spec.window_us / e->pane_us < e->index - e->start_index)
		v->first = e->index - q->spec.window_us / e->pane_us;
	if (!there || log_knows_more(v, q->dimension))
		return own_begin(v);
	// Sketches tell since when something was there, not until when: what the open slice has seen
	// cannot be left out. They are asked between two slices, unless packets leave no time for that.
	if (query_metric_distinct(q->spec.metric) && e->folded &&
			(!v->waits || e->index < v->wait_end)) {
		if (!v->waits)
			v->wait_end = e->index + WAIT_SLICES;
		v->waits = true;
		return 0;
	}
	v->waits = false;
	installed_answer(v);
	return v->document != NULL ? 0 : -ENOMEM;
}

struct query_preview *
query_preview_begin(struct query_engine *e, const struct query_spec *spec,
	const struct filter *filter)
{
	struct query_preview *v = calloc(1, sizeof(*v));
	int rc;

	if (v == NULL)
		return NULL;
	v->engine = e;
	v->query.spec = *spec;
	v->filter = filter;
	rc = preview_begin(v);
	if (rc == 0)
		return v;
	query_preview_free(v);
	errno = -rc;
	return NULL;
}

void
query_preview_free(struct query_preview *v)
{
	if (v == NULL)
		return;
	if (v->own)
		dimension_free(v->query.dimension);
	document_put(v->document);
	free(v);
}

// Was the filter asked with the first packets of the part's flows?
static bool
part_asked(const struct query_preview *v)
{
	return v->filter_bit != 0 && v->at.part.filter_version >= v->filter_since;
}

// Is what passes of the part certain?
static bool
part_certain(const struct query_preview *v)
{
	return v->filter == NULL || part_asked(v) || filter_by_key(v->filter);
}

// Which of the deltas pass, in their masks: as their first packets did where that was asked, else as
// far as the key tells.
static void
deltas_filter(const struct query_preview *v, struct pane_delta *deltas, unsigned int n)
{
	bool known = part_asked(v);

	for (unsigned int i = 0; i < n && v->filter != NULL; i++) {
		struct pane_delta *d = &deltas[i];
		bool passes = known ? (d->filter_mask & v->filter_bit) != 0 :
			filter_match_key(v->filter, &d->key, d->fwd_swapped != 0, d->src_mac,
				d->dst_mac);

		d->filter_mask = passes ? OWN_FILTER_BIT : 0;
	}
}

static void
deltas_fold(struct query_preview *v, struct pane_delta *deltas, unsigned int n)
{
	struct dimension *d = v->query.dimension;
	uint8_t ends[PREVIEW_BURST] = {0};

	if (d->spec.scope != QUERY_SCOPE_ALL && v->engine->networks != NULL)
		engine_ends_find(v->engine, deltas, n, ends);
	deltas_filter(v, deltas, n);
	// Keys that found no room are noted in the slice.
	dimension_fold(d, deltas, ends, n);
}

// The next part that is of the window; false if there is none.
static bool
part_next(struct query_preview *v)
{
	const struct retained_log *log = &v->engine->log;

	do {
		if (!retained_log_next(log, &v->at) || v->at.part.index > v->last)
			return false;
	} while (v->at.part.index < v->first);
	dimension_fold_total(v->query.dimension, &v->at.part.total,
		v->at.part.lost != 0 || !part_certain(v));
	return true;
}

bool
query_preview_step(struct query_preview *v, uint32_t deltas)
{
	struct pane_delta burst[PREVIEW_BURST];
	uint32_t done = 0;

	if (v->waits) {
		v->rc = preview_begin(v);
		v->waits &= v->rc == 0;
	}
	if (!v->own)
		return !v->waits;
	while (done < deltas) {
		unsigned int n = retained_log_read(&v->engine->log, &v->at, burst, RTE_DIM(burst));

		if (n == 0 && !part_next(v))
			return true;
		if (n > 0)
			deltas_fold(v, burst, n);
		done += n;
	}
	return false;
}

bool
query_preview_waits(const struct query_preview *v)
{
	return v->waits;
}

struct document *
query_preview_result(struct query_preview *v)
{
	struct query_engine *e = v->engine;
	struct query *q = &v->query;

	if (v->own) {
		// What the log forgot meanwhile is missing, too.
		q->dimension->history.forgotten_end = e->log.forgotten_end;
		errno = ENOMEM;
		if (dimension_close(q->dimension, v->last) != 0)
			return NULL;
		q->window = dimension_window(q->dimension, q->spec.window_us / e->pane_us, 0);
		return q->window != NULL ? engine_answer(e, q, v->last) : NULL;
	}
	if (v->document == NULL) {
		errno = v->rc != 0 ? -v->rc : ENOMEM;
		return NULL;
	}
	return document_get(v->document);
}

size_t
query_preview_bytes_most(uint32_t keys, size_t log_bytes)
{
	return log_bytes == 0 ? 0 : log_bytes + dimension_bytes_most(keys, 1, 1) +
		keys * sizeof(struct slice_item);
}
