/* SPDX-License-Identifier: BSD-3-Clause */
#include "follow.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "stats.h"

// The follower's thread waits for the store's answer; nobody else does.
struct answer {
	pthread_mutex_t lock;
	pthread_cond_t came;
	bool there;
	int rc;
	bool yes;
};

static void
answer_note(void *arg, int rc, const char *json)
{
	struct answer *a = arg;

	pthread_mutex_lock(&a->lock);
	a->rc = rc;
	a->yes = rc == 0 && strcmp(json, "true") == 0;
	a->there = true;
	pthread_cond_signal(&a->came);
	pthread_mutex_unlock(&a->lock);
}

static struct store_capture
store_capture_of(const char *name, const struct capture_id *id)
{
	struct store_capture c = {.size = id->size, .mtime_ns = id->mtime_ns};

	snprintf(c.name, sizeof(c.name), "%s", name);
	for (unsigned int i = 0; i < sizeof(id->head); i++)
		snprintf(c.head + 2 * i, 3, "%02x", id->head[i]);
	return c;
}

typedef int store_capture_fn(struct store *s, const struct store_capture *c,
	store_reply_fn *reply, void *arg);

static int
store_ask(struct pipeline *p, store_capture_fn *question, const char *name,
	const struct capture_id *id, bool *ret)
{
	struct answer a = {.lock = PTHREAD_MUTEX_INITIALIZER, .came = PTHREAD_COND_INITIALIZER};
	struct store_capture c = store_capture_of(name, id);
	int rc = question(p->store, &c, answer_note, &a);

	if (rc != 0)
		return rc;
	pthread_mutex_lock(&a.lock);
	while (!a.there)
		pthread_cond_wait(&a.came, &a.lock);
	pthread_mutex_unlock(&a.lock);
	*ret = a.yes;
	return a.rc;
}

static int
memory_known(void *arg, const char *name, const struct capture_id *id, bool *ret)
{
	return store_ask(arg, store_capture_known, name, id, ret);
}

static int
memory_remember(void *arg, const char *name, const struct capture_id *id)
{
	bool done;

	return store_ask(arg, store_capture_remember, name, id, &done);
}

// A slice gives its results before the next index is written, and those are with the store then.
static bool
accounted(void *arg, uint64_t clock_us)
{
	struct pipeline *p = arg;

	return clock_us == 0 || __atomic_load_n(&p->merged, __ATOMIC_ACQUIRE) ||
		__atomic_load_n(&p->merge.next_index, __ATOMIC_ACQUIRE) >
			clock_us / p->options.pane_us;
}

static bool
store_remembers(const struct pipeline *p)
{
	return strcmp(p->options.store, "none") != 0;
}

int
follow_open(struct pipeline *p, struct error *err)
{
	struct capture_follow_params params = {
		.folder = p->options.pcap,
		.settle_us = p->options.settle_us,
		.readers = p->worker_count,
		.pane_us = p->options.pane_us,
		.accounted = accounted,
		.arg = p,
	};

	if (store_remembers(p))
		params.memory = (struct capture_memory){memory_known, memory_remember, p};
	p->follow = capture_follow_open(&params, err);
	return p->follow != NULL ? 0 : -EINVAL;
}

void
follow_greet(const struct pipeline *p)
{
	if (store_remembers(p))
		fprintf(stderr, "weir: following %s; what was read is remembered in %s\n",
			p->options.pcap, p->options.store);
	else
		fprintf(stderr, "weir: following %s; what was read is remembered until the end of "
			"this run only (--store sqlite:PATH for longer)\n", p->options.pcap);
}

static void
fault_add(void *arg, const char *line)
{
	cJSON_AddItemToArray(arg, cJSON_CreateString(line));
}

void
follow_stats_add(struct pipeline *p, cJSON *stats)
{
	cJSON *o = cJSON_AddObjectToObject(stats, "captures");
	struct capture_follow_stats s;

	capture_follow_stats_get(p->follow, &s);
	cJSON_AddBoolToObject(o, "following", true);
	json_add_u64(o, "files", s.read);
	json_add_u64(o, "failed", s.failed);
	json_add_u64(o, "known", s.known);
	json_add_u64(o, "pending", s.pending);
	cJSON_AddBoolToObject(o, "complete", s.pending == 0);
	json_add_u64(o, "late_packets",
		__atomic_load_n(&p->workers[0].late_packets, __ATOMIC_RELAXED));
	json_add_u64(o, "fault_count", s.faults);
	capture_follow_faults(p->follow, fault_add, cJSON_AddArrayToObject(o, "faults"));
}
