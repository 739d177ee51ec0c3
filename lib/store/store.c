/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <rte_common.h>

#include "base/log.h"
#include "base/thread_start.h"
#include "store/store_private.h"

#define QUEUE_MOST (1u << 20)
#define HISTORY_GRACE_MS 200  // for the history thread to see that it is over

// Beside the file lie others, whose names are longer.
static int
path_check(const char *uri, const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	size_t len = strlen(uri), name_len = strlen(name);

	if (len > STORE_URI_MAX)
		return error_field(err, -EINVAL, "--store", "--store: found %zu bytes (\"%.60s...\"), "
			"allowed: up to %u", len, uri, STORE_URI_MAX);
	if (name_len > STORE_NAME_MAX)
		return error_field(err, -EINVAL, "--store", "--store: found %zu bytes as the file's name "
			"(\"%.60s...\"), allowed: up to %u", name_len, name, STORE_NAME_MAX);
	if (name_len == 0)
		return error_field(err, -EINVAL, "--store", "--store: found \"%.200s\", which names a "
			"folder, allowed: sqlite:PATH of a file", uri);
	return 0;
}

int
store_params_check(const struct store_params *p, struct error *err)
{
	const struct sink_ops *ops;
	const char *path;
	int rc = sink_find(p->uri, &ops, &path, err);

	if (rc == 0 && ops->keeps)
		rc = path_check(p->uri, path, err);
	if (rc == 0 && p->push_uri != NULL)
		rc = push_uri_check(p->push_uri, err);
	return rc;
}

/*
 * A ring in memory of its own: no name to clash, no memzone. Its producers may share a CPU with
 * each other, so they use the relaxed tail (RTS): one that the kernel takes off the CPU in the
 * middle of an enqueue does not make the others spin.
 */
static struct rte_ring *
ring_create(uint32_t size)
{
	const unsigned int flags = RING_F_MP_RTS_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ;
	ssize_t bytes = rte_ring_get_memsize_elem(sizeof(struct store_item),
		rte_align32pow2(size + 1));
	struct rte_ring *r;

	if (bytes < 0)
		return NULL;
	r = aligned_alloc(RTE_CACHE_LINE_SIZE, RTE_ALIGN_CEIL((size_t)bytes,
		(size_t)RTE_CACHE_LINE_SIZE));
	if (r != NULL && rte_ring_init(r, "store", size, flags) != 0) {
		free(r);
		return NULL;
	}
	return r;
}

// What the URIs say: which sink, what it keeps, whether there is an outbox. With store "none" and
// push the outbox is a database in memory: documents wait for a server, but not for a restart.
static int
params_apply(struct store *s, const struct store_params *p, struct error *err)
{
	static const struct store_bounds defaults = STORE_BOUNDS_DEFAULT;
	const struct sink_ops *ops;
	const char *path;
	int rc = sink_find(p->uri, &ops, &path, err);

	if (rc != 0)
		return rc;
	s->keeps = ops->keeps;
	s->active = ops->keeps || p->push_uri != NULL;
	s->ops = s->active ? &sink_sqlite : ops;
	s->path = strdup(s->active && !ops->keeps ? ":memory:" : path);
	if (s->path == NULL)
		return error_set(err, -ENOMEM, "store: out of memory");
	s->sink_params = (struct sink_params){
		.path = s->path,
		.keep = s->keeps,
		.outbox = p->push_uri != NULL,
		.bounds = s->limits.memory,
	};
	if (s->keeps)
		s->sink_params.bounds = p->bounds != NULL ? *p->bounds : defaults;
	return 0;
}

static int
queues_create(struct store *s, uint32_t queue_size, struct error *err)
{
	if (queue_size == 0 || queue_size > QUEUE_MOST)
		return error_set(err, -EINVAL, "store: queue size %u, allowed are 1 to %u",
			queue_size, QUEUE_MOST);
	s->pending_size = RTE_MAX(queue_size, (uint32_t)STORE_BATCH);
	s->pending = calloc(s->pending_size, sizeof(*s->pending));
	s->ring = ring_create(queue_size);
	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->pending == NULL || s->ring == NULL || s->wake_fd < 0)
		return error_set(err, -ENOMEM, "store: out of memory or files");
	return 0;
}

