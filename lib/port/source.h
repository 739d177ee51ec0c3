/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_SOURCE_H
#define WEIR_PORT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "base/clock.h"

// Where a worker gets its packets: a queue of a DPDK port, or capture files. One worker owns a
// source and polls it; before it polls again it frees the packets, unless the source keeps them.

struct source;

struct source_ops {
	const char *name;
	enum clock_source clock;  // CLOCK_PACKET: packets carry struct packet_capture_info
	uint16_t (*receive)(struct source *s, struct rte_mbuf **packets, uint16_t n);
	// Nothing will ever come any more (captures read to the end).
	bool (*finished)(const struct source *s);
	void (*close)(struct source *s);
};

struct source {
	const struct source_ops *ops;
	unsigned int relayed; // packets that the last receive passed on to other workers
	// What the source knows of packet time beside its packets' stamps: it is at least this. The
	// source writes it in receive(), for the worker that polls it.
	uint64_t clock_us;
	bool keeps_packets;   // they stay the source's own, which uses them again
	uint32_t snap_bytes;  // frames this long or longer may have been cut, see struct port; 0: none
};

static inline uint16_t
source_receive(struct source *s, struct rte_mbuf **packets, uint16_t n)
{
	return s->ops->receive(s, packets, n);
}

static inline bool
source_finished(const struct source *s)
{
	return s->ops->finished(s);
}

static inline void
source_close(struct source *s)
{
	if (s != NULL)
		s->ops->close(s);
}

#endif
