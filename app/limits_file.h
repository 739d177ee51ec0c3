/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_LIMITS_FILE_H
#define WEIR_APP_LIMITS_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "query/limit_row.h"

// A file with limits, and a thread that looks for its changes, so that a slow or hanging file system
// holds up nobody else. The file is read when its name stands for another file, or the file's size
// or time stamps are others than they were, and have been the same in two looks; whether it was
// written in place, replaced by rename(2), or a symbolic link on the way was turned makes no
// difference. A file that is gone or wrong changes nothing but the state that is told.

#define LIMITS_FILE_LOOK_US 200000

struct limits_file;

/*
 * Read the file.
 *
 * @param refresh_us time between two looks; 0: LIMITS_FILE_LOOK_US
 * @param pane_us as limit_rows_parse()
 * @param ret rows, the caller's
 * @return NULL with err filled: "FILE:LINE: field: ...", "FILE: ..." or "out of memory"; the
 *   caller names the option
 */
struct limits_file *limits_file_open(const char *path, uint64_t refresh_us, uint64_t pane_us,
	struct limit_rows *ret, struct error *err);
int limits_file_start(struct limits_file *f, struct error *err);
void limits_file_close(struct limits_file *f);  // ends the thread; NULL is fine
// The same without waiting for the thread, which may hang with its file system. NULL is fine.
void limits_file_leave(struct limits_file *f);

const char *limits_file_path(const struct limits_file *f);  // lives as long as f
void limits_file_set_refresh(struct limits_file *f, uint64_t refresh_us);  // any thread

// Any thread: the rows of a changed file, once, to the caller. False: there is nothing new.
bool limits_file_take(struct limits_file *f, struct limit_rows *ret);
// Any thread: rows that were taken cannot be had with the others there are.
void limits_file_refuse(struct limits_file *f, const char *why);

struct limits_file_stats {
	bool well;           // what holds is what the file says
	uint64_t loads;      // times that it was read and right
	uint64_t faults;     // times that it was wrong
	uint64_t loaded_us;  // wall time of the last right one
	char fault[416];     // "" while well
};

void limits_file_stats_get(struct limits_file *f, struct limits_file_stats *ret);  // any thread
// {"path","refresh_s","state","fault",...}; any thread.
cJSON *limits_file_json(struct limits_file *f);

#endif
