/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_AF_PACKET_STATS_H
#define WEIR_PORT_AF_PACKET_STATS_H

#include <stdint.h>

enum port_link {
	PORT_LINK_DOWN,
	PORT_LINK_UP,
	PORT_LINK_GONE,  // the interface was removed: nothing comes any more until a new start
};

// What the kernel dropped because the rings of a net_af_packet port were full. The driver of DPDK
// 22.11 does not ask for it, so its port would look lossless. The sockets are this process's own:
// they are found among its file descriptors by interface, and asked (PACKET_STATISTICS, see
// packet(7)). Reading resets the kernel's counter; what a newer driver reads by itself appears in
// its imissed instead, so the sum is right with either.

struct af_packet_stats {
	int fd[64];
	unsigned int count;
	uint64_t dropped;  // since the sockets were found
	unsigned int ifindex;
};

// Find the receive sockets of the interface. None found is not an error: count is 0. On a loopback
// interface they are told to leave out what goes out, as every packet comes in as well.
void af_packet_stats_find(struct af_packet_stats *s, const char *interface);

// Add what was dropped since the last call. Control thread.
uint64_t af_packet_stats_dropped(struct af_packet_stats *s);

/*
 * Is the interface there, and running? The driver says "up" whatever happens. The sockets hold on to
 * the interface itself: one of the same name that comes later is another one, and a new name
 * changes nothing.
 */
enum port_link af_packet_link(const struct af_packet_stats *s);

#endif
