/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_CAPTURE_FOLLOW_PRIVATE_H
#define WEIR_PORT_CAPTURE_FOLLOW_PRIVATE_H

#include <pthread.h>

#include <rte_common.h>

#include "port/capture_follow.h"
#include "port/capture_watch.h"

// What is behind capture_follow.h, for its own file and its test.

// Items that readers may be apart from each other, and from what is ready behind them.
#define FOLLOW_AHEAD 4
// Read files that the memory does not take: with so many no further ones are handed out.
#define FOLLOW_UNREMEMBERED_MAX 4096
// What this run remembers by itself: 112 bytes each.
#define FOLLOW_SEEN_MAX 1000000

// The follower writes a slot before it is published and after all readers are done with it.
struct follow_slot {
	struct capture_follow_item item;
	struct capture_id id;
	char *name;
	uint64_t wall_us;                // when it was handed out
	struct capture_outcome outcome;  // reader 0 writes
	char *fault;                     // reader 0 writes
	bool failed;                     // any reader sets
};

// Read to the end, not yet remembered.
struct follow_read {
	struct follow_read *next;
	struct capture_id id;
	char *name;
	uint64_t clock_us;
};

// One line each: its reader writes, the follower reads.
struct follow_reader {
	uint64_t done;
} __rte_cache_aligned;

struct capture_follow {
	struct capture_follow_params params;
	char *folder;
	struct capture_watch *watch;
	struct capture_id_set *seen;
	pthread_t thread;
	bool running;
	bool stop;          // stop() sets, the thread reads
	int wake_fd;        // eventfd: a reader is done, or the end

	struct follow_slot slots[FOLLOW_AHEAD];
	uint64_t published; // the follower writes, readers read
	uint64_t retired;   // the follower's, as all that follows
	struct follow_reader readers[CAPTURE_READERS_MAX];

	bool has_candidate;
	struct capture_candidate candidate;
	struct capture_id candidate_id;
	uint64_t candidate_at_us;  // not asked about before that

	struct follow_read *read_list, **read_end;
	uint32_t unremembered;
	uint64_t remember_at_us;

	bool rest_due;
	uint64_t rest_at_us;
	uint64_t clock_us;

	struct capture_follow_stats stats;  // others read
	pthread_mutex_t fault_lock;         // of the lines
	char *faults[CAPTURE_FAULTS_KEPT];
};

// One turn of the thread.
void capture_follow_step(struct capture_follow *f, uint64_t now_us);

#endif
