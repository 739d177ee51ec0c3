/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_RPC_H
#define WEIR_CONTROL_RPC_H

#include <stddef.h>

// JSON-RPC 2.0: one message in, at most one message out. A message is a request, a notification
// or a batch of them; the requests of a batch run one after the other, so that one client has
// one call in work for each message and the answers keep the order of the batch.
//
// Ids come back as the text they came in. Where a member of a request occurs twice, the first
// one counts; members that the specification does not know are ignored.

struct caller;
struct control;
struct session;
struct rpc_exchange;

// reply: malloc()ed text, handed over; NULL when nothing is to be answered.
typedef void rpc_done(void *arg, char *reply, size_t len);

/*
 * Takes text (malloc()ed, len bytes). session is the websocket that asks, or NULL; caller who that
 * is, which stays until done or rpc_cancel(). NULL: out of memory. Control thread, as all of this.
 */
struct rpc_exchange *rpc_create(struct control *c, struct session *session, struct caller *caller,
	char *text, size_t len, rpc_done *done, void *arg);

// Work until the end or until a call is pending. At the end done is called and x is freed, which
// may be before rpc_run() returns.
void rpc_run(struct rpc_exchange *x);

// Whoever asked is gone: free x, done is not called.
void rpc_cancel(struct rpc_exchange *x);

#endif
