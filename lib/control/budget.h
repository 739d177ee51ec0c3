/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_BUDGET_H
#define WEIR_CONTROL_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What all clients together, and all connections of one user, may take; the limits of one connection
// are in peer.h and session.h. Control thread only.

struct caller;
struct control;

// Bytes that wait to be sent to clients: more, or (negative) fewer.
void budget_waiting_add(struct control *c, int64_t bytes);
/*
 * Is there room for so many bytes for a client that `own` bytes wait for already? What is small always
 * has room, so that whoever reads what it is sent notices nothing of others who do not.
 */
bool budget_waiting_room(const struct control *c, size_t own, size_t bytes);

// One call more of this caller, over all its connections. false: too many a second.
bool budget_call(struct control *c, const struct caller *caller);

// One websocket more of this user or token? false: it has too many.
bool budget_websocket(const struct control *c, const struct caller *caller);

#endif
