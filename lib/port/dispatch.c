/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/dispatch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <rte_prefetch.h>
#include <rte_ring.h>

#include "flow/flow_hash.h"
#include "packet/packet.h"

#define BURST 32
#define BURSTS_PER_POLL 4
#define DRAIN_PACKETS 65536U

/*
 * One worker's side. A lane gathers packets over the bursts of one poll, so that a ring's cache
 * lines change hands once for many packets also where there are many workers.
 */
struct lane {
	struct rte_ring *ring;
	uint64_t missed;  // written by the polling lcore, read by anyone
	uint32_t staged;
	struct rte_mbuf *packets[BURST * BURSTS_PER_POLL];
} __rte_cache_aligned;

struct dispatch {
	struct dispatch_params params;
	struct flow_hash_secret secret;
	uint16_t queue;        // to be polled next
	uint32_t drain_left;   // packets that may still be taken after the stop
	bool stop;             // any thread writes
	bool done;             // the polling lcore writes
	struct lane lanes[];
};

struct dispatch_source {
	struct source source;
	struct dispatch *poll;  // NULL: somebody else polls
	struct rte_ring *ring;
};

static int
lane_open(struct lane *l, const struct dispatch_params *params, unsigned int worker,
	struct error *err)
{
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "dispatch_%u_%u", params->port_id, worker);
	l->ring = rte_ring_create(name, params->ring_size, rte_eth_dev_socket_id(params->port_id),
		RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
	return l->ring != NULL ? 0 : error_set(err, -rte_errno, "port %u: ring to worker %u: %s",
		params->port_id, worker, strerror(rte_errno));
}

struct dispatch *
dispatch_create(const struct dispatch_params *params, struct error *err)
{
	struct dispatch *d = rte_zmalloc("dispatch",
		sizeof(*d) + params->workers * sizeof(d->lanes[0]), RTE_CACHE_LINE_SIZE);

	if (d == NULL) {
		error_set(err, -ENOMEM, "port %u: no memory for dispatch", params->port_id);
		return NULL;
	}
	d->params = *params;
	d->drain_left = DRAIN_PACKETS;
	// Not the secret of the flow tables: of a hash that decides the worker, each table would see a
	// part only and fill it unevenly.
	flow_hash_secret_init(&d->secret, params->seed == 0 ? 0 : RTE_MAX(~params->seed, UINT64_C(1)));
	for (unsigned int i = 0; i < params->workers; i++) {
		if (lane_open(&d->lanes[i], params, i, err) != 0) {
			dispatch_free(d);
			return NULL;
		}
	}
	return d;
}

void
dispatch_free(struct dispatch *d)
{
	if (d == NULL)
		return;
	dispatch_finish(d);
	for (unsigned int i = 0; i < d->params.workers; i++)
		rte_ring_free(d->lanes[i].ring);
	rte_free(d);
}

static inline unsigned int
worker_of(const struct dispatch *d, const struct packet_meta *m)
{
	uint64_t hash;

	if (unlikely(m->discard != DISCARD_NONE))
		return 0;
	if (d->params.by_addresses) {
		struct flow_key ends = {.version = m->key.version};

		memcpy(ends.addr, m->key.addr, sizeof(ends.addr));
		hash = flow_hash(&d->secret, &ends);
	} else {
		hash = flow_hash(&d->secret, &m->key);
	}
	return (unsigned int)((hash >> 32) * d->params.workers >> 32);
}

static void
burst_stage(struct dispatch *d, struct rte_mbuf **packets, uint16_t n)
{
	struct packet_meta meta;

	for (uint16_t i = 0; i < n; i++) {
		struct lane *l;

		if (i + 4 < n)
			rte_prefetch0(rte_pktmbuf_mtod(packets[i + 4], void *));

		packet_parse(packets[i], LINKTYPE_ETHERNET, d->params.tunnels, &meta);
		l = &d->lanes[worker_of(d, &meta)];
		l->packets[l->staged++] = packets[i];
	}
}

