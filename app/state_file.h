/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_STATE_FILE_H
#define WEIR_APP_STATE_FILE_H

#include <stdbool.h>

#include <cjson/cJSON.h>

// The configuration as it is now, in a file that outlives a crash. A thread of its own writes it, as
// disks may be slow and the control thread does not wait. The file is there from the first change
// until the orderly end.

struct state_file;

// Starts the thread; nothing is written yet. NULL: memory or threads ran out. path is copied.
struct state_file *state_file_create(const char *path);
// Write this soon (taken over); the newest document wins. Control thread.
void state_file_put(struct state_file *s, cJSON *document);
// Ends the thread, and takes the file away where the run ends in order. NULL is fine.
void state_file_free(struct state_file *s, bool in_order);

#endif
