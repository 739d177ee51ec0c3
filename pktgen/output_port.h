/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_OUTPUT_PORT_H
#define WEIR_PKTGEN_OUTPUT_PORT_H

#include <stdint.h>

#include <rte_mbuf.h>

#include "base/error.h"
#include "latency.h"

// Packets to all DPDK ports that EAL was given: a queue of each for every lcore, bursts in turn over
// the ports.

struct output_port;
struct output_queue;  // one lcore's way to the ports

// Set up and start every port for frames of up to frame_bytes from so many lcores. NULL with err
// filled.
struct output_port *output_port_create(struct rte_mempool *pool, uint32_t frame_bytes,
	uint16_t lcores, struct error *err);
void output_port_free(struct output_port *o);  // stops the ports; NULL is fine

struct output_queue *output_port_queue(struct output_port *o, uint16_t lcore);

// Send function of the generator; queue is the lcore's own.
uint16_t output_queue_send(void *queue, struct rte_mbuf **packets, uint16_t n);

// One thread: take what the ports receive, a burst of each, and look for stamps with this tag (not 0).
// Gives back the packets received.
uint64_t output_port_receive(struct output_port *o, struct latency_meter *m, uint64_t tag);

#endif
