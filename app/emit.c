/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pipeline.h"

// A result or an alert leaves the merge lcore: a result is kept as the latest of its query, both are shared with whoever wants
// it. None of them is waited for, but the results file on captures.

static void
latest_keep(struct pipeline *p, struct document *d)
{
	struct document *old = NULL;
	unsigned int i;

	rte_spinlock_lock(&p->latest.lock);
	for (i = 0; i < p->latest.count; i++)
		if (strcmp(p->latest.of[i]->name, d->name) == 0)
			break;
	if (i < LATEST_MAX) {
		if (i < p->latest.count)
			old = p->latest.of[i];
		else
			p->latest.count++;
		p->latest.of[i] = document_get(d);
	}
	rte_spinlock_unlock(&p->latest.lock);
	document_put(old);
}

void
pipeline_latest_offer(struct pipeline *p, struct document *d)
{
	struct document *old = NULL;

	rte_spinlock_lock(&p->latest.lock);
	for (unsigned int i = 0; i < p->latest.count && old == NULL; i++) {
		if (strcmp(p->latest.of[i]->name, d->name) != 0)
			continue;
		if (p->latest.of[i]->end_us >= d->end_us)
			break;
		old = p->latest.of[i];
		p->latest.of[i] = document_get(d);
	}
	rte_spinlock_unlock(&p->latest.lock);
	document_put(old);
}

static bool
store_is_well(const struct pipeline *p)
{
	struct store_stats s;

	store_stats_get(p->store, &s);
	return strcmp(s.state, "ok") == 0;
}

// Captures wait for the store as they do for everything, unless it has a fault.
void
pipeline_store(struct pipeline *p, struct document *d)
{
	while (p->store != NULL && store_put(p->store, d) == -ENOBUFS && p->captures != NULL &&
		store_is_well(p))
		usleep(1000);
}

void
pipeline_emit(struct document *d, void *arg)
{
	struct pipeline *p = arg;

	if (d->kind == DOCUMENT_RESULT)
		latest_keep(p, d);
	if (d->kind == DOCUMENT_ALERT) {
		alerts_kept_add(&p->alerts_kept, d);
		alerts_offer(p, d);
	}
	calibration_document(p->calibration, d);
	// Stored before it is told: who subscribes and then asks for a list misses nothing between them.
	pipeline_store(p, d);
	control_publish(p->control, d);
	if (p->output.documents == NULL) {
		document_put(d);
		return;
	}
	while (rte_ring_enqueue(p->output.documents, d) != 0) {
		if (p->captures == NULL) {
			__atomic_add_fetch(&p->merge.documents_lost, 1, __ATOMIC_RELAXED);
			document_put(d);
			return;
		}
		usleep(100);
	}
}
