/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "pane/pane_heaviest.h"
#include "pipeline.h"

// The merge lcore. Each worker's panes come in order of their index and leave out what was empty,
// so the smallest index among the workers' next panes is known when every worker has shown one. It
// folds those, and the parts of them that are still to come, slides the windows, evaluates the
// queries, and goes on.

// On packet time a capture can jump by years. Results for empty windows in between are given up
// to this many slides; beyond, they end when the window has run empty. A live worker seals a pane
// every slice, so there a gap is a step of the clock, and results always end with the empty window.
#define GAP_MAX 86400

static bool
any_of(const struct pipeline *p, const bool *flags)
{
	bool any = false;

	for (unsigned int i = 0; i < p->worker_count; i++)
		any |= flags[i];
	return any;
}

// Panes that have come in, one part per worker. True when every worker has shown its next one or
// ended; while a pane is not whole, that of those which have to do with the rest of it: the others
// have nothing to show before the next slice is over.
static bool
panes_collect(struct pipeline *p)
{
	struct merge_worker *m = &p->merge;
	bool rest = any_of(p, m->continued), complete = true;

	for (unsigned int i = 0; i < p->worker_count; i++) {
		if (m->held[i] == NULL && !m->ended[i])
			m->held[i] = pane_receive(p->workers[i].exchange);
		complete &= m->held[i] != NULL || m->ended[i] || (rest && !m->continued[i]);
	}
	return complete;
}

// The smallest index held; false if nothing is.
static bool
index_next(const struct pipeline *p, uint64_t *ret_index)
{
	bool any = false;

	for (unsigned int i = 0; i < p->worker_count; i++) {
		const struct pane *pane = p->merge.held[i];

		if (pane != NULL && (!any || pane->index < *ret_index)) {
			*ret_index = pane->index;
			any = true;
		}
	}
	return any;
}

static void
slices_advance(struct pipeline *p, uint64_t index)
{
	int rc = query_engine_advance(p->merge.engine, index, pipeline_emit, p);

	if (rc != 0)
		__atomic_add_fetch(&p->merge.documents_lost, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&p->merge.next_index, index + 1, __ATOMIC_RELEASE);
}

// Empty slices up to `index`, which is the next with a pane.
static void
gap_cross(struct pipeline *p, uint64_t index)
{
	struct merge_worker *m = &p->merge;
	bool long_gap = p->captures == NULL || index - m->next_index > GAP_MAX;

	if (!m->started)
		return;
	while (m->next_index < index && !(long_gap && query_engine_windows_empty(m->engine)))
		slices_advance(p, m->next_index);
	if (m->next_index < index && query_engine_skip(m->engine, index) == 0)
		__atomic_store_n(&m->next_index, index, __ATOMIC_RELEASE);
}

// A slice comes from a worker in parts: the heaviest of any of them.
static void
slice_note(struct worker_slice *s, const struct pane *pane)
{
	const struct pane_delta *d = pane_heaviest(pane);

	s->packets += pane->packets;
	if (d == NULL || (s->any && !pane_delta_heavier(d, &s->heaviest)))
		return;
	s->heaviest = *d;
	s->any = true;
}

// The slice is complete: show it to readers. What is left for the end of a run is a piece of a
// slice, and is shown only if there was nothing before.
static void
slices_show(struct pipeline *p, uint64_t index, bool end)
{
	struct merge_worker *m = &p->merge;

	if (!end || m->last_start_us == 0) {
		rte_spinlock_lock(&m->stats_lock);
		memcpy(m->last, m->filling, sizeof(m->last[0]) * p->worker_count);
		m->last_start_us = index * p->options.pane_us;
		rte_spinlock_unlock(&m->stats_lock);
	}
	memset(m->filling, 0, sizeof(m->filling[0]) * p->worker_count);
}

// Fold what is held for this index, give the panes back. False while a part of it is still to come.
static bool
panes_fold(struct pipeline *p, uint64_t index)
{
	struct merge_worker *m = &p->merge;

	for (unsigned int i = 0; i < p->worker_count; i++) {
		struct pane *pane = m->held[i];
		int rc;

		if (pane == NULL || pane->index != index)
			continue;
		m->slice_packets += pane->packets;
		slice_note(&m->filling[i], pane);
		m->continued[i] = pane->continued;
		rc = query_engine_fold(m->engine, pane);
		if (rc != 0)
			__atomic_add_fetch(&m->folds_incomplete, 1, __ATOMIC_RELAXED);
		if (rc == 0 || rc == -ENOMEM)  // else its time is out of range
			daily_fold(p, pane);
		m->ended[i] = pane->last;
		m->held[i] = NULL;
		pane_recycle(p->workers[i].exchange, pane);
	}
	return !any_of(p, m->continued);
}

