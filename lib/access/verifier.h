/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_ACCESS_VERIFIER_H
#define WEIR_ACCESS_VERIFIER_H

#include <stdbool.h>

// A thread that compares passwords with their hashes. That is slow and takes 64 MiB on purpose, so
// it happens to one password at a time, away from every other thread. An answer "wrong" is given a
// second later than it is known, while the thread goes on with others. The queue is bounded: 32 wait at
// most, of which 24 may be of clients whom nothing vouches for, and those that something does come
// first, so that whoever guesses from many addresses holds them up by one password at most.

struct verifier;

// Called once for each password, on the verifier's thread (or in verifier_free()). It must not block.
typedef void verifier_done(void *arg, bool good);

struct verifier *verifier_create(void);  // NULL: out of memory
// What still waits is answered "wrong".
void verifier_free(struct verifier *v);

/*
 * Is this the password of this hash (users.h)? hash NULL: of nobody; it takes as long to say no.
 * Texts are copied. vouched: something speaks for this client. 0, or -EAGAIN with nothing begun: too
 * many wait.
 */
int verifier_ask(struct verifier *v, const char *hash, const char *password, bool vouched,
	verifier_done *done, void *arg);

#endif
