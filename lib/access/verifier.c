/* SPDX-License-Identifier: BSD-3-Clause */
#include "access/verifier.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "access/users.h"
#include "base/clock.h"
#include "base/thread_start.h"

#define WAITING_MAX 32
#define STRANGERS_MAX 24  // of these
#define WRONG_DELAY_US CLOCK_US_PER_S

struct check {
	STAILQ_ENTRY(check) link;
	char hash[crypto_pwhash_STRBYTES];  // "": of nobody
	char password[USER_PASSWORD_MAX + 1];
	bool vouched;
	verifier_done *done;
	void *arg;
	uint64_t due_us;  // when "wrong" is said
};

STAILQ_HEAD(check_list, check);

struct verifier {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work;
	// Under the lock; wrong is in the order of due_us.
	struct check_list vouched, strangers, wrong;
	uint32_t waiting, strangers_waiting;  // in all of them
	bool stop;
	char nobody[crypto_pwhash_STRBYTES];  // thread only: a hash that no password has
};

static void
check_end(struct check *k, bool good)
{
	k->done(k->arg, good);
	sodium_memzero(k, sizeof(*k));
	free(k);
}

static bool
password_matches(struct verifier *v, const struct check *k)
{
	const char *hash = k->hash[0] != '\0' ? k->hash : v->nobody;

	return crypto_pwhash_str_verify(hash, k->password, strlen(k->password)) == 0 &&
		k->hash[0] != '\0';
}

// Under the lock: wait for something to do, at most until the next "wrong" is due.
static void
work_wait(struct verifier *v)
{
	const struct check *next = STAILQ_FIRST(&v->wrong);
	struct timespec until;

	if (next == NULL) {
		pthread_cond_wait(&v->work, &v->lock);
		return;
	}
	until.tv_sec = (time_t)(next->due_us / CLOCK_US_PER_S);
	until.tv_nsec = (long)(next->due_us % CLOCK_US_PER_S) * 1000;
	pthread_cond_timedwait(&v->work, &v->lock, &until);
}

static void
nobody_make(struct verifier *v)
{
	char random[TOKEN_BYTES + 1] = {0};

	randombytes_buf(random, TOKEN_BYTES);
	if (crypto_pwhash_str(v->nobody, random, TOKEN_BYTES, crypto_pwhash_OPSLIMIT_INTERACTIVE,
		crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
		v->nobody[0] = '\0';  // no memory: then there is none for any other either
	sodium_memzero(random, sizeof(random));
}

// Under the lock: an answer was given.
static void
waiting_less(struct verifier *v, bool vouched)
{
	v->waiting--;
	if (!vouched)
		v->strangers_waiting--;
}

// Under the lock: the next password to compare, or NULL.
static struct check *
check_take(struct verifier *v)
{
	struct check_list *list = STAILQ_EMPTY(&v->vouched) ? &v->strangers : &v->vouched;
	struct check *k = STAILQ_FIRST(list);

	if (k != NULL)
		STAILQ_REMOVE_HEAD(list, link);
	return k;
}

// Under the lock, which is given up meanwhile.
static void
check_run(struct verifier *v, struct check *k)
{
	bool good, vouched = k->vouched;

	pthread_mutex_unlock(&v->lock);
	good = password_matches(v, k);
	if (good)
		check_end(k, true);
	pthread_mutex_lock(&v->lock);
	if (good) {
		waiting_less(v, vouched);
		return;
	}
	k->due_us = clock_monotonic_us() + WRONG_DELAY_US;
	STAILQ_INSERT_TAIL(&v->wrong, k, link);
}

static void
wrong_tell(struct verifier *v, struct check *k)
{
	waiting_less(v, k->vouched);
	pthread_mutex_unlock(&v->lock);
	check_end(k, false);
	pthread_mutex_lock(&v->lock);
}

static void *
verifier_run(void *arg)
{
	struct verifier *v = arg;
	struct check *k;

	nobody_make(v);
	pthread_mutex_lock(&v->lock);
	while (!v->stop) {
		k = STAILQ_FIRST(&v->wrong);
		if (k != NULL && k->due_us <= clock_monotonic_us()) {
			STAILQ_REMOVE_HEAD(&v->wrong, link);
			wrong_tell(v, k);
		} else if ((k = check_take(v)) != NULL) {
			check_run(v, k);
		} else {
			work_wait(v);
		}
	}
	pthread_mutex_unlock(&v->lock);
	return NULL;
}

struct verifier *
verifier_create(void)
{
	struct verifier *v = calloc(1, sizeof(*v));
	pthread_condattr_t monotonic;

	if (v == NULL)
		return NULL;
	STAILQ_INIT(&v->vouched);
	STAILQ_INIT(&v->strangers);
	STAILQ_INIT(&v->wrong);
	pthread_mutex_init(&v->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&v->work, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (thread_start(&v->thread, "weir-passwords", verifier_run, v) == 0)
		return v;
	pthread_cond_destroy(&v->work);
	pthread_mutex_destroy(&v->lock);
	free(v);
	return NULL;
}

static void
list_end(struct check_list *list)
{
	struct check *k;

	while ((k = STAILQ_FIRST(list)) != NULL) {
		STAILQ_REMOVE_HEAD(list, link);
		check_end(k, false);
	}
}

void
verifier_free(struct verifier *v)
{
	if (v == NULL)
		return;
	pthread_mutex_lock(&v->lock);
	v->stop = true;
	pthread_cond_signal(&v->work);
	pthread_mutex_unlock(&v->lock);
	pthread_join(v->thread, NULL);
	list_end(&v->vouched);
	list_end(&v->strangers);
	list_end(&v->wrong);
	pthread_cond_destroy(&v->work);
	pthread_mutex_destroy(&v->lock);
	free(v);
}

int
verifier_ask(struct verifier *v, const char *hash, const char *password, bool vouched,
	verifier_done *done, void *arg)
{
	struct check *k = calloc(1, sizeof(*k));
	bool room;

	if (k == NULL)
		return -EAGAIN;
	snprintf(k->hash, sizeof(k->hash), "%s", hash != NULL ? hash : "");
	snprintf(k->password, sizeof(k->password), "%s", password);
	k->vouched = vouched;
	k->done = done;
	k->arg = arg;
	pthread_mutex_lock(&v->lock);
	room = v->waiting < WAITING_MAX && !v->stop &&
		(vouched || v->strangers_waiting < STRANGERS_MAX);
	if (room) {
		v->waiting++;
		v->strangers_waiting += !vouched;
		STAILQ_INSERT_TAIL(vouched ? &v->vouched : &v->strangers, k, link);
		pthread_cond_signal(&v->work);
	}
	pthread_mutex_unlock(&v->lock);
	if (room)
		return 0;
	sodium_memzero(k, sizeof(*k));
	free(k);
	return -EAGAIN;
}