static void
lane_flush(struct lane *l)
{
	unsigned int sent = rte_ring_sp_enqueue_burst(l->ring, (void **)l->packets, l->staged,
		NULL);
	unsigned int left = l->staged - sent;

	l->staged = 0;
	if (likely(left == 0))
		return;
	rte_pktmbuf_free_bulk(&l->packets[sent], left);
	__atomic_store_n(&l->missed, l->missed + left, __ATOMIC_RELAXED);
}

static unsigned int
queues_poll(struct dispatch *d)
{
	unsigned int total = 0, empty = 0;
	struct rte_mbuf *packets[BURST];

	for (unsigned int i = 0; i < BURSTS_PER_POLL && empty < d->params.queues;) {
		uint16_t n = rte_eth_rx_burst(d->params.port_id, d->queue, packets, BURST);

		burst_stage(d, packets, n);
		total += n;
		i += n > 0;
		empty = n == 0 ? empty + 1 : 0;
		if (n < BURST && ++d->queue == d->params.queues)
			d->queue = 0;
	}
	return total;
}

unsigned int
dispatch_poll(struct dispatch *d)
{
	bool stop = __atomic_load_n(&d->stop, __ATOMIC_ACQUIRE);
	unsigned int got;

	if (unlikely(d->done))
		return 0;
	got = queues_poll(d);
	for (unsigned int i = 0; got > 0 && i < d->params.workers; i++)
		if (d->lanes[i].staged > 0)
			lane_flush(&d->lanes[i]);
	if (unlikely(stop)) {
		d->drain_left -= RTE_MIN(d->drain_left, got);
		if (got == 0 || d->drain_left == 0)
			__atomic_store_n(&d->done, true, __ATOMIC_RELEASE);
	}
	return got;
}

void
dispatch_stop(struct dispatch *d)
{
	__atomic_store_n(&d->stop, true, __ATOMIC_RELEASE);
}

bool
dispatch_done(const struct dispatch *d)
{
	return __atomic_load_n(&d->done, __ATOMIC_ACQUIRE);
}

void
dispatch_finish(struct dispatch *d)
{
	for (unsigned int i = 0; i < d->params.workers; i++) {
		struct lane *l = &d->lanes[i];
		void *packet;

		while (l->ring != NULL && rte_ring_sc_dequeue(l->ring, &packet) == 0) {
			rte_pktmbuf_free(packet);
			__atomic_store_n(&l->missed, l->missed + 1, __ATOMIC_RELAXED);
		}
	}
}

uint64_t
dispatch_missed(const struct dispatch *d, unsigned int worker)
{
	return __atomic_load_n(&d->lanes[worker].missed, __ATOMIC_RELAXED);
}

unsigned int
dispatch_waiting(const struct dispatch *d, unsigned int worker)
{
	return rte_ring_count(d->lanes[worker].ring);
}

static uint16_t
dispatch_receive(struct source *s, struct rte_mbuf **packets, uint16_t n)
{
	struct dispatch_source *ds = (struct dispatch_source *)s;

	if (ds->poll != NULL)
		s->relayed = dispatch_poll(ds->poll);
	return (uint16_t)rte_ring_sc_dequeue_burst(ds->ring, (void **)packets, n, NULL);
}

static bool
dispatch_finished(const struct source *s)
{
	(void)s;
	return false;
}

static void
dispatch_source_close(struct source *s)
{
	free(s);
}

static const struct source_ops dispatch_ops = {
	.name = "dispatch",
	.clock = CLOCK_WALL,
	.receive = dispatch_receive,
	.finished = dispatch_finished,
	.close = dispatch_source_close,
};

struct source *
source_dispatch_open(struct dispatch *d, unsigned int worker, bool polls)
{
	struct dispatch_source *ds = calloc(1, sizeof(*ds));

	if (ds == NULL)
		return NULL;
	ds->source.ops = &dispatch_ops;
	ds->source.snap_bytes = d->params.snap_bytes;
	ds->poll = polls ? d : NULL;
	ds->ring = d->lanes[worker].ring;
	return &ds->source;
}
