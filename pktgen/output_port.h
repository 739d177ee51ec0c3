/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_OUTPUT_PORT_H
#define WEIR_PKTGEN_OUTPUT_PORT_H

#include <stdint.h>

#include <rte_mbuf.h>

#include "base/error.h"

// Packets to all DPDK ports that EAL was given, bursts in turn.

struct output_port;

// Set up and start every port for frames of up to frame_bytes. NULL with err filled.
struct output_port *output_port_create(struct rte_mempool *pool, uint32_t frame_bytes,
	struct error *err);
void output_port_free(struct output_port *o);  // stops the ports; NULL is fine

// Send function of the generator; one lcore.
uint16_t output_port_send(void *output, struct rte_mbuf **packets, uint16_t n);

#endif
