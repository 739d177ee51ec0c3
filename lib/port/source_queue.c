/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include <rte_ethdev.h>

#include "port/port.h"

struct queue_source {
	struct source source;
	uint16_t port_id;
	uint16_t queue;  // to be polled next
	uint16_t first;
	uint16_t end;
};

static uint16_t
queue_receive(struct source *s, struct rte_mbuf **packets, uint16_t n)
{
	struct queue_source *q = (struct queue_source *)s;
	uint16_t got = rte_eth_rx_burst(q->port_id, q->queue, packets, n);

	if (++q->queue == q->end)
		q->queue = q->first;
	return got;
}

static bool
queue_finished(const struct source *s)
{
	(void)s;
	return false;
}

static void
queue_close(struct source *s)
{
	free(s);
}

static const struct source_ops queue_ops = {
	.name = "queue",
	.clock = CLOCK_WALL,
	.receive = queue_receive,
	.finished = queue_finished,
	.close = queue_close,
};

struct source *
source_queue_open(const struct port *p, uint16_t first, uint16_t count)
{
	struct queue_source *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->source.ops = &queue_ops;
	q->source.snap_bytes = p->snap_bytes;
	q->port_id = p->id;
	q->queue = q->first = first;
	q->end = first + count;
	return &q->source;
}