// A fault that may pass by itself does not keep an appliance from starting: it measures, and the
// store comes back when it can.
static int
sink_open_first(struct store *s, struct error *err)
{
	int rc = store_sink_open(s, false, err);

	if (rc == -ENOSPC || rc == -EBUSY || rc == -EIO || rc == -EROFS) {
		store_fault(s, rc, err);
		return 0;
	}
	if (rc != 0 && err != NULL && err->field[0] == '\0') {
		char reason[sizeof(err->text)];

		snprintf(reason, sizeof(reason), "%s", err->text);
		error_field(err, rc, "--store", "--store: %s", reason);
	}
	return rc;
}

static void
store_free(struct store *s)
{
	if (s->sink != NULL)
		s->ops->close(s->sink);
	if (s->wake_fd >= 0)
		close(s->wake_fd);
	pthread_mutex_destroy(&s->stats_lock);
	free(s->ring);
	free(s->pending);
	free(s->path);
	free(s);
}

struct store *
store_open_limited(const struct store_params *p, const struct store_limits *limits,
	struct error *err)
{
	const char *appliance = p->appliance == NULL || p->appliance[0] == '\0' ? "weir" :
		p->appliance;
	struct store *s;
	int rc;

	if (store_params_check(p, err) != 0)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL) {
		error_set(err, -ENOMEM, "store: out of memory");
		return NULL;
	}
	s->wake_fd = -1;
	s->limits = *limits;
	pthread_mutex_init(&s->stats_lock, NULL);
	snprintf(s->now.state, sizeof(s->now.state), "ok");
	if (params_apply(s, p, err) != 0 || queues_create(s, p->queue_size, err) != 0 ||
			sink_open_first(s, err) != 0)
		goto fail;
	if (p->push_uri != NULL) {
		s->push = push_create(p->push_uri, appliance, p->push_ttl_us, s->wake_fd,
			err);
		if (s->push == NULL)
			goto fail;
	}
	if (s->active) {
		s->history = history_create(s->keeps ? s->path : NULL, p->push_uri, appliance, err);
		if (s->history == NULL)
			goto fail_push;
	}
	store_stats_publish(s);
	rc = thread_start(&s->thread, "weir-store", store_thread_main, s);
	if (rc == 0)
		return s;
	error_set(err, rc, "store: cannot start a thread: %s", strerror(-rc));
	history_close(s->history, 0);
fail_push:
	if (s->push != NULL)
		push_close(s->push, 0);
fail:
	store_free(s);
	return NULL;
}

struct store *
store_open(const struct store_params *p, struct error *err)
{
	const struct store_limits limits = STORE_LIMITS_DEFAULT;

	return store_open_limited(p, &limits, err);
}

// Only a thread that sleeps costs a system call. The fence is the counterpart of the one in
// thread_sleep(): either it sees the item or we see it sleeping.
static void
store_wake(struct store *s)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_exchange_n(&s->sleeping, 0, __ATOMIC_SEQ_CST) != 0)
		eventfd_write(s->wake_fd, 1);
}

void
store_close(struct store *s, unsigned int push_wait_ms)
{
	if (s == NULL)
		return;
	history_close(s->history, HISTORY_GRACE_MS);
	__atomic_store_n(&s->push_wait_ms, push_wait_ms, __ATOMIC_RELAXED);
	__atomic_store_n(&s->stop, 1, __ATOMIC_SEQ_CST);
	eventfd_write(s->wake_fd, 1);
	pthread_join(s->thread, NULL);
	if (s->stats.dropped > 0 || s->stats.outbox_lost > 0)
		log_warning("store", "%lu documents were dropped, %lu left the outbox undelivered",
			(unsigned long)s->stats.dropped, (unsigned long)s->stats.outbox_lost);
	store_free(s);
}

