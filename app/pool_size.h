/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_POOL_SIZE_H
#define WEIR_APP_POOL_SIZE_H

#include "port/port.h"

// How many packet buffers there are, in one place because EAL is told how much memory to take
// before the pools are made.

// Ports: receive queues and rings of PORT_DESCRIPTORS each, and bursts; at least so many.
#define POOL_PORT_MBUFS 32767U

static inline unsigned int
pool_ports_mbufs(unsigned int depths)
{
	return depths * PORT_DESCRIPTORS + 8191;
}

// Captures: one burst of 64 packets per worker, each of up to 5 segments (262144 bytes), and the
// caches of the pool.
#define POOL_CAPTURE_MBUFS 2047
// Packets between the generator and the RX lcore of --demo; and buffers besides.
#define GENERATOR_RING_SIZE 32768
#define POOL_GENERATOR_SPARE 4095
// Of the demo with several workers: packets that can wait for one of them.
#define GENERATOR_DISPATCH_SIZE 8192
static inline unsigned int
pool_generator_mbufs(unsigned int workers)
{
	return GENERATOR_RING_SIZE + POOL_GENERATOR_SPARE +
		(workers > 1 ? workers * GENERATOR_DISPATCH_SIZE : 0);
}

// Longest generated frame (9000 bytes would be jumbo; the profile allows up to 9018).
#define POOL_GENERATOR_ROOM (9216 + 128)

// What EAL's heap needs, in MiB, with room for rings and control structures.
#define POOL_MEMORY_PORTS_MB 256
#define POOL_MEMORY_CAPTURES_MB 64
#define POOL_MEMORY_DEMO_MB 512
// And for each packet buffer above POOL_PORT_MBUFS, or of another worker of the demo, in bytes.
#define POOL_MEMORY_MBUF 2560
#define POOL_MEMORY_GENERATED (POOL_GENERATOR_ROOM + 256)

#endif
