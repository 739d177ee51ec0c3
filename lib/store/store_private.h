/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_STORE_PRIVATE_H
#define WEIR_STORE_STORE_PRIVATE_H

#include <pthread.h>

#include <rte_ring_elem.h>

#include "store/history.h"
#include "store/push.h"
#include "store/sink.h"
#include "store/store.h"

// What the files of the store share. store.c is what callers use, store_thread.c the loop,
// store_batch.c what waits for a commit and the sink's faults, store_request.c lists, clears and
// inserts, store_outbox.c the way from the outbox to the push thread and back.

// All that is bounded. store_open() uses STORE_LIMITS_DEFAULT, tests smaller ones.
struct store_limits {
	uint64_t commit_us;     // a document waits no longer than this for its commit
	uint64_t retry_us;      // between attempts while the sink has a fault
	uint64_t set_aside_us;  // at most one corrupted file is set aside in this time
	struct store_bounds memory;  // of the outbox in memory, with store "none" and push
};

#define STORE_LIMITS_DEFAULT { \
	.commit_us = 500000, \
	.retry_us = 1000000, \
	.set_aside_us = 60000000, \
	.memory = { \
		.outbox_rows = 50000, \
		.outbox_bytes = UINT64_C(128) << 20, \
	}, \
}

#define STORE_BATCH 1000  // documents in one commit at most

// What goes through the ring: one of the two.
struct store_item {
	struct document *document;
	struct store_request *request;
};

enum store_request_type {
	STORE_LIST,
	STORE_DAILY_LIST,
	STORE_ALERT_LIST,
	STORE_CLEAR,
	STORE_INSERT,
	STORE_CAPTURE_KNOWN,
	STORE_CAPTURE_REMEMBER,
};

struct store_request {
	enum store_request_type type;
	struct store_query query;    // of a list
	struct store_daily_query daily;
	struct document *document;   // of an insert, a reference
	struct store_capture capture;
	store_reply_fn *reply;
	void *arg;
};

struct store {
	// set by store_open(), then constant
	const struct sink_ops *ops;
	struct sink_params sink_params;
	struct store_limits limits;
	char *path;
	bool keeps;            // results can be listed
	bool active;           // documents go somewhere
	int wake_fd;           // eventfd; ends the store thread's sleep
	struct rte_ring *ring; // of struct store_item; callers in, store thread out
	struct push *push;     // NULL: off
	struct history *history;  // NULL: nothing is kept or pushed
	pthread_t thread;

	// written by any thread, atomically
	uint32_t sleeping;     // the store thread is, or is about to be, in poll()
	uint32_t stop;
	uint32_t push_wait_ms;  // set before stop
	uint64_t refused;       // the ring was full

	// store thread only
	struct sink *sink;     // NULL while a fault keeps it closed
	uint64_t generation;   // of sink; a new file begins a new one
	struct document **pending;  // circular, oldest at pending_head
	uint32_t pending_size, pending_head, pending_n;
	uint64_t commit_at_us; // monotonic; when pending must be written, if any
	bool faulty;
	bool reopen;           // the fault may be the open file's: a new try opens it again
	uint64_t retry_at_us;  // monotonic; no write before that while faulty
	uint64_t set_aside_at_us;
	struct push_batch *settled;  // came back from push, to be taken out of the outbox
	bool push_stuck;       // the last batch came back without any progress
	uint64_t outbox_lost_before;  // by sinks that were closed since
	struct store_stats now; // the store thread's own copy; published to `stats`

	// written by the store thread, read by any, both for a copy's time
	pthread_mutex_t stats_lock;
	struct store_stats stats;
};

struct store *store_open_limited(const struct store_params *p, const struct store_limits *limits,
	struct error *err);

void *store_thread_main(void *arg);
void store_stats_publish(struct store *s);

// Open the sink; 0 or -errno. set_aside: the file is corrupted.
int store_sink_open(struct store *s, bool set_aside, struct error *err);
// The sink gave rc: note it, and close, set aside or open again as it asks.
void store_fault(struct store *s, int rc, const struct error *err);
// May the sink be written to now? Opens it again when it is time.
bool store_sink_ready(struct store *s);
// Takes the reference; the oldest gives way and is counted when there is no room.
void store_pending_add(struct store *s, struct document *d);
void store_commit(struct store *s);      // one batch of what is pending, if the sink is ready
void store_pending_drop(struct store *s);  // all of it, counted

void store_request_run(struct store *s, struct store_request *r);  // takes r

// Move what can be moved between the outbox and push, without waiting.
void store_outbox_step(struct store *s);
void store_outbox_drain(struct store *s, uint64_t until_us);  // monotonic

#endif
