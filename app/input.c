/* SPDX-License-Identifier: BSD-3-Clause */
#include "input.h"

#include <errno.h>

#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_random.h>

#include "pool_size.h"
#include "port/source_capture.h"

static unsigned int
workers_possible(const struct pipeline *p)
{
	unsigned int lcores = rte_lcore_count() - 1, others = pipeline_lcores(&p->options, 0);

	return lcores > others ? lcores - others : 0;
}

// Workers that the input feeds by itself: queues of the port that has most of them. More of them want
// to be asked for: captures are shared by any number, ports are dispatched in software.
static int
queues_possible(const struct pipeline *p, struct error *err)
{
	uint16_t id;
	int most = 0;

	if (p->captures != NULL || p->options.demo)
		return 1;
	RTE_ETH_FOREACH_DEV(id)
		most = RTE_MAX(most, port_queues_max(id));
	if (most == 0)
		return error_set(err, -ENODEV, p->options.iface != NULL ?
			"--iface: %s: cannot be opened; capturing needs root or CAP_NET_RAW" :
			"EAL found no port%s", p->options.iface != NULL ? p->options.iface : "");
	return most;
}

int
input_workers_decide(struct pipeline *p, struct error *err)
{
	unsigned int possible = workers_possible(p), wanted = p->options.workers;
	int queues = queues_possible(p, err);

	if (queues < 0)
		return queues;
	if (wanted == 0)
		wanted = possible > 1 ? RTE_MIN((unsigned int)queues, possible) : 1;
	if (wanted > possible || wanted > WORKERS_MAX)
		return error_field(err, -EINVAL, "--workers",
			"--workers: %u needs %u lcores with the main one, EAL has %u (see its -l)",
			wanted, pipeline_lcores(&p->options, wanted) + 1, rte_lcore_count());
	p->worker_count = wanted;
	return 0;
}

/*
 * Every descriptor of every queue can hold a buffer, besides bursts and caches; and so can the rings
 * to the workers, where a port is dispatched. What is dispatched is known for sure when the port
 * runs, but then its other queues are not used: rings are as deep as queues.
 */
unsigned int
input_pool_size(const struct pipeline *p)
{
	unsigned int depths = 0;
	uint16_t id;

	if (p->captures != NULL)
		return POOL_CAPTURE_MBUFS * p->worker_count;
	RTE_ETH_FOREACH_DEV(id) {
		int queues = port_queues_needed(id, (uint16_t)p->worker_count);

		depths += RTE_MAX(queues, 0) + (p->worker_count > 1 ? p->worker_count : 0);
	}
	return RTE_MAX(POOL_PORT_MBUFS, pool_ports_mbufs(depths));
}

// Packets of captures lie in the reader's buffer.
unsigned int
input_pool_room(const struct pipeline *p)
{
	return p->captures != NULL ? RTE_PKTMBUF_HEADROOM : RTE_MBUF_DEFAULT_BUF_SIZE;
}

int
input_pool_create(struct pipeline *p, struct error *err)
{
	unsigned int count = input_pool_size(p);

	p->pool = rte_pktmbuf_pool_create("packets", count, 256, 0, (uint16_t)input_pool_room(p),
		SOCKET_ID_ANY);
	if (p->pool == NULL)
		return error_set(err, -ENOMEM, "no memory for %u packet buffers; give EAL more "
			"with -m", count);
	return 0;
}

static int
dispatch_open(struct pipeline *p, unsigned int port, uint64_t seed, struct error *err)
{
	struct dispatch_params params = {
		.port_id = p->ports[port].id,
		.queues = p->ports[port].queues,
		.workers = p->worker_count,
		.ring_size = p->options.demo ? GENERATOR_DISPATCH_SIZE : PORT_DESCRIPTORS,
		.snap_bytes = p->ports[port].snap_bytes,
		.seed = seed,
		.by_addresses = p->options.fragments_follow,
		.tunnels = p->options.tunnels,
	};

	if (p->ports[port].spread != PORT_SPREAD_SOFTWARE)
		return 0;
	p->dispatch[port] = dispatch_create(&params, err);
	return p->dispatch[port] != NULL ? 0 : -ENOMEM;
}

static int
ports_start(struct pipeline *p, const struct port_wish *wish, struct error *err)
{
	uint16_t id;
	int rc = 0;

	RTE_ETH_FOREACH_DEV(id) {
		if (p->port_count == PORTS_MAX)
			return error_set(err, -E2BIG, "at most %u ports", PORTS_MAX);
		rc = port_open(id, wish, p->pool, &p->ports[p->port_count], err);
		if (rc != 0)
			return rc;
		p->port_count++;
	}
	return 0;
}

int
input_ports_open(struct pipeline *p, struct error *err)
{
	// A card hashes what is outermost. Of a tunnel's two directions only the addresses are the
	// same there, as UDP source ports are chosen by the inner flow.
	const struct port_wish wish = {
		.workers = (uint16_t)p->worker_count,
		.by_addresses = p->options.fragments_follow ||
			p->options.tunnels == PACKET_TUNNELS_DECAPSULATE,
	};
	// One hash for all ports: the two directions of a flow may come in on two of them.
	uint64_t seed = p->options.seed != 0 ? p->options.seed : rte_rand() | 1;
	int rc;

	if (p->captures != NULL)
		return 0;
	if (p->options.demo) {
		rc = port_ring_open("weir_demo", GENERATOR_RING_SIZE, &wish, p->pool, &p->ports[0],
			err);
		p->port_count = rc == 0;
	} else {
		rc = ports_start(p, &wish, err);
	}
	for (unsigned int i = 0; i < p->port_count && rc == 0; i++)
		rc = dispatch_open(p, i, seed, err);
	return rc;
}

// What worker w gets of a port.
static struct source *
port_source_open(struct pipeline *p, unsigned int port, const struct rx_worker *w)
{
	const struct port *from = &p->ports[port];

	switch (from->spread) {
	case PORT_SPREAD_SOFTWARE:
		return source_dispatch_open(p->dispatch[port], w->index,
			p->dispatch_lcore == UINT_MAX && port % p->worker_count == w->index);
	case PORT_SPREAD_RSS:
		return source_queue_open(from, (uint16_t)w->index, 1);
	default:
		return source_queue_open(from, 0, from->queues);
	}
}

int
input_sources_open(struct pipeline *p, struct rx_worker *w, struct error *err)
{
	if (p->captures != NULL) {
		w->sources[0] = p->follow != NULL ?
			source_capture_follow(p->follow, w->index, p->pool, err) :
			source_capture_open(p->captures, p->pool, err);
		w->source_count = w->sources[0] != NULL;
		return w->sources[0] != NULL ? 0 : -EINVAL;
	}
	for (unsigned int i = 0; i < p->port_count; i++) {
		w->sources[i] = port_source_open(p, i, w);
		if (w->sources[i] == NULL)
			return error_set(err, -ENOMEM, "out of memory");
		w->source_count++;
	}
	return 0;
}
