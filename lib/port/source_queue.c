/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include <rte_ethdev.h>

#include "port/port.h"

struct queue_source {
	struct source source;
	uint16_t port_id;
	uint16_t queue_id;
};

static uint16_t
queue_receive(struct source *s, struct rte_mbuf **packets, uint16_t n)
{
	const struct queue_source *q = (const struct queue_source *)s;

	return rte_eth_rx_burst(q->port_id, q->queue_id, packets, n);
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
source_queue_open(const struct port *p, uint16_t queue)
{
	struct queue_source *q = malloc(sizeof(*q));

	if (q == NULL)
		return NULL;
	q->source.ops = &queue_ops;
	q->source.snap_bytes = p->snap_bytes;
	q->port_id = p->id;
	q->queue_id = queue;
	return &q->source;
}
