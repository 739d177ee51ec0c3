/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_PORT_H
#define WEIR_PORT_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "base/error.h"
#include "port/af_packet_stats.h"
#include "port/source.h"

// DPDK ports. The only caller of rte_eth_* besides weir-pktgen.

#define PORT_NAME_LEN 64
#define PORT_DESCRIPTORS 4096  // of each receive queue, if the driver can

struct port {
	uint16_t id;
	uint16_t queues;
	char name[PORT_NAME_LEN];
	char driver[32];
	bool started;
	bool rss_symmetric;       // the driver took the symmetric key
	struct rte_ring *ring;    // of a ring port, else NULL
	// Longest frame that arrives whole; a longer one is cut to this without a sign of it
	// (net_af_packet). 0: nothing is cut.
	uint32_t snap_bytes;
	uint64_t refused;         // ring port: packets that found the ring full; sender writes
	struct af_packet_stats af_packet;
};

struct port_stats {
	uint64_t ipackets, ibytes, opackets, obytes;
	uint64_t missed;  // dropped for want of descriptors or room
	uint64_t errors;
	uint64_t nombuf;
	bool link_up;
};

/*
 * Configure and start a port that EAL has probed: `queues` receive queues (RSS with a symmetric
 * key when more than one), promiscuous, jumbo frames where the driver can scatter them.
 * 0 with *ret filled, or -errno with err naming the port.
 */
int port_open(uint16_t id, uint16_t queues, struct rte_mempool *pool, struct port *ret,
	struct error *err);

// Receive queues that the port can have, at least 1; -errno when there is no such port.
int port_queues_max(uint16_t id);

/*
 * A port whose receive queue is fed by what is sent on it (net_ring), `size` packets deep. Sent
 * with port_ring_send() by one lcore. 0 with *ret filled, or -errno with err.
 */
int port_ring_open(const char *name, uint32_t size, struct rte_mempool *pool, struct port *ret,
	struct error *err);

// rte_eth_tx_burst() on a ring port, arg is the struct port; what finds no room is counted as
// missed by the port. Fits struct generator_params.
uint16_t port_ring_send(void *arg, struct rte_mbuf **packets, uint16_t n);

// Control thread.
void port_stats_get(struct port *p, struct port_stats *ret);

// Stop receiving; statistics stay readable until port_close().
void port_stop(struct port *p);
void port_close(struct port *p);

// A source over one receive queue. NULL if memory ran out.
struct source *source_queue_open(const struct port *p, uint16_t queue);

#endif
