/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/history.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/thread_start.h"
#include "store/history_answer.h"

#define QUEUE_MOST 64          // questions that wait
#define ANSWER_US 30000000     // time for one

struct question {
	struct question *next;
	struct store_question q;
	store_reply_fn *reply;
	void *arg;
};

// Shared by the store and the thread; whoever leaves last frees it.
struct history {
	struct history_sources sources;  // the thread's
	pthread_t thread;
	uint32_t stop;                   // atomic

	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint32_t users;
	bool exited;
	uint32_t waiting;
	struct question *first, **last;
};

static void
history_leave(struct history *h)
{
	uint32_t left;

	pthread_mutex_lock(&h->lock);
	left = --h->users;
	pthread_mutex_unlock(&h->lock);
	if (left > 0)
		return;
	history_local_free(h->sources.local);
	history_mongodb_free(h->sources.mongodb);
	pthread_cond_destroy(&h->changed);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

static void
question_answer(struct history *h, const struct question *q)
{
	const struct history_watch w = {&h->stop, clock_monotonic_us() + ANSWER_US};
	struct json_out out = {0};
	struct error err = {0};
	int rc = __atomic_load_n(&h->stop, __ATOMIC_ACQUIRE) ?
		error_set(&err, -ECANCELED, "Weir is ending") :
		history_answer(&h->sources, &q->q, &w, &out, &err);

	if (rc == 0 && out.failed)
		rc = error_set(&err, -ENOMEM, "out of memory");
	q->reply(q->arg, rc, rc == 0 ? out.data : err.text);
	json_out_free(&out);
}

// The next question, also after the stop; NULL: that was the last.
static struct question *
question_wait(struct history *h)
{
	struct question *q;

	pthread_mutex_lock(&h->lock);
	while (h->first == NULL && !__atomic_load_n(&h->stop, __ATOMIC_ACQUIRE))
		pthread_cond_wait(&h->changed, &h->lock);
	q = h->first;
	if (q != NULL) {
		h->first = q->next;
		h->waiting--;
		if (h->first == NULL)
			h->last = &h->first;
	}
	pthread_mutex_unlock(&h->lock);
	return q;
}

static void *
history_main(void *arg)
{
	struct history *h = arg;
	struct question *q;

	while ((q = question_wait(h)) != NULL) {
		question_answer(h, q);
		free(q);
	}
	pthread_mutex_lock(&h->lock);
	h->exited = true;
	pthread_cond_broadcast(&h->changed);
	pthread_mutex_unlock(&h->lock);
	history_leave(h);
	return NULL;
}

static void
lock_init(struct history *h)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&h->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&h->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

struct history *
history_create(const char *path, const char *push_uri, const char *appliance, struct error *err)
{
	struct history *h = calloc(1, sizeof(*h));
	int rc = -ENOMEM;

	if (h == NULL) {
		error_set(err, rc, "store: out of memory");
		return NULL;
	}
	lock_init(h);
	h->last = &h->first;
	h->users = 1;
	if (path != NULL)
		h->sources.local = history_local_create(path);
	if (push_uri != NULL)
		h->sources.mongodb = history_mongodb_create(push_uri, appliance);
	if ((path != NULL && h->sources.local == NULL) ||
			(push_uri != NULL && h->sources.mongodb == NULL))
		goto fail;
	h->users = 2;
	rc = thread_start(&h->thread, "weir-history", history_main, h);
	if (rc == 0)
		return h;
	h->users = 1;
fail:
	error_set(err, rc, "store: history: %s", strerror(-rc));
	history_leave(h);
	return NULL;
}

int
history_ask(struct history *h, const struct store_question *question, store_reply_fn *reply,
	void *arg)
{
	int rc = history_question_check(&h->sources, question, NULL);
	struct question *q;

	if (rc != 0)
		return rc;
	q = malloc(sizeof(*q));
	if (q == NULL)
		return -ENOBUFS;
	*q = (struct question){.q = *question, .reply = reply, .arg = arg};
	pthread_mutex_lock(&h->lock);
	rc = h->waiting < QUEUE_MOST ? 0 : -ENOBUFS;
	if (rc == 0) {
		*h->last = q;
		h->last = &q->next;
		h->waiting++;
		pthread_cond_broadcast(&h->changed);
	}
	pthread_mutex_unlock(&h->lock);
	if (rc != 0)
		free(q);
	return rc;
}

void
history_close(struct history *h, unsigned int wait_ms)
{
	const uint64_t until_us = clock_monotonic_us() + (uint64_t)wait_ms * 1000;
	const struct timespec until = {.tv_sec = (time_t)(until_us / CLOCK_US_PER_S),
		.tv_nsec = (long)(until_us % CLOCK_US_PER_S * 1000)};
	bool exited;

	if (h == NULL)
		return;
	pthread_mutex_lock(&h->lock);
	__atomic_store_n(&h->stop, 1, __ATOMIC_RELEASE);
	pthread_cond_broadcast(&h->changed);
	while (!h->exited && clock_monotonic_us() < until_us)
		pthread_cond_timedwait(&h->changed, &h->lock, &until);
	exited = h->exited;
	pthread_mutex_unlock(&h->lock);
	if (exited)
		pthread_join(h->thread, NULL);
	else
		pthread_detach(h->thread);
	history_leave(h);
}
