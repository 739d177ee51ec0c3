/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_DISPATCH_H
#define WEIR_PORT_DISPATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "packet/packet.h"
#include "port/source.h"

/*
 * Software dispatch: the packets of one port, whose hardware does not spread flows over workers in a
 * way that keeps both directions together, are spread by one lcore.
 *
 *                                      ┌─ ring ─▶ source of worker 0
 *     queues ─▶ dispatch_poll(): hash ─┼─ ring ─▶ source of worker 1
 *                                      └─ ring ─▶ source of worker 2
 *
 * What is hashed is the flow key that packet_parse() finds, as the workers do: packets of one key
 * always meet, whatever their headers look like, because there is no second opinion about where
 * the key is. The key is the same for both directions. With by_addresses only its addresses
 * count, for those who have to see all fragments of a datagram in one place.
 *
 * Rings have one producer and one consumer and nobody waits: what finds a ring full is dropped and
 * counted for its worker. Packets of a flow stay in order. Packets in no flow go to worker 0, as
 * with captures.
 */

struct dispatch;

struct dispatch_params {
	uint16_t port_id;
	uint16_t queues;       // all are polled in turn
	unsigned int workers;  // at least 1
	uint32_t ring_size;    // packets that can wait for one worker
	uint32_t snap_bytes;   // of the port, see struct source
	uint64_t seed;         // of the hash, the same for all ports whose flows have to meet; 0: random
	bool by_addresses;
	enum packet_tunnels tunnels;  // as the workers parse: the key is the same as theirs
};

// NULL with err filled.
struct dispatch *dispatch_create(const struct dispatch_params *params, struct error *err);
void dispatch_free(struct dispatch *d);

/*
 * Take up to 128 packets from the queues and hand them on; returns how many. Never waits. To be
 * called again and again by one lcore at a time, from the start until dispatch_done().
 */
unsigned int dispatch_poll(struct dispatch *d);

/*
 * The end. After dispatch_stop(), from any thread, dispatch_poll() goes on until the queues are
 * empty once (or 65536 packets: a port that never falls silent), then dispatch_done() is true and
 * the rings get no more. When no lcore runs any more, dispatch_finish() counts what nobody has taken
 * out of the rings as missed, and frees it.
 */
void dispatch_stop(struct dispatch *d);
bool dispatch_done(const struct dispatch *d);
void dispatch_finish(struct dispatch *d);

// Packets that found the ring of this worker full; and that wait in it. Any thread.
uint64_t dispatch_missed(const struct dispatch *d, unsigned int worker);
unsigned int dispatch_waiting(const struct dispatch *d, unsigned int worker);

/*
 * What this worker gets. With `polls` receiving from it polls the queues first: for a worker that
 * does the dispatch besides its own share. Then each turn of its loop moves up to 128 packets
 * and works on up to 32 of its own, so its own work never holds up the others'.
 * NULL if memory ran out; to be closed before dispatch_free().
 */
struct source *source_dispatch_open(struct dispatch *d, unsigned int worker, bool polls);

#endif
