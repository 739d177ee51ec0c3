/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_ACCESS_AUDIT_H
#define WEIR_ACCESS_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json_out.h"

/*
 * The log of who changed what: one JSON object a line, appended and synced by a thread of its own,
 * so that a slow disk holds up nobody. A file that has grown to 16 MiB becomes PATH.1, in the place
 * of an older one, and a new one begins. Changes that were made are in a second file besides,
 * PATH.changes with its own PATH.changes.1: what anybody can write (logins, refusals) never pushes
 * them out. Of both, the newest 1,000 records are kept in memory too. All functions are called by
 * one thread.
 */

struct audit;

#define AUDIT_CHANGES ".changes"
#define AUDIT_KEPT 1000

struct audit *audit_create(void);  // in memory only; NULL: out of memory
// Write to this file and to the second one (mode 0600) from now on, and go on after what is in
// them. Once. 0 or -errno with err.
int audit_open(struct audit *a, const char *path, struct error *err);
void audit_free(struct audit *a);  // writes what waits; NULL is fine

// Takes a record: the members of a JSON object ("\"user\":\"anna\",..."), malloc()ed; it gets its number.
// NULL is counted as lost, as is one for which the disk is too slow. change: something was changed.
void audit_put(struct audit *a, char *members, bool change);

// Records with numbers below `before` (0: all), newest first, as a JSON array of at most `limit`.
void audit_list(const struct audit *a, uint64_t before, unsigned int limit, struct json_out *out);

// Records since the start that are not in every file where they belong, if there are files.
uint64_t audit_lost(const struct audit *a);

#endif
