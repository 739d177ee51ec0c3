/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_CAPTURE_WATCH_TABLE_H
#define WEIR_PORT_CAPTURE_WATCH_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

// The files of a watched folder in the order of their names, for capture_watch.c.

struct watch_entry {
	char *name;
	uint64_t size;       // 0: announced, nothing in it yet
	int64_t mtime_ns;
	int64_t ctime_ns;    // so that a file that could not be opened is tried again after chmod
	uint64_t inode;
	uint64_t since_us;   // monotonic: unchanged since
	uint32_t scan;       // the last look that saw it
	bool announced;      // made while we watched: its close will be told
	bool closed;         // closed after writing or moved here, and not written to since
	bool taken;
};

struct watch_table {
	struct watch_entry *entries;
	uint32_t count, cap;
	uint32_t first_open;  // all in front of it are taken
};

struct watch_entry *watch_table_find(const struct watch_table *t, const char *name);
// For a name that has no entry; NULL when there is no room or no memory. Other entries move.
struct watch_entry *watch_table_add(struct watch_table *t, const char *name);
// A file was made just now, perhaps in place of another one. False without room.
bool watch_table_announce(struct watch_table *t, const char *name, uint32_t scan, uint64_t now_us);
// Forget what the look with this number did not see.
void watch_table_sweep(struct watch_table *t, uint32_t scan);
// Where the entries begin that are not taken.
uint32_t watch_table_first_open(struct watch_table *t);
void watch_table_free(struct watch_table *t);

#define WATCH_CLOSED_US 250000  // that a closed file has to be unchanged

// Note what the file is now. True if it has changed; then it is open to be taken again.
bool watch_entry_update(struct watch_entry *e, const struct stat *st, uint64_t now_us,
	uint64_t wall_us);
// May it be taken, as far as writers are not the matter? no_writers: nobody can be writing.
bool watch_entry_ready(const struct watch_entry *e, uint64_t now_us, uint64_t settle_us,
	bool no_writers);

#endif
