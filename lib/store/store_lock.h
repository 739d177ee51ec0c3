/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_STORE_LOCK_H
#define WEIR_STORE_STORE_LOCK_H

#include "base/error.h"

/*
 * One process at a time uses a store and what lies beside it (state file, audit log). It holds a lock
 * on the file PATH.lock: fcntl(2), which the kernel takes back with the process however that ends,
 * and tells the id of who has it. The file says nothing; one that a crash left is used again.
 *
 * SQLite's own exclusive mode (PRAGMA locking_mode) is no way: it would keep out the reader of
 * history.h, backups and sqlite3(1) as well, and does not cover the files beside the database.
 *
 * Main thread, before and after everything else that uses the store.
 */
struct store_lock;

/*
 * Lock the store of a URI; *ret is NULL where there is nothing to lock: "none", a URI that
 * store_params_check() refuses, or, with a line in the log, a disk too full for the file.
 * Else -errno with a line that names --store: -EBUSY where another process has it (the line says
 * which), -ENOENT without a folder, -EINVAL where something that is no file has the name. The file is
 * made and opened with the rights of the caller at this time; a symbolic link in its place is refused.
 */
int store_lock_take(const char *uri, struct store_lock **ret, struct error *err);

// And take the file away. NULL is fine.
void store_lock_release(struct store_lock *l);

#endif
