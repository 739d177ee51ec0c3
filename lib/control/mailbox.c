/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/mailbox.h"

#include <stdlib.h>

#include <libwebsockets.h>

#include "control/call.h"

struct mailbox *
mailbox_create(void)
{
	struct mailbox *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->answered, NULL);
	m->references = 1;
	m->calls_tail = &m->calls;
	m->requests_tail = &m->requests;
	return m;
}

struct mailbox *
mailbox_get(struct mailbox *m)
{
	__atomic_add_fetch(&m->references, 1, __ATOMIC_RELAXED);
	return m;
}

void
mailbox_put(struct mailbox *m)
{
	if (m == NULL || __atomic_sub_fetch(&m->references, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	pthread_cond_destroy(&m->answered);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static void
wake_locked(struct mailbox *m)
{
	if (m->lws != NULL)
		lws_cancel_service(m->lws);
}

void
mailbox_post_call(struct mailbox *m, struct control_call *call)
{
	bool closed;

	mailbox_get(m);  // once taken, the call and its reference may be gone at any moment
	pthread_mutex_lock(&m->lock);
	closed = m->closed;
	if (!closed) {
		call->next = NULL;
		*m->calls_tail = call;
		m->calls_tail = &call->next;
		wake_locked(m);
	}
	pthread_mutex_unlock(&m->lock);
	if (closed)
		call_put(call);
	mailbox_put(m);
}

bool
mailbox_ask(struct mailbox *m, struct mailbox_request *r)
{
	bool taken;

	pthread_mutex_lock(&m->lock);
	taken = !m->closed;
	if (taken) {
		r->next = NULL;
		*m->requests_tail = r;
		m->requests_tail = &r->next;
		wake_locked(m);
	}
	while (taken && !r->done)
		pthread_cond_wait(&m->answered, &m->lock);
	pthread_mutex_unlock(&m->lock);
	return taken;
}

struct control_call *
mailbox_take_calls(struct mailbox *m)
{
	struct control_call *calls;

	pthread_mutex_lock(&m->lock);
	calls = m->calls;
	m->calls = NULL;
	m->calls_tail = &m->calls;
	pthread_mutex_unlock(&m->lock);
	return calls;
}

struct mailbox_request *
mailbox_take_requests(struct mailbox *m)
{
	struct mailbox_request *requests;

	pthread_mutex_lock(&m->lock);
	requests = m->requests;
	m->requests = NULL;
	m->requests_tail = &m->requests;
	pthread_mutex_unlock(&m->lock);
	return requests;
}

void
mailbox_answer(struct mailbox *m, struct mailbox_request *r, int code, char *json)
{
	pthread_mutex_lock(&m->lock);
	r->code = code;
	r->json = json;
	r->done = true;
	pthread_cond_broadcast(&m->answered);
	pthread_mutex_unlock(&m->lock);
}

void
mailbox_close(struct mailbox *m)
{
	pthread_mutex_lock(&m->lock);
	m->closed = true;
	m->lws = NULL;
	pthread_mutex_unlock(&m->lock);
}
