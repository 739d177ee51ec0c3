/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_PRIVILEGES_H
#define WEIR_APP_PRIVILEGES_H

#include <stdbool.h>

#include "base/error.h"

struct options;

/*
 * What this process may do to the machine, in two steps down.
 *
 * privileges_limit(), before any thread exists: capabilities that no input of Weir needs are given
 * up, for this process and what it runs (on_alert.command), and nothing regains them. Not root:
 * nothing to do.
 *
 * privileges_drop(), when ports and sockets are open and before the store is: become the user of
 * --user, with that user's groups and without any capability. All threads. What is opened from then
 * on has to belong to that user.
 *
 * 0, or -errno with err filled.
 */
int privileges_limit(const struct options *o, bool eal_given, struct error *err);
int privileges_drop(const struct options *o, struct error *err);

/*
 * Main thread, while there is no other one: what `doing` opens and makes is opened and made as
 * privileges_drop() will have it, and then this process is again who it was. What `doing` gives, or
 * -errno with err filled.
 */
int privileges_as_user(const struct options *o, int (*doing)(void *arg, struct error *err), void *arg,
	struct error *err);

// Is there such a user? 0, or -ENOENT with err (for --user) filled.
int privileges_user_check(const char *name, struct error *err);

#endif
