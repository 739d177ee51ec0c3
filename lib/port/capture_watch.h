/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_CAPTURE_WATCH_H
#define WEIR_PORT_CAPTURE_WATCH_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Watches one folder for finished files. A file is finished when nobody has it open for writing,
 * as far as the kernel can say so, and one of these holds:
 *
 * - it was closed after writing, or moved into the folder under its name, and has not changed for
 *   a quarter of a second (zstd(1) sets the modification time only after it has closed the file);
 * - its size and time stamps have not changed for settle_us. This is for files that were there
 *   when watching began (the modification time counts: an old file does not wait), and for those
 *   that the kernel told nothing about: made on another machine, hard links, lost events, no
 *   inotify.
 *
 * A file that the kernel announced as newly made waits for its close, however long that takes.
 * Not looked at: hidden names, names that end in .tmp, .part or .partial, empty files, folders and
 * whatever else is no regular file.
 *
 * inotify is only what makes it quick: the folder is looked through anyway, every 5 seconds, and
 * every second without inotify. So lost events, a folder that is removed and made anew, and a
 * system without a free inotify watch do no more than to cost time.
 *
 * Memory: 300 bytes at most for each of at most CAPTURE_WATCH_MAX files in the folder; more than
 * that have to wait until others are gone. One thread.
 */

#define CAPTURE_WATCH_MAX 100000

struct capture_watch;

struct capture_watch *capture_watch_open(const char *folder, uint64_t settle_us,
	struct error *err);
void capture_watch_close(struct capture_watch *w);

// To poll for reading, or -1: then there is nothing to wait for but time.
int capture_watch_fd(const struct capture_watch *w);

// Take in what has happened; now_us is monotonic. Lines about what works no more, and again, go to
// the log.
void capture_watch_step(struct capture_watch *w, uint64_t now_us);

struct capture_candidate {
	int fd;  // open for reading, the taker's; -1 with fault set when that failed
	struct error fault;
	char name[NAME_MAX + 1];
};

/*
 * The next finished file, in the order of names among those that are finished. Each is given once;
 * again when it has changed since, or has gone and come back.
 * False: none now.
 */
bool capture_watch_take(struct capture_watch *w, uint64_t now_us, struct capture_candidate *ret);

// Files that are not finished, or finished and not taken.
uint32_t capture_watch_pending(const struct capture_watch *w);

#endif
