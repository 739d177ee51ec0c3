/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_MAILBOX_H
#define WEIR_CONTROL_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

// The way from other threads to the control thread: completed calls, and calls that a thread
// makes with control_call() and waits for. It is counted by reference because pending calls hold
// on to it and may be completed after the control was freed; a closed mailbox throws letters away.

struct control_call;
struct lws_context;

// A thread waiting in control_call(); lives on its stack.
struct mailbox_request {
	const char *method;
	const char *params;
	struct control_call *call;  // while it is pending
	bool done;
	int code;
	char *json;
	struct mailbox_request *next;
};

struct mailbox {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	uint32_t references;
	bool closed;
	struct lws_context *lws;  // to wake; NULL before the loop exists and once closed
	struct control_call *calls, **calls_tail;
	struct mailbox_request *requests, **requests_tail;
};

struct mailbox *mailbox_create(void);  // one reference; NULL: out of memory
struct mailbox *mailbox_get(struct mailbox *m);
void mailbox_put(struct mailbox *m);

// Any thread. Takes the call (puts it when the mailbox is closed).
void mailbox_post_call(struct mailbox *m, struct control_call *call);

// Any thread but the control thread: wait until r->done. false at once when closed.
bool mailbox_ask(struct mailbox *m, struct mailbox_request *r);

// Control thread: take everything that waits. Lists linked by next.
struct control_call *mailbox_take_calls(struct mailbox *m);
struct mailbox_request *mailbox_take_requests(struct mailbox *m);

// Control thread: answer a request; json is handed over, r is gone afterwards.
void mailbox_answer(struct mailbox *m, struct mailbox_request *r, int code, char *json);

void mailbox_close(struct mailbox *m);  // nothing is taken in any more

#endif
