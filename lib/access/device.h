/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_ACCESS_DEVICE_H
#define WEIR_ACCESS_DEVICE_H

#include <stdbool.h>

#include "access/throttle.h"
#include "access/users.h"

/*
 * What a browser keeps of a user's right password: 128 random bits and a MAC of them, made with the
 * user's password hash as key. It opens nothing. It only tells this browser from those of whoever
 * guesses, so that their attempts do not hold up the user's ("device cookies", OWASP: Slow Down Online
 * Guessing Attacks). No state; holds over restarts, and until the user has another password.
 */

#define DEVICE_LEN 44  // 43 characters of base64url and the NUL

void device_make(const struct user *user, char ret_text[DEVICE_LEN]);

// Was this made for this user with the password that it has? Then *ret_key is what its attempts are
// counted by, in the place of an address.
bool device_check(const struct user *user, const char *text, struct throttle_key *ret_key);

#endif
