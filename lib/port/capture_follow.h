/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_CAPTURE_FOLLOW_H
#define WEIR_PORT_CAPTURE_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "port/capture_id.h"

/*
 * The list of captures to read that never ends: a thread watches a folder (capture_watch.h) and
 * hands out each finished file once. All readers (workers) get the same items in the same order,
 * and of each file the same bytes: it is opened once and read up to the size that it had then.
 *
 *     folder ──▶ candidate ──known? no capture?──▶ ring of items ──▶ readers 0 … n-1
 *                                                                      │ all done
 *     memory ◀──accounted?── list of files that were read ◀────────────┘
 *
 * At least once. A file is remembered only when all readers have read it to its end and what was
 * in it has reached the results (`accounted`). Whoever is killed before that reads it again.
 *
 * Packet time stands still while there is nothing to read, and the pane of the last packet stays
 * open, as the next file may go on in it. When none comes, an item without a file moves the clock
 * to the end of that pane, so that its results come out: 5 seconds after the last file was read,
 * or, where the capture is live (its last packet was less than a minute old when the file was
 * finished), as long later as that file covers, an hour at most: so rotation at a steady pace is
 * not disturbed.
 */

struct capture_follow;

#define CAPTURE_READERS_MAX 64

// What was read before, for longer than the run. Called on the follower's thread, and may wait.
struct capture_memory {
	// 0, or -errno: cannot be told now, asked again in a second.
	int (*known)(void *arg, const char *name, const struct capture_id *id, bool *ret);
	int (*remember)(void *arg, const char *name, const struct capture_id *id);
	void *arg;
};

struct capture_follow_params {
	const char *folder;
	uint64_t settle_us;       // capture_watch.h
	unsigned int readers;     // 1 to CAPTURE_READERS_MAX
	uint64_t pane_us;
	struct capture_memory memory;  // without functions: for this run only
	// Has all that was read up to this packet time reached the results? Any thread.
	bool (*accounted)(void *arg, uint64_t clock_us);
	void *arg;
};

// NULL with err filled. The folder has to be there; nothing is read before capture_follow_start().
struct capture_follow *capture_follow_open(const struct capture_follow_params *p,
	struct error *err);
int capture_follow_start(struct capture_follow *f, struct error *err);

/*
 * End the thread. Files that were read and are accounted for now are remembered, as far as the
 * memory takes them. Called when readers read no more, before the memory ends.
 */
void capture_follow_stop(struct capture_follow *f);
void capture_follow_close(struct capture_follow *f);  // after stop, or without start

struct capture_follow_item {
	int fd;             // the follower's, for capture_open_fd(); -1: no file, only a time
	uint64_t clock_us;  // packet time is at least this
	const char *path;
};

// What a reader has to say about an item that it is done with. Times are equal for all readers.
struct capture_outcome {
	uint64_t clock_us;   // largest time stamp of all that it has read in this run
	uint64_t first_us;   // smallest and largest of this file, 0 without packets
	uint64_t last_us;
	const char *fault;   // where reading ended early, or NULL; copied
	bool failed;         // it could not be read at all
};

// A reader's next item, or NULL as long as there is none. Valid until the reader is done with it.
const struct capture_follow_item *capture_follow_next(struct capture_follow *f,
	unsigned int reader);
void capture_follow_done(struct capture_follow *f, unsigned int reader,
	const struct capture_outcome *outcome);

struct capture_follow_stats {
	uint64_t read;     // to the end, a fault in it or not
	uint64_t failed;   // cannot be opened, or no capture
	uint64_t known;    // were read before
	uint64_t pending;  // not finished, waiting, or being read
	uint64_t faults;   // ended early, or failed
};

#define CAPTURE_FAULTS_KEPT 100  // lines

// Any thread.
void capture_follow_stats_get(const struct capture_follow *f, struct capture_follow_stats *ret);
// The newest lines about what was wrong with files, oldest first; any thread.
void capture_follow_faults(struct capture_follow *f, void (*each)(void *arg, const char *line),
	void *arg);

#endif
