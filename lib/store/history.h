/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_HISTORY_H
#define WEIR_STORE_HISTORY_H

#include "store/store.h"

// The thread that answers questions about what was stored (store_history_ask()): one at a time,
// in the order of asking. history_answer.c decides whom to ask; history_local.c and
// history_mongodb.c know how.

struct history;

// path: of the local database, NULL: nothing is kept. push_uri: NULL: nothing is pushed. NULL
// with err filled.
struct history *history_create(const char *path, const char *push_uri, const char *appliance,
	struct error *err);

// As store_history_ask().
int history_ask(struct history *h, const struct store_question *q, store_reply_fn *reply,
	void *arg);

// End. Who waits is told so. A thread that is still inside a network call after wait_ms is left
// to end by itself, with all that it uses. NULL is fine.
void history_close(struct history *h, unsigned int wait_ms);

#endif
