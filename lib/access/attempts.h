/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_ACCESS_ATTEMPTS_H
#define WEIR_ACCESS_ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "access/throttle.h"
#include "access/users.h"

/*
 * Who may try which password now. Each source waits after wrong ones (throttle.h). Many sources may try
 * for one user: so strangers, which nothing vouches for, have ATTEMPTS_OF_USER for each user together,
 * and one more after each ATTEMPT_AGAIN_US. What vouches is a browser's device cookie (device.h), which
 * then is the source, or an address of this machine. So whoever guesses from many addresses uses up
 * the attempts of strangers only. Names of nobody are counted alike, in places of their own. Bounded
 * tables, one thread.
 */

#define ATTEMPTS_OF_USER 20
#define ATTEMPT_AGAIN_US (30 * UINT64_C(1000000))

struct attempts;

struct attempt {
	struct throttle_key source;
	char user[USER_NAME_LEN];
	bool exists;   // there is such a user
	bool vouched;
};

struct attempts *attempts_create(void);  // NULL: out of memory
void attempts_free(struct attempts *a);  // NULL is fine

/*
 * An attempt for a name, of a user or (NULL) of nobody, from this address; `local`: one of this machine.
 * device: of its cookie, "" without one.
 *
 * @return 0 with *ret filled, and attempt_end() must come; else the seconds after which to try again
 * @param ret_of_user without 0: it is the user's attempts that are used up, not the source's
 */
unsigned int attempt_begin(struct attempts *a, const char *name, const struct user *user,
	const struct throttle_key *address, bool local, const char *device, uint64_t now_us,
	struct attempt *ret, bool *ret_of_user);
void attempt_end(struct attempts *a, const struct attempt *t, enum throttle_outcome outcome,
	uint64_t now_us);

#endif
