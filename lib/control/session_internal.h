/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_SESSION_INTERNAL_H
#define WEIR_CONTROL_SESSION_INTERNAL_H

#include "control/caller.h"
#include "control/internal.h"

// The inside of a session, for session.c and subscription.c.

struct backlog_item {
	STAILQ_ENTRY(backlog_item) link;
	struct message *message;
	bool notification;
};

// One message of the client that is being worked on.
struct session_exchange {
	LIST_ENTRY(session_exchange) link;
	struct session *session;
	struct rpc_exchange *rpc;
};

struct session {
	TAILQ_ENTRY(session) link;
	struct control *c;
	struct lws *wsi;
	struct caller caller;
	uint32_t topics;          // bit by document kind
	char **queries;           // NULL: all
	uint32_t query_count;

	char *input;              // fragments of the message that is coming in
	size_t input_len;
	LIST_HEAD(, session_exchange) exchanges;
	uint32_t exchange_count;
	bool paused;              // not read from
	bool ended;               // the login or token is no more: close, and say or do nothing else
	bool closing;             // the client said that it closes
	bool broken;              // an answer could not be kept: close

	STAILQ_HEAD(, backlog_item) backlog;
	size_t backlog_bytes;
	uint32_t notifications;   // in the backlog
	uint64_t untold;          // dropped since the client was last told
};

#endif
