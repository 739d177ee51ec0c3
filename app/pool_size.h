/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_POOL_SIZE_H
#define WEIR_APP_POOL_SIZE_H

// How many packet buffers there are, in one place because EAL is told how much memory to take
// before the pools are made.

// Ports: full receive rings of PORT_DESCRIPTORS on a few queues, and bursts; more queues take more.
#define POOL_PORT_MBUFS 32767U
// Captures: one burst of 64 packets per worker, each of up to 5 segments (262144 bytes), and the
// caches of the pool.
#define POOL_CAPTURE_MBUFS 2047
// Packets between the generator and the RX lcore of --demo; and buffers besides.
#define GENERATOR_RING_SIZE 32768
#define POOL_GENERATOR_SPARE 4095
// Longest generated frame (9000 bytes would be jumbo; the profile allows up to 9018).
#define POOL_GENERATOR_ROOM (9216 + 128)

// What EAL's heap needs, in MiB, with room for rings and control structures.
#define POOL_MEMORY_PORTS_MB 256
#define POOL_MEMORY_CAPTURES_MB 64
#define POOL_MEMORY_DEMO_MB 512

#endif
