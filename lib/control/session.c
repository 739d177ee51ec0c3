/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/budget.h"
#include "control/message.h"
#include "control/rpc.h"
#include "control/session_internal.h"

#define CLOSE_UNAUTHENTICATED ((enum lws_close_status)4401)  // of those that are free to use

static void session_pace(struct session *s);

struct session *
session_create(struct control *c, struct lws *wsi, const struct caller *caller)
{
	struct session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->c = c;
	s->wsi = wsi;
	s->caller = *caller;
	s->caller.via = "websocket";
	STAILQ_INIT(&s->backlog);
	LIST_INIT(&s->exchanges);
	TAILQ_INSERT_TAIL(&c->sessions, s, link);
	__atomic_add_fetch(&c->stats.clients, 1, __ATOMIC_RELAXED);
	return s;
}

static void
input_free(struct session *s)
{
	if (s->input != NULL)
		explicit_bzero(s->input, s->input_len);  // a password may be in it
	free(s->input);
	s->input = NULL;
	s->input_len = 0;
}

static void
backlog_pop(struct session *s)
{
	struct backlog_item *item = STAILQ_FIRST(&s->backlog);

	STAILQ_REMOVE_HEAD(&s->backlog, link);
	s->backlog_bytes -= item->message->len;
	budget_waiting_add(s->c, -(int64_t)item->message->len);
	if (item->notification)
		s->notifications--;
	message_put(item->message);
	free(item);
}

void
session_free(struct session *s)
{
	struct session_exchange *e;

	if (s == NULL)
		return;
	session_unsubscribe(s, UINT32_MAX);
	while ((e = LIST_FIRST(&s->exchanges)) != NULL) {
		LIST_REMOVE(e, link);
		rpc_cancel(e->rpc);
		free(e);
	}
	while (!STAILQ_EMPTY(&s->backlog))
		backlog_pop(s);
	TAILQ_REMOVE(&s->c->sessions, s, link);
	__atomic_sub_fetch(&s->c->stats.clients, 1, __ATOMIC_RELAXED);
	input_free(s);
	free(s);
}

struct session *
session_next(struct session *s)
{
	return TAILQ_NEXT(s, link);
}

// Takes m. 0, or -ENOMEM and the message is lost.
static int
backlog_push(struct session *s, struct message *m, bool notification)
{
	struct backlog_item *item = malloc(sizeof(*item));

	if (item == NULL || m == NULL) {
		message_put(m);
		free(item);
		return -ENOMEM;
	}
	*item = (struct backlog_item){.message = m, .notification = notification};
	STAILQ_INSERT_TAIL(&s->backlog, item, link);
	s->backlog_bytes += m->len;
	budget_waiting_add(s->c, (int64_t)m->len);
	if (notification)
		s->notifications++;
	lws_callback_on_writable(s->wsi);
	return 0;
}

static bool
backlog_has_room(const struct session *s, size_t len)
{
	return s->notifications < CONTROL_BACKLOG_MESSAGES &&
		s->backlog_bytes + len <= CONTROL_BACKLOG_BYTES &&
		budget_waiting_room(s->c, s->backlog_bytes, len);
}

// Tell the client what it lost, once there is room again.
static void
dropped_tell(struct session *s)
{
	char text[128];

	if (s->untold == 0)
		return;
	snprintf(text, sizeof(text), "{\"jsonrpc\":\"2.0\",\"method\":\"dropped\",\"params\":"
		"{\"notifications\":%llu}}", (unsigned long long)s->untold);
	if (backlog_push(s, message_create(text, 0), true) == 0)
		s->untold = 0;
}

void
session_notify(struct session *s, struct message *m)
{
	if (s->ended)
		return;
	if (backlog_has_room(s, m->len)) {
		dropped_tell(s);
		if (backlog_push(s, message_get(m), true) == 0) {
			control_count(&s->c->stats.notifications, 1);
			return;
		}
	}
	s->untold++;
	control_count(&s->c->stats.dropped, 1);
}

static bool
refuse(struct session *s, enum lws_close_status status, const char *why)
{
	unsigned char text[64];

	snprintf((char *)text, sizeof(text), "%s", why);
	lws_close_reason(s->wsi, status, text, strlen(why));
	return false;
}

