/* SPDX-License-Identifier: BSD-3-Clause */
// The store thread: take what callers queued, commit what is due, serve requests, keep the push
// thread busy, sleep until the next of these.
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <rte_common.h>

#include "base/clock.h"
#include "store/store_private.h"

#define TAKE_MOST 4096       // items in one round, so that commits and push have their turn
#define SLEEP_MOST_US 1000000
#define LAST_COMMITS 3       // attempts at the end, retry_us apart
#define PUSH_GRACE_MS 200    // for the push thread to see that it is over

static uint64_t
sleep_until(const struct store *s, uint64_t now_us)
{
	const uint64_t most = now_us + SLEEP_MOST_US;

	if (s->faulty)
		return RTE_MIN(most, s->retry_at_us);
	return s->pending_n > 0 ? RTE_MIN(most, s->commit_at_us) : most;
}

static void
thread_sleep(struct store *s)
{
	const uint64_t now_us = clock_monotonic_us();
	const uint64_t until_us = sleep_until(s, now_us);
	struct pollfd fd = {.fd = s->wake_fd, .events = POLLIN};
	eventfd_t count;

	__atomic_store_n(&s->sleeping, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (rte_ring_empty(s->ring) && until_us > now_us)
		poll(&fd, 1, (int)((until_us - now_us + 999) / 1000));
	__atomic_store_n(&s->sleeping, 0, __ATOMIC_RELAXED);
	eventfd_read(s->wake_fd, &count);
}

static bool
commit_is_due(const struct store *s)
{
	if (s->faulty)
		return clock_monotonic_us() >= s->retry_at_us;
	return s->pending_n >= STORE_BATCH ||
		(s->pending_n > 0 && clock_monotonic_us() >= s->commit_at_us);
}

static void
items_take(struct store *s, uint32_t most)
{
	struct store_item item;

	while (most-- > 0 && rte_ring_dequeue_elem(s->ring, &item, sizeof(item)) == 0) {
		if (item.request != NULL)
			store_request_run(s, item.request);
		else
			store_pending_add(s, item.document);
		if (commit_is_due(s))
			store_commit(s);
	}
}

void
store_stats_publish(struct store *s)
{
	struct sink_outbox outbox = {0};
	unsigned int k;

	if (s->sink != NULL) {
		s->ops->outbox_stats(s->sink, &outbox);
		for (k = 0; k < DOCUMENT_KINDS; k++)
			s->ops->kept_stats(s->sink, k, &s->now.kept[k]);
	}
	s->now.queued = s->pending_n;
	s->now.outbox = outbox.rows;
	s->now.outbox_lost = s->outbox_lost_before + outbox.lost;
	pthread_mutex_lock(&s->stats_lock);
	s->stats = s->now;
	pthread_mutex_unlock(&s->stats_lock);
}

// Everything that was queued is answered or committed, or dropped and counted.
static void
thread_drain(struct store *s)
{
	unsigned int tries;

	while (!rte_ring_empty(s->ring))
		items_take(s, UINT32_MAX);
	for (tries = 0; s->pending_n > 0 && tries < LAST_COMMITS; tries += s->faulty) {
		if (s->faulty && s->retry_at_us > clock_monotonic_us())
			poll(NULL, 0, (int)(s->limits.retry_us / 1000));
		store_commit(s);
	}
	store_pending_drop(s);
}

void *
store_thread_main(void *arg)
{
	struct store *s = arg;
	uint32_t wait_ms;

	while (__atomic_load_n(&s->stop, __ATOMIC_SEQ_CST) == 0) {
		items_take(s, TAKE_MOST);
		if (commit_is_due(s))
			store_commit(s);
		store_outbox_step(s);
		store_stats_publish(s);
		thread_sleep(s);
	}
	thread_drain(s);
	wait_ms = __atomic_load_n(&s->push_wait_ms, __ATOMIC_RELAXED);
	if (s->push != NULL) {
		store_outbox_drain(s, clock_monotonic_us() + (uint64_t)wait_ms * 1000);
		push_close(s->push, PUSH_GRACE_MS);
	}
	push_batch_free(s->settled);
	store_stats_publish(s);
	return NULL;
}
