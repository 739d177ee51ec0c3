/* SPDX-License-Identifier: BSD-3-Clause */
// What waits for a commit, and the sink's faults. While the sink cannot be written to, documents
// stay here, as many as there is room for; then the oldest go, counted. Requests are still taken
// from the ring and answered, and lists still work where only writing does not.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/store_private.h"

int
store_sink_open(struct store *s, bool set_aside, struct error *err)
{
	struct sink_params p = s->sink_params;
	int rc;

	p.set_aside = set_aside;
	rc = s->ops->open(&p, &s->sink, err);
	if (rc == 0)
		s->generation++;
	return rc;
}

static void
sink_close(struct store *s, bool rows_lost)
{
	struct sink_outbox outbox;

	if (s->sink == NULL)
		return;
	s->ops->outbox_stats(s->sink, &outbox);
	s->outbox_lost_before += outbox.lost + (rows_lost ? outbox.rows : 0);
	s->ops->close(s->sink);
	s->sink = NULL;
}

static void
fault_note(struct store *s, const struct error *err)
{
	if (!s->faulty || strncmp(s->now.state, err->text, sizeof(s->now.state) - 1) != 0)
		log_error("store", "%s; documents wait in memory", err->text);
	snprintf(s->now.state, sizeof(s->now.state), "%.127s", err->text);
	s->faulty = true;
	s->retry_at_us = clock_monotonic_us() + s->limits.retry_us;
}

static void
fault_end(struct store *s)
{
	if (s->faulty)
		log_notice("store", "works again");
	s->faulty = false;
	snprintf(s->now.state, sizeof(s->now.state), "ok");
}

// The file is corrupted. A disk that spoils every file must not fill up with spoiled ones, so a
// second one within set_aside_us has to wait.
static void
begin_anew(struct store *s)
{
	const uint64_t now_us = clock_monotonic_us();
	struct error err = {0};

	sink_close(s, true);
	if (s->set_aside_at_us != 0 && now_us - s->set_aside_at_us < s->limits.set_aside_us) {
		s->retry_at_us = s->set_aside_at_us + s->limits.set_aside_us;
		return;
	}
	s->set_aside_at_us = now_us;
	if (store_sink_open(s, true, &err) != 0)
		fault_note(s, &err);
	else
		s->retry_at_us = now_us;
}

void
store_fault(struct store *s, int rc, const struct error *err)
{
	fault_note(s, err);
	// SQLite opens what it may not write for reading only, and stays so.
	s->reopen = rc == -EROFS;
	if (rc == -EUCLEAN)
		begin_anew(s);
}

bool
store_sink_ready(struct store *s)
{
	struct error err = {0};
	int rc;

	if (s->faulty && clock_monotonic_us() < s->retry_at_us)
		return false;
	if (s->reopen)
		sink_close(s, false);
	s->reopen = false;
	if (s->sink != NULL)
		return true;
	rc = store_sink_open(s, false, &err);
	if (rc != 0) {
		fault_note(s, &err);
		return false;
	}
	return true;
}

void
store_pending_add(struct store *s, struct document *d)
{
	if (s->pending_n == 0)
		s->commit_at_us = clock_monotonic_us() + s->limits.commit_us;
	if (s->pending_n == s->pending_size) {
		document_put(s->pending[s->pending_head]);
		s->pending_head = (s->pending_head + 1) % s->pending_size;
		s->pending_n--;
		s->now.dropped++;
	}
	s->pending[(s->pending_head + s->pending_n++) % s->pending_size] = d;
}

static void
pending_release(struct store *s, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		document_put(s->pending[(s->pending_head + i) % s->pending_size]);
	s->pending_head = (s->pending_head + n) % s->pending_size;
	s->pending_n -= n;
}

// With a fault and nothing pending this writes nothing, to see whether the fault is over.
void
store_commit(struct store *s)
{
	struct document *batch[STORE_BATCH];
	uint32_t n = RTE_MIN(s->pending_n, (uint32_t)STORE_BATCH), fresh, i;
	struct error err = {0};
	int rc;

	if ((n == 0 && !s->faulty) || !store_sink_ready(s))
		return;
	for (i = 0; i < n; i++)
		batch[i] = s->pending[(s->pending_head + i) % s->pending_size];
	rc = s->ops->write(s->sink, batch, n, &fresh, &err);
	if (rc != 0) {
		store_fault(s, rc, &err);
		return;
	}
	fault_end(s);
	pending_release(s, n);
	s->now.stored += n;
	s->commit_at_us = clock_monotonic_us() + s->limits.commit_us;
}

void
store_pending_drop(struct store *s)
{
	s->now.dropped += s->pending_n;
	pending_release(s, s->pending_n);
}
