/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_out.h"
#include "control/internal.h"
#include "control/session.h"

// Documents on their way to the subscribers: any thread puts a reference into a ring and wakes
// the control thread, which builds the notification once and hands it to every client that wants
// it. A full ring drops the document and counts it; publishers never wait.

int
publish_create(struct control *c)
{
	ssize_t size = rte_ring_get_memsize(CONTROL_PUBLISH_QUEUE);
	struct rte_ring *r;

	if (size < 0)
		return (int)size;
	r = aligned_alloc(RTE_CACHE_LINE_SIZE, RTE_ALIGN_CEIL((size_t)size, RTE_CACHE_LINE_SIZE));
	if (r == NULL)
		return -ENOMEM;
	if (rte_ring_init(r, "control_documents", CONTROL_PUBLISH_QUEUE, RING_F_SC_DEQ) != 0) {
		free(r);
		return -EINVAL;
	}
	c->documents = r;
	return 0;
}

void
publish_free(struct control *c)
{
	void *d;

	if (c->documents == NULL)
		return;
	while (rte_ring_dequeue(c->documents, &d) == 0)
		document_put(d);
	free(c->documents);
	c->documents = NULL;
}

bool
control_wanted(const struct control *c, enum document_kind kind)
{
	return __atomic_load_n(&c->subscribers[kind], __ATOMIC_RELAXED) != 0;
}

void
control_publish(struct control *c, struct document *d)
{
	if (!control_wanted(c, d->kind))
		return;
	document_get(d);
	if (rte_ring_enqueue(c->documents, d) != 0) {
		document_put(d);
		control_count(&c->stats.dropped, 1);
	}
	if (__atomic_exchange_n(&c->documents_wake, 1, __ATOMIC_SEQ_CST) == 0)
		lws_cancel_service(c->lws);
}

static struct message *
notification_create(const struct document *d)
{
	struct json_out o = {0};
	struct message *m;

	json_out_open(&o, '{');
	json_out_key_str(&o, "jsonrpc", "2.0");
	json_out_key_str(&o, "method", document_kind_name(d->kind));
	json_out_key(&o, "params");
	json_out_raw(&o, d->json);
	json_out_close(&o, '}');
	m = o.failed ? NULL : message_create(o.data, o.len);
	json_out_free(&o);
	return m;
}

static void
document_deliver(struct control *c, const struct document *d)
{
	struct message *m = NULL;
	struct session *s;

	for (s = TAILQ_FIRST(&c->sessions); s != NULL; s = session_next(s)) {
		if (!session_wants(s, d))
			continue;
		if (m == NULL)
			m = notification_create(d);
		if (m == NULL)
			break;
		session_notify(s, m);
	}
	message_put(m);
}

// Control thread. The wake-up flag goes down before the ring is emptied, so that a document put
// in meanwhile wakes us again.
void
publish_deliver(struct control *c)
{
	unsigned int n = CONTROL_PUBLISH_QUEUE;
	void *d;

	__atomic_store_n(&c->documents_wake, 0, __ATOMIC_SEQ_CST);
	while (n-- > 0 && rte_ring_dequeue(c->documents, &d) == 0) {
		document_deliver(c, d);
		document_put(d);
	}
}