static bool
all_ended(const struct pipeline *p)
{
	for (unsigned int i = 0; i < p->worker_count; i++)
		if (!p->merge.ended[i])
			return false;
	return true;
}

static void
stats_copy(struct merge_worker *m)
{
	struct query_engine_stats stats;

	query_engine_stats_get(m->engine, &stats);
	rte_spinlock_lock(&m->stats_lock);
	m->stats = stats;
	rte_spinlock_unlock(&m->stats_lock);
}

// One complete index: fold and evaluate. The very last slice counts only if it has packets: the
// results end with the slide of the last packet.
static void
slide(struct pipeline *p)
{
	struct merge_worker *m = &p->merge;
	uint64_t index = 0;
	bool traffic;

	if (!index_next(p, &index))
		return;
	gap_cross(p, index);
	if (!panes_fold(p, index))
		return;
	calibration_slice(p->calibration, index, m->slice_packets);
	traffic = m->slice_packets > 0;
	m->slice_packets = 0;
	m->started |= traffic;
	if (!m->started && p->captures == NULL && query_engine_pass_idle(m->engine, index,
			pipeline_emit, p) != 0)
		__atomic_add_fetch(&m->documents_lost, 1, __ATOMIC_RELAXED);
	if (m->started && (traffic || !all_ended(p)))
		slices_advance(p, index);
	daily_write(p);
	slices_show(p, index, all_ended(p));
	stats_copy(m);
}

static void
queries_apply(struct pipeline *p, const struct query_set *set)
{
	struct merge_worker *m = &p->merge;
	bool incomplete = query_engine_apply(m->engine, set, pipeline_emit, p) != 0;

	if (incomplete && !m->queries_incomplete)
		log_error("merge", "no memory for some queries: tried again with each slide");
	m->queries_incomplete = incomplete;
	m->queries_version = set->version;
}

static void
limits_apply(struct pipeline *p, const struct settings *s)
{
	struct merge_worker *m = &p->merge;
	bool incomplete = query_engine_set_limits(m->engine, s->limit_table, s->limits_retain,
		pipeline_emit, p) != 0;

	if (incomplete && !m->queries_incomplete)
		log_error("merge", "no memory for the limits table: tried again with each slide");
	m->queries_incomplete |= incomplete;
	m->limits_version = s->limit_table->version;
}

static void
queries_follow(struct pipeline *p)
{
	const struct settings *s = settings_read(&p->settings, pipeline_merge_reader(p));
	const struct key_names names = {s->names, s->geoip};

	query_engine_set_names(p->merge.engine, &names);

	if (s->queries->version != p->merge.queries_version)
		queries_apply(p, s->queries);
	if (s->limit_table->version != p->merge.limits_version)
		limits_apply(p, s);
}

int
merge_worker_run(void *arg)
{
	struct pipeline *p = arg;
	struct merge_worker *m = &p->merge;

	settings_reader_begin(&p->settings, pipeline_merge_reader(p));
	if (queries_unread(p))
		query_engine_set_unread(m->engine);
	// Work comes once a slide: there is no reason to spin.
	lcore_load_start(&m->load, LCORE_SLEEP_MERGE_US);
	while (!all_ended(p)) {
		uint64_t begun = rte_rdtsc();
		bool between = !any_of(p, m->continued), served = false, come;

		// Not between two parts, so that a new query has whole slices. Previews are of
		// closed ones and do not wait for an open one's end; but a step of one takes as long
		// as several parts, so those that have come are folded first.
		if (between)
			queries_follow(p);
		come = panes_collect(p);
		if (between || !come)
			served = previews_serve(p);
		if (come) {
			slide(p);
			if (m->queries_incomplete)  // none has version 0: applied again
				m->queries_version = m->limits_version = 0;
			lcore_load_busy(&m->load, begun);
		} else if (served) {
			lcore_load_busy(&m->load, begun);
		} else {
			lcore_load_idle(&m->load);
		}
	}
	if (query_engine_finish(m->engine, pipeline_emit, p) != 0)
		__atomic_add_fetch(&m->documents_lost, 1, __ATOMIC_RELAXED);
	daily_finish(p);
	settings_reader_end(&p->settings, pipeline_merge_reader(p));
	__atomic_store_n(&p->merged, true, __ATOMIC_RELEASE);
	control_stop(p->control);
	return 0;
}
