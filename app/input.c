/* SPDX-License-Identifier: BSD-3-Clause */
#include "input.h"

#include <errno.h>

#include <rte_ethdev.h>
#include <rte_lcore.h>

#include "pool_size.h"
#include "port/source_capture.h"

static unsigned int
workers_possible(const struct pipeline *p)
{
	unsigned int lcores = rte_lcore_count() - 1, others = pipeline_lcores(&p->options, 0);

	return lcores > others ? lcores - others : 0;
}

// Queues that the port with the most has; captures can be shared by any number of workers.
static int
queues_possible(const struct pipeline *p, struct error *err)
{
	uint16_t id;
	int most = 0;

	if (p->captures != NULL)
		return p->options.workers > 0 ? (int)p->options.workers : 1;
	if (p->options.demo)
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
	if (wanted > (unsigned int)queues)
		return error_field(err, -EINVAL, "--workers",
			"--workers: %u wanted, but the input has %d receive queue%s", wanted, queues,
			queues == 1 ? "" : "s");
	if (wanted == 0)
		wanted = possible > 1 ? RTE_MIN((unsigned int)queues, possible) : 1;
	if (wanted > possible || wanted > WORKERS_MAX)
		return error_field(err, -EINVAL, "--workers",
			"--workers: %u needs %u lcores with the main one, EAL has %u (see its -l)",
			wanted, pipeline_lcores(&p->options, wanted) + 1, rte_lcore_count());
	p->worker_count = wanted;
	return 0;
}

// Every descriptor of every queue can hold a buffer, besides bursts and caches.
static unsigned int
pool_size(const struct pipeline *p)
{
	unsigned int ports = p->options.demo ? 1 : rte_eth_dev_count_avail();

	if (p->captures != NULL)
		return POOL_CAPTURE_MBUFS * p->worker_count;
	return RTE_MAX(POOL_PORT_MBUFS, ports * p->worker_count * PORT_DESCRIPTORS + 8191);
}

int
input_pool_create(struct pipeline *p, struct error *err)
{
	bool captures = p->captures != NULL;
	unsigned int count = pool_size(p);

	p->pool = rte_pktmbuf_pool_create("packets", count, 256, 0,
		captures ? RTE_PKTMBUF_HEADROOM : RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (p->pool == NULL)
		return error_set(err, -ENOMEM, "no memory for %u packet buffers; give EAL more "
			"with -m", count);
	return 0;
}

int
input_ports_open(struct pipeline *p, struct error *err)
{
	uint16_t id;
	int rc;

	if (p->captures != NULL)
		return 0;
	if (p->options.demo) {
		rc = port_ring_open("weir_demo", GENERATOR_RING_SIZE, p->pool, &p->ports[0], err);
		p->port_count = rc == 0;
		return rc;
	}
	RTE_ETH_FOREACH_DEV(id) {
		struct port *port = &p->ports[p->port_count];

		if (p->port_count == PORTS_MAX)
			return error_set(err, -E2BIG, "at most %u ports", PORTS_MAX);
		rc = port_open(id, (uint16_t)RTE_MIN(p->worker_count,
			(unsigned int)port_queues_max(id)), p->pool, port, err);
		if (rc != 0)
			return rc;
		p->port_count++;
	}
	return 0;
}

int
input_sources_open(struct pipeline *p, struct rx_worker *w, struct error *err)
{
	if (p->captures != NULL) {
		w->sources[0] = source_capture_open(p->captures, p->pool, err);
		w->source_count = w->sources[0] != NULL;
		return w->sources[0] != NULL ? 0 : -EINVAL;
	}
	for (unsigned int i = 0; i < p->port_count; i++) {
		if (w->index >= p->ports[i].queues)
			continue;
		w->sources[w->source_count] = source_queue_open(&p->ports[i], (uint16_t)w->index);
		if (w->sources[w->source_count] == NULL)
			return error_set(err, -ENOMEM, "out of memory");
		w->source_count++;
	}
	return 0;
}
