/* SPDX-License-Identifier: BSD-3-Clause */
// From the outbox to the push thread and back, oldest first, one batch at a time. Rows leave the
// outbox only after the server has acknowledged them, so what is delivered twice (after a crash
// or a fault between the two) is the same document under the same _id.
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include <rte_common.h>

#include "base/clock.h"
#include "store/store_private.h"

// Take the settled rows out of the outbox. False: the sink cannot be written to now.
static bool
batch_settle(struct store *s, struct push_batch *b)
{
	int64_t ids[PUSH_BATCH_ROWS];
	struct error err = {0};
	uint32_t i, n = 0;
	int rc;

	if (!store_sink_ready(s))
		return false;
	if (b->generation != s->generation)
		return true;  // those rows were in a file that was set aside
	for (i = 0; i < b->n; i++) {
		if (b->outcomes[i] != PUSH_WAITING)
			ids[n++] = b->rows[i].id;
	}
	rc = s->ops->outbox_remove(s->sink, ids, n, &err);
	if (rc != 0)
		store_fault(s, rc, &err);
	return rc == 0;
}

static bool
settled_finish(struct store *s)
{
	struct push_batch *b;

	if (s->settled == NULL) {
		s->settled = push_take(s->push);
		if (s->settled != NULL) {
			s->now.pushed += s->settled->delivered;
			s->now.push_rejected += s->settled->rejected;
		}
	}
	b = s->settled;
	if (b == NULL)
		return true;
	if (!batch_settle(s, b))
		return false;
	s->push_stuck = b->delivered + b->rejected == 0;
	push_batch_free(b);
	s->settled = NULL;
	return true;
}

static void
batch_give(struct store *s)
{
	struct push_batch *b = calloc(1, sizeof(*b));
	struct error err = {0};
	int rc;

	if (b == NULL)
		return;
	b->generation = s->generation;
	rc = s->ops->outbox_read(s->sink, b->rows, push_wanted(s->push), PUSH_BATCH_BYTES, &b->n,
		&err);
	if (rc != 0)
		store_fault(s, rc, &err);
	if (rc == 0 && b->n > 0)
		push_give(s->push, b);
	else
		push_batch_free(b);
}

void
store_outbox_step(struct store *s)
{
	struct sink_outbox outbox;

	if (s->push == NULL || !settled_finish(s) || !push_idle(s->push))
		return;
	if (!store_sink_ready(s))
		return;
	s->ops->outbox_stats(s->sink, &outbox);
	if (outbox.rows > 0)
		batch_give(s);
}

static bool
outbox_is_empty(const struct store *s)
{
	struct sink_outbox outbox = {0};

	if (s->sink != NULL)
		s->ops->outbox_stats(s->sink, &outbox);
	return outbox.rows == 0;
}

void
store_outbox_drain(struct store *s, uint64_t until_us)
{
	struct pollfd fd = {.fd = s->wake_fd, .events = POLLIN};
	eventfd_t count;

	s->push_stuck = false;
	push_hurry(s->push);
	for (;;) {
		uint64_t now_us = clock_monotonic_us();

		store_outbox_step(s);
		store_stats_publish(s);
		if (outbox_is_empty(s) || s->push_stuck || now_us >= until_us)
			return;
		poll(&fd, 1, (int)RTE_MIN((until_us - now_us + 999) / 1000, (uint64_t)1000));
		eventfd_read(s->wake_fd, &count);
	}
}
