/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_SESSION_H
#define WEIR_CONTROL_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/document.h"

// One websocket client: what it subscribed to, its requests in work and what waits to be sent.
// A client that does not read loses notifications (never answers), is told how many, and is not
// read from while its answers pile up; the other clients do not notice. Control thread only.

struct caller;
struct control;
struct lws;
struct message;
struct session;

// caller: who asked for it (copied).
struct session *session_create(struct control *c, struct lws *wsi, const struct caller *caller);
void session_free(struct session *s);

struct session *session_next(struct session *s);  // of the same control; NULL after the last

// A fragment of a message came in. false: close the connection (a reason was set).
bool session_receive(struct session *s, const void *data, size_t len);

// The client has sent a close frame: what it sends after that is discarded (RFC 6455 section 1.4).
void session_close_received(struct session *s);

// The socket takes data. false: close the connection.
bool session_write(struct session *s);

// Look at all of them again: those whose login or token is no more are closed (code 4401).
void sessions_recheck(struct control *c);

// Text shared by all the clients it goes to. len 0: strlen(). NULL: out of memory.
struct message *message_create(const char *text, size_t len);
struct message *message_get(struct message *m);
void message_put(struct message *m);

// Does the client want d? And: send it, or count it as dropped.
bool session_wants(const struct session *s, const struct document *d);
void session_notify(struct session *s, struct message *m);

// subscriptions; queries may be NULL (all queries)
int session_subscribe(struct session *s, uint32_t topics, const cJSON *queries);
void session_unsubscribe(struct session *s, uint32_t topics);
cJSON *session_subscriptions_json(const struct session *s);

#endif