// Whether whoever opened it may still go on. No websocket is opened by nobody: it was logged out.
static bool
session_holds(struct session *s)
{
	if (!s->ended && caller_refresh(s->c, &s->caller) && s->caller.kind != CALLER_NOBODY)
		return true;
	s->ended = true;
	return false;
}

void
sessions_recheck(struct control *c)
{
	struct session *s;

	TAILQ_FOREACH(s, &c->sessions, link) {
		if (s->ended || session_holds(s))
			continue;
		lws_callback_on_writable(s->wsi);
		// If it does not read, not even that it is over.
		lws_set_timeout(s->wsi, PENDING_TIMEOUT_CLOSE_SEND, CONTROL_HEADER_TIMEOUT_S);
	}
}

bool
session_write(struct session *s)
{
	struct backlog_item *item = STAILQ_FIRST(&s->backlog);
	int n;

	if (s->broken)
		return false;
	while (s->ended && item != NULL && item->notification) {
		backlog_pop(s);
		item = STAILQ_FIRST(&s->backlog);
	}
	// Answers go out first, that to session.logout among them.
	if (s->ended && item == NULL)
		return refuse(s, CLOSE_UNAUTHENTICATED, "the login or token has ended");
	if (item == NULL)
		return true;
	n = lws_write(s->wsi, item->message->data + LWS_PRE, item->message->len, LWS_WRITE_TEXT);
	if (n < 0)
		return false;
	backlog_pop(s);
	if (STAILQ_EMPTY(&s->backlog) && !s->ended)
		dropped_tell(s);
	if (!STAILQ_EMPTY(&s->backlog) || s->ended)
		lws_callback_on_writable(s->wsi);
	session_pace(s);
	return true;
}

// Read from the client only while its requests and their answers are not too many.
static void
session_pace(struct session *s)
{
	bool read = s->exchange_count < CONTROL_EXCHANGES &&
		s->backlog_bytes <= CONTROL_BACKLOG_BYTES;

	if (read == !s->paused)
		return;
	s->paused = !read;
	lws_rx_flow_control(s->wsi, read ? 1 : 0);
}

static void
exchange_done(void *arg, char *reply, size_t len)
{
	struct session_exchange *e = arg;
	struct session *s = e->session;

	LIST_REMOVE(e, link);
	s->exchange_count--;
	free(e);
	if (reply != NULL && backlog_push(s, message_create(reply, len), false) != 0) {
		s->broken = true;  // an answer must not get lost silently
		lws_callback_on_writable(s->wsi);
	}
	free(reply);
	session_pace(s);
}

// The whole message is in s->input.
static bool
message_handle(struct session *s)
{
	struct session_exchange *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return false;
	e->session = s;
	e->rpc = rpc_create(s->c, s, &s->caller, s->input, s->input_len, exchange_done, e);
	s->input = NULL;
	s->input_len = 0;
	if (e->rpc == NULL) {
		free(e);
		return false;
	}
	LIST_INSERT_HEAD(&s->exchanges, e, link);
	s->exchange_count++;
	rpc_run(e->rpc);
	session_pace(s);
	return true;
}

// Not by realloc(), which would leave what it moves behind.
static bool
input_append(struct session *s, const void *data, size_t len)
{
	size_t before = s->input_len;
	char *grown = malloc(before + len + 1);

	if (grown == NULL)
		return false;
	if (before > 0)
		memcpy(grown, s->input, before);
	memcpy(grown + before, data, len);
	grown[before + len] = '\0';
	input_free(s);
	s->input = grown;
	s->input_len = before + len;
	return true;
}

void
session_close_received(struct session *s)
{
	s->closing = true;
}

bool
session_receive(struct session *s, const void *data, size_t len)
{
	if (s->closing)
		return true;
	if (!session_holds(s))
		return refuse(s, CLOSE_UNAUTHENTICATED, "the login or token has ended");
	if (lws_frame_is_binary(s->wsi))
		return refuse(s, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "text frames only");
	if (s->input_len + len > CONTROL_REQUEST_BYTES)
		return refuse(s, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "message too large");
	if (!input_append(s, data, len))
		return refuse(s, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION, "out of memory");
	if (!lws_is_final_fragment(s->wsi) || lws_remaining_packet_payload(s->wsi) > 0)
		return true;
	return message_handle(s) ||
		refuse(s, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION, "out of memory");
}