static int
item_put(struct store *s, struct store_item item)
{
	if (rte_ring_enqueue_elem(s->ring, &item, sizeof(item)) != 0)
		return -ENOBUFS;
	store_wake(s);
	return 0;
}

int
store_put(struct store *s, struct document *d)
{
	int rc;

	if (d->kind == DOCUMENT_STATS)
		return -EINVAL;
	if (!s->active)
		return 0;
	// It would be refused each time, and what comes behind it would wait.
	if (d->len > STORE_DOCUMENT_MAX) {
		__atomic_add_fetch(&s->refused, 1, __ATOMIC_RELAXED);
		return -E2BIG;
	}
	rc = item_put(s, (struct store_item){.document = document_get(d)});
	if (rc != 0) {
		document_put(d);
		__atomic_add_fetch(&s->refused, 1, __ATOMIC_RELAXED);
	}
	return rc;
}

static int
request_put(struct store *s, struct store_request r)
{
	struct store_request *copy;
	int rc;

	if (!s->keeps)
		return -ENOTSUP;
	copy = malloc(sizeof(*copy));
	if (copy == NULL)
		return -ENOBUFS;
	*copy = r;
	if (copy->document != NULL)
		document_get(copy->document);
	rc = item_put(s, (struct store_item){.request = copy});
	if (rc != 0) {
		document_put(copy->document);
		free(copy);
	}
	return rc;
}

int
store_results_list(struct store *s, const struct store_query *q, store_reply_fn *reply, void *arg)
{
	return request_put(s, (struct store_request){.type = STORE_LIST, .query = *q,
		.reply = reply, .arg = arg});
}

int
store_results_clear(struct store *s, store_reply_fn *reply, void *arg)
{
	return request_put(s, (struct store_request){.type = STORE_CLEAR, .reply = reply,
		.arg = arg});
}

int
store_results_insert(struct store *s, struct document *d, store_reply_fn *reply, void *arg)
{
	if (d->kind != DOCUMENT_RESULT)
		return -EINVAL;
	return request_put(s, (struct store_request){.type = STORE_INSERT, .document = d,
		.reply = reply, .arg = arg});
}

int
store_daily_list(struct store *s, const struct store_daily_query *q, store_reply_fn *reply,
	void *arg)
{
	return request_put(s, (struct store_request){.type = STORE_DAILY_LIST, .daily = *q,
		.reply = reply, .arg = arg});
}

int
store_alerts_list(struct store *s, const struct store_query *q, store_reply_fn *reply, void *arg)
{
	return request_put(s, (struct store_request){.type = STORE_ALERT_LIST, .query = *q,
		.reply = reply, .arg = arg});
}

int
store_history_ask(struct store *s, const struct store_question *q, store_reply_fn *reply,
	void *arg)
{
	return s->history == NULL ? -ENOTSUP : history_ask(s->history, q, reply, arg);
}

int
store_capture_known(struct store *s, const struct store_capture *c, store_reply_fn *reply,
	void *arg)
{
	return request_put(s, (struct store_request){.type = STORE_CAPTURE_KNOWN, .capture = *c,
		.reply = reply, .arg = arg});
}

int
store_capture_remember(struct store *s, const struct store_capture *c, store_reply_fn *reply,
	void *arg)
{
	return request_put(s, (struct store_request){.type = STORE_CAPTURE_REMEMBER,
		.capture = *c, .reply = reply, .arg = arg});
}

void
store_stats_get(const struct store *s, struct store_stats *ret)
{
	struct store *shared = (struct store *)(uintptr_t)s;  // for its lock
	struct push_stats push = {.state = "off"};

	pthread_mutex_lock(&shared->stats_lock);
	*ret = s->stats;
	pthread_mutex_unlock(&shared->stats_lock);
	if (s->push != NULL)
		push_stats_get(s->push, &push);
	ret->dropped += __atomic_load_n(&s->refused, __ATOMIC_RELAXED);
	ret->queued += rte_ring_count(s->ring);
	ret->push_failures = push.failures;
	ret->push_connected = push.connected;
	memcpy(ret->push_state, push.state, sizeof(ret->push_state));
}
