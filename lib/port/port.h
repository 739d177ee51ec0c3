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

// How the packets of a port come to several workers.
enum port_spread {
	PORT_SPREAD_NONE,      // there is one worker, and it polls all queues
	PORT_SPREAD_RSS,       // worker i has queue i; the driver confirms that directions meet
	PORT_SPREAD_SOFTWARE,  // struct dispatch polls the queues
};

// What is asked of the ports, one for all.
struct port_wish {
	uint16_t workers;
	bool inner;         // tunnels are opened: the flows inside count
	bool by_addresses;  // all fragments of a datagram have to come to one worker
};

struct port {
	uint16_t id;
	uint16_t queues;          // receive queues in use
	enum port_spread spread;
	uint64_t rss_types;       // PORT_SPREAD_RSS: RTE_ETH_RSS_ bits that the driver confirms
	char name[PORT_NAME_LEN];
	char driver[32];
	bool started;
	struct rte_ring *ring;    // of a ring port, else NULL
	// Longest frame that arrives whole; a longer one is cut to this without a sign of it
	// (net_af_packet). 0: nothing is cut.
	uint32_t snap_bytes;
	uint64_t refused;         // ring port: packets that found the ring full; sender writes
	struct af_packet_stats af_packet;
	int promiscuous_fd;       // net_af_packet: it is promiscuous while this is open; -1 none
};

struct port_stats {
	uint64_t ipackets, ibytes, opackets, obytes;
	uint64_t missed;  // dropped for want of descriptors or room
	uint64_t errors;
	uint64_t nombuf;
	enum port_link link;
};

/*
 * Configure and start a port that EAL has probed, promiscuous (a kernel interface until port_stop() or
 * the end of the process, however that comes), with jumbo frames where the driver can scatter them. With several workers it gets a queue for each, if the driver has as many and
 * confirms, once started, that it spreads them as wished; else as few queues as it can have, for
 * software dispatch. Which of them, and why, is logged.
 * 0 with *ret filled, or -errno with err naming the port.
 */
int port_open(uint16_t id, const struct port_wish *wish, struct rte_mempool *pool,
	struct port *ret, struct error *err);

// Workers that the port can feed by itself, as far as it says before it is started, at least 1;
// -errno when there is no such port.
int port_queues_max(uint16_t id);

// Receive queues that the port has for `workers` workers at most: packet buffers for them are needed.
int port_queues_needed(uint16_t id, uint16_t workers);

/*
 * A port whose receive queue is fed by what is sent on it (net_ring), `size` packets deep. Sent
 * with port_ring_send() by one lcore. 0 with *ret filled, or -errno with err.
 */
int port_ring_open(const char *name, uint32_t size, const struct port_wish *wish,
	struct rte_mempool *pool, struct port *ret, struct error *err);

// rte_eth_tx_burst() on a ring port, arg is the struct port; what finds no room is counted as
// missed by the port. Fits struct generator_params.
uint16_t port_ring_send(void *arg, struct rte_mbuf **packets, uint16_t n);

// Control thread.
void port_stats_get(struct port *p, struct port_stats *ret);
enum port_link port_link_get(const struct port *p);
const char *port_link_name(enum port_link l);  // "down", "up", "gone"

// Stop receiving; statistics stay readable until port_close().
void port_stop(struct port *p);
void port_close(struct port *p);

// A source over `count` receive queues from `first` on, in turn. NULL if memory ran out.
struct source *source_queue_open(const struct port *p, uint16_t first, uint16_t count);

#endif
