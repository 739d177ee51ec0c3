/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/push.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_random.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread_start.h"
#include "store/push_server.h"

#define PAUSE_FIRST_US 500000     // after the first failure; doubles with each further one
#define PAUSE_MOST_US 4000000     // a server that comes back is delivered to within 10 s
#define WRITE_LONG_US 2000000     // a write that takes longer is followed by a smaller one,
#define WRITE_SHORT_US 500000     // one that is shorter by a larger one

// Shared by the store thread and the push thread; whoever leaves last frees it. The lock is only
// held to look at or change the fields below it, never over a network call.
struct push {
	mongoc_uri_t *uri;
	char *appliance;
	int64_t expire_s;
	int wake_fd;
	pthread_t thread;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint32_t users;
	bool stop, hurry, exited;
	struct push_batch *given;     // store to push
	struct push_batch *working;   // the push thread's, while it has one
	struct push_batch *returned;  // push to store
	struct push_stats stats;
	uint32_t wanted;              // rows in one write, 1 .. PUSH_BATCH_ROWS

	// push thread only
	struct push_server *server;
	bool indexed;        // indexes were made, or refused
	uint32_t failed_in_row;
	bool last_try_done;  // the one attempt that is made after push_hurry()
};

void
push_batch_free(struct push_batch *b)
{
	uint32_t i;

	for (i = 0; b != NULL && i < b->n; i++)
		document_put(b->rows[i].document);
	free(b);
}

static void
push_leave(struct push *p)
{
	uint32_t left;

	pthread_mutex_lock(&p->lock);
	left = --p->users;
	pthread_mutex_unlock(&p->lock);
	if (left > 0)
		return;
	push_batch_free(p->given);
	push_batch_free(p->working);
	push_batch_free(p->returned);
	mongoc_uri_destroy(p->uri);
	close(p->wake_fd);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	free(p->appliance);
	free(p);
}

// Wait on p->changed until a monotonic time; the lock is held.
static void
changed_wait(struct push *p, uint64_t until_us)
{
	const struct timespec at = {.tv_sec = (time_t)(until_us / CLOCK_US_PER_S),
		.tv_nsec = (long)(until_us % CLOCK_US_PER_S * 1000)};

	pthread_cond_timedwait(&p->changed, &p->lock, &at);
}

static void
state_note(struct push *p, int rc, const struct error *err, uint64_t pause_us)
{
	bool was_ok;

	pthread_mutex_lock(&p->lock);
	was_ok = p->stats.connected;
	p->stats.connected = rc == 0;
	p->stats.failures += rc != 0;
	if (rc == 0)
		snprintf(p->stats.state, sizeof(p->stats.state), "ok");
	else
		snprintf(p->stats.state, sizeof(p->stats.state), "next attempt in %.1f s: %.95s",
			(double)pause_us / CLOCK_US_PER_S, err->text);
	pthread_mutex_unlock(&p->lock);
	if (rc == 0 && !was_ok)
		log_notice("push", "delivering to MongoDB");
	else if (rc != 0 && (was_ok || p->failed_in_row == 1))
		log_warning("push", "MongoDB does not take documents, they wait in the outbox: %s",
			err->text);
}

// The pause before the next attempt: twice as long each time, and between half and all of it, so
// that appliances that lost the same server do not come back together.
static uint64_t
pause_draw(uint32_t failed_in_row)
{
	uint64_t us = PAUSE_FIRST_US;

	while (--failed_in_row > 0 && us < PAUSE_MOST_US)
		us *= 2;
	us = RTE_MIN(us, (uint64_t)PAUSE_MOST_US);
	return us / 2 + rte_rand_max(us / 2 + 1);
}

// A write that failed may have been too much for the server in the time it had.
static void
wanted_adapt(struct push *p, int rc, uint64_t took_us)
{
	pthread_mutex_lock(&p->lock);
	if (rc != 0 || took_us > WRITE_LONG_US)
		p->wanted = RTE_MAX(p->wanted / 2, 1u);
	else if (took_us < WRITE_SHORT_US)
		p->wanted = RTE_MIN(p->wanted * 2, (uint32_t)PUSH_BATCH_ROWS);
	pthread_mutex_unlock(&p->lock);
}

static int
batch_write(struct push *p, struct push_batch *b, struct error *err)
{
	const uint64_t began_us = clock_monotonic_us();
	int rc = push_server_write(p->server, b, push_wanted(p), err);

	wanted_adapt(p, rc, clock_monotonic_us() - began_us);
	return rc;
}

static int
server_use(struct push *p, struct push_batch *b, struct error *err)
{
	int rc = 0;

	if (!p->indexed)
		rc = push_server_index(p->server, p->expire_s, err);
	p->indexed = rc == 0;
	if (rc != 0)
		return rc;
	return b != NULL ? batch_write(p, b, err) : push_server_ping(p->server, err);
}

// One attempt: connect where needed, then write b (NULL: only see whether the server answers).
static int
attempt(struct push *p, struct push_batch *b, uint64_t *ret_pause_us)
{
	struct error err = {0};
	int rc = -EIO;

	if (p->server == NULL)
		p->server = push_server_open(p->uri, p->appliance, &err);
	if (p->server != NULL)
		rc = server_use(p, b, &err);
	// libmongoc leaves a server alone for 5 s after a failure; a new client asks at once.
	if (rc != 0) {
		push_server_close(p->server);
		p->server = NULL;
	}
	p->failed_in_row = rc == 0 ? 0 : p->failed_in_row + 1;
	*ret_pause_us = rc == 0 ? 0 : pause_draw(p->failed_in_row);
	state_note(p, rc, &err, *ret_pause_us);
	return rc;
}

