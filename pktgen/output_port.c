/* SPDX-License-Identifier: BSD-3-Clause */
#include "output_port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "base/log.h"

#define TX_DESCRIPTORS 1024
#define RX_DESCRIPTORS 1024  // of one queue, polled where latency is measured
#define BURST_RECEIVED 64

struct output_queue {
	const struct output_port *output;
	uint16_t queue;
	uint16_t next;  // port that gets the next burst
} __rte_cache_aligned;

struct output_port {
	uint16_t ports[RTE_MAX_ETHPORTS];
	bool receives[RTE_MAX_ETHPORTS];  // by place in ports: it has a receive queue
	uint16_t count;
	struct output_queue queues[];
};

// The port's MTU where the frames need more than its default.
static uint32_t
port_mtu(uint32_t frame_bytes)
{
	return RTE_MAX(frame_bytes - RTE_ETHER_HDR_LEN, (uint32_t)RTE_ETHER_MTU);
}

static int
port_start(uint16_t port, struct rte_mempool *pool, uint32_t frame_bytes, uint16_t lcores,
	bool *ret_receives)
{
	struct rte_eth_conf conf = {.rxmode.mtu = port_mtu(frame_bytes)};
	uint16_t tx = TX_DESCRIPTORS, rx = RX_DESCRIPTORS, rx_queues;
	struct rte_eth_dev_info info;
	int socket = rte_eth_dev_socket_id(port);
	int rc = rte_eth_dev_info_get(port, &info);

	if (rc != 0)
		return rc;
	if (info.max_tx_queues < lcores)
		return -ENOSPC;
	rx_queues = info.max_rx_queues > 0 ? 1 : 0;
	*ret_receives = rx_queues > 0;
	rc = rte_eth_dev_configure(port, rx_queues, lcores, &conf);
	if (rc == 0)
		rc = rte_eth_dev_adjust_nb_rx_tx_desc(port, &rx, &tx);
	for (uint16_t i = 0; rc == 0 && i < lcores; i++)
		rc = rte_eth_tx_queue_setup(port, i, tx, (unsigned int)socket, NULL);
	if (rc == 0 && rx_queues > 0)
		rc = rte_eth_rx_queue_setup(port, 0, rx, (unsigned int)socket, NULL, pool);
	return rc == 0 ? rte_eth_dev_start(port) : rc;
}

struct output_port *
output_port_create(struct rte_mempool *pool, uint32_t frame_bytes, uint16_t lcores,
	struct error *err)
{
	size_t size = sizeof(struct output_port) + lcores * sizeof(struct output_queue);
	struct output_port *o = aligned_alloc(RTE_CACHE_LINE_SIZE,
		RTE_ALIGN_CEIL(size, RTE_CACHE_LINE_SIZE));
	char name[RTE_ETH_NAME_MAX_LEN] = "";
	uint16_t port;
	int rc;

	if (o == NULL) {
		error_set(err, -ENOMEM, "no memory for the ports");
		return NULL;
	}
	memset(o, 0, size);
	for (uint16_t i = 0; i < lcores; i++)
		o->queues[i] = (struct output_queue){.output = o, .queue = i};
	RTE_ETH_FOREACH_DEV(port) {
		rte_eth_dev_get_name_by_port(port, name);
		rc = port_start(port, pool, frame_bytes, lcores, &o->receives[o->count]);
		if (rc == -ENOSPC)
			error_set(err, rc, "port %u (%s): has fewer transmit queues than the %u "
				"generator lcores; give EAL fewer lcores", port, name, lcores);
		else if (rc != 0)
			error_set(err, rc, "port %u (%s): cannot be started for frames of %u "
				"bytes: %s", port, name, frame_bytes, rte_strerror(-rc));
		if (rc != 0) {
			output_port_free(o);
			return NULL;
		}
		o->ports[o->count++] = port;
		log_info("pktgen", "port %u (%s) started", port, name);
	}
	return o;
}

void
output_port_free(struct output_port *o)
{
	if (o == NULL)
		return;
	for (uint16_t i = 0; i < o->count; i++) {
		rte_eth_dev_stop(o->ports[i]);
		rte_eth_dev_close(o->ports[i]);
	}
	free(o);
}

struct output_queue *
output_port_queue(struct output_port *o, uint16_t lcore)
{
	return &o->queues[lcore];
}

uint16_t
output_queue_send(void *queue, struct rte_mbuf **packets, uint16_t n)
{
	struct output_queue *q = queue;
	uint16_t sent = rte_eth_tx_burst(q->output->ports[q->next], q->queue, packets, n);

	q->next = q->next + 1 < q->output->count ? q->next + 1 : 0;
	return sent;
}

uint64_t
output_port_receive(struct output_port *o, struct latency_meter *m, uint64_t tag)
{
	struct rte_mbuf *packets[BURST_RECEIVED];
	uint64_t received = 0;

	for (uint16_t i = 0; i < o->count; i++) {
		uint16_t n = o->receives[i] ?
			rte_eth_rx_burst(o->ports[i], 0, packets, BURST_RECEIVED) : 0;

		if (n == 0)
			continue;
		latency_meter_burst(m, tag, packets, n, rte_rdtsc());
		rte_pktmbuf_free_bulk(packets, n);
		received += n;
	}
	return received;
}
