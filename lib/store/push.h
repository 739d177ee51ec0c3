/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_PUSH_H
#define WEIR_STORE_PUSH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/sink.h"

// Delivery to MongoDB on a thread of its own that does nothing but network. The store thread
// gives it one batch at a time and gets it back with an outcome for each row; until then the rows
// stay in the outbox. The thread tries again by itself, with growing pauses, until at least one
// row is settled or it is told to stop. See docs/adr/0003-store-push-thread.md.

#define PUSH_BATCH_ROWS 1000
#define PUSH_BATCH_BYTES (8u << 20)  // of JSON text
#define PUSH_DATABASE "weir"         // where the URI names none

enum push_outcome {
	PUSH_WAITING,    // not acknowledged: leave it in the outbox
	PUSH_DELIVERED,
	PUSH_REJECTED,   // the server will never take it: counted and given up
};

struct push_batch {
	uint64_t generation;  // of the sink that the rows came from; the store's to use
	uint32_t n;
	uint32_t delivered;   // set by the push thread
	uint32_t rejected;
	struct outbox_row rows[PUSH_BATCH_ROWS];
	uint8_t outcomes[PUSH_BATCH_ROWS];  // enum push_outcome
};

void push_batch_free(struct push_batch *b);  // and its documents; NULL is fine

struct push;

// 0, or -EINVAL with a line that names --push and never holds a password.
int push_uri_check(const char *uri, struct error *err);

// Start the thread. It writes to the eventfd wake_fd (its own duplicate) when a batch comes back.
// expire_us: the server deletes documents so long after their end; 0 never.
struct push *push_create(const char *uri, const char *appliance, uint64_t expire_us, int wake_fd,
	struct error *err);

// Store thread, never waits. push_give() takes b over; only while push_idle(), and with no more
// rows than push_wanted(): a slow server gets small batches, so that each ends before the socket's
// timeout and something is acknowledged each time.
bool push_idle(struct push *p);
uint32_t push_wanted(struct push *p);
void push_give(struct push *p, struct push_batch *b);
struct push_batch *push_take(struct push *p);  // the batch that came back, or NULL

// From now on one failed attempt is enough: no pauses, the batch comes back.
void push_hurry(struct push *p);

// Stop. A thread that is inside a network call after wait_ms is left to end by itself, with all
// that it uses; nothing of the store is reachable from it.
void push_close(struct push *p, unsigned int wait_ms);

struct push_stats {
	uint64_t failures;
	bool connected;
	char state[128];
};

void push_stats_get(struct push *p, struct push_stats *ret);  // any thread

#endif