// False: do not try again.
static bool
pause_wait(struct push *p, uint64_t pause_us)
{
	const uint64_t until_us = clock_monotonic_us() + pause_us;
	bool again;

	pthread_mutex_lock(&p->lock);
	while (!p->stop && !p->hurry && clock_monotonic_us() < until_us)
		changed_wait(p, until_us);
	again = !p->stop && !(p->hurry && p->last_try_done);
	p->last_try_done = p->hurry;
	pthread_mutex_unlock(&p->lock);
	return again;
}

static struct push_batch *
batch_wait(struct push *p)
{
	struct push_batch *b;

	pthread_mutex_lock(&p->lock);
	while (!p->stop && p->given == NULL)
		pthread_cond_wait(&p->changed, &p->lock);
	b = p->stop ? NULL : p->given;
	if (b != NULL) {
		p->given = NULL;
		p->working = b;
	}
	pthread_mutex_unlock(&p->lock);
	return b;
}

static void
batch_return(struct push *p, struct push_batch *b)
{
	pthread_mutex_lock(&p->lock);
	p->working = NULL;
	p->returned = b;
	pthread_mutex_unlock(&p->lock);
	eventfd_write(p->wake_fd, 1);
}

static void *
push_main(void *arg)
{
	struct push *p = arg;
	struct push_batch *b;
	uint64_t pause_us;

	attempt(p, NULL, &pause_us);  // so that the state is known before anything has to go
	while ((b = batch_wait(p)) != NULL) {
		while (pause_us == 0 || pause_wait(p, pause_us)) {
			attempt(p, b, &pause_us);
			if (b->delivered + b->rejected > 0)
				break;
		}
		batch_return(p, b);
	}
	push_server_close(p->server);
	pthread_mutex_lock(&p->lock);
	p->exited = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	push_leave(p);
	return NULL;
}

static int
push_init(struct push *p, const char *appliance, int wake_fd)
{
	pthread_condattr_t monotonic;

	p->appliance = strdup(appliance);
	p->wake_fd = dup(wake_fd);
	if (p->appliance == NULL || p->wake_fd < 0)
		return -ENOMEM;
	snprintf(p->stats.state, sizeof(p->stats.state), "connecting");
	p->wanted = PUSH_BATCH_ROWS;
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&p->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return 0;
}

struct push *
push_create(const char *uri, const char *appliance, uint64_t expire_us, int wake_fd,
	struct error *err)
{
	struct push *p = calloc(1, sizeof(*p));
	int rc = -ENOMEM;

	if (p == NULL)
		goto fail;
	// Never undone by mongoc_cleanup(): a thread that push_close() left may still be inside.
	mongoc_init();
	p->wake_fd = -1;
	p->uri = push_uri_parse(uri, err);
	if (p->uri == NULL)
		goto fail_quiet;
	if (push_init(p, appliance, wake_fd) != 0)
		goto fail;
	p->users = 2;
	p->expire_s = (int64_t)(expire_us / CLOCK_US_PER_S);
	rc = thread_start(&p->thread, "weir-push", push_main, p);
	if (rc == 0)
		return p;
fail:
	error_set(err, rc, "push: %s", strerror(-rc));
fail_quiet:
	if (p != NULL) {
		if (p->uri != NULL)
			mongoc_uri_destroy(p->uri);
		if (p->wake_fd >= 0)
			close(p->wake_fd);
		free(p->appliance);
		free(p);
	}
	return NULL;
}

bool
push_idle(struct push *p)
{
	bool idle;

	pthread_mutex_lock(&p->lock);
	idle = p->given == NULL && p->working == NULL && p->returned == NULL;
	pthread_mutex_unlock(&p->lock);
	return idle;
}

uint32_t
push_wanted(struct push *p)
{
	uint32_t n;

	pthread_mutex_lock(&p->lock);
	n = p->wanted;
	pthread_mutex_unlock(&p->lock);
	return n;
}

void
push_give(struct push *p, struct push_batch *b)
{
	pthread_mutex_lock(&p->lock);
	p->given = b;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

struct push_batch *
push_take(struct push *p)
{
	struct push_batch *b;

	pthread_mutex_lock(&p->lock);
	b = p->returned;
	p->returned = NULL;
	pthread_mutex_unlock(&p->lock);
	return b;
}

void
push_hurry(struct push *p)
{
	pthread_mutex_lock(&p->lock);
	p->hurry = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

void
push_close(struct push *p, unsigned int wait_ms)
{
	const uint64_t until_us = clock_monotonic_us() + (uint64_t)wait_ms * 1000;
	bool exited;

	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->changed);
	while (!p->exited && clock_monotonic_us() < until_us)
		changed_wait(p, until_us);
	exited = p->exited;
	pthread_mutex_unlock(&p->lock);
	if (exited)
		pthread_join(p->thread, NULL);
	else
		pthread_detach(p->thread);
	push_leave(p);
}

void
push_stats_get(struct push *p, struct push_stats *ret)
{
	pthread_mutex_lock(&p->lock);
	*ret = p->stats;
	pthread_mutex_unlock(&p->lock);
}
