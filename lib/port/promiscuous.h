/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_PROMISCUOUS_H
#define WEIR_PORT_PROMISCUOUS_H

#include <stdbool.h>

// Promiscuous kernel interfaces. The flag that DPDK's net_af_packet sets (IFF_PROMISC) stays when the
// process ends, and to take it back needs a capability that may have been given up by then. A packet
// socket's membership (PACKET_MR_PROMISC, see packet(7)) is counted by the kernel beside the flag and
// ends with the socket, also when the process is killed. Start-up thread; -errno on failure.

// A socket for which the interface is promiscuous until it is closed. It receives nothing.
int promiscuous_hold(unsigned int ifindex);

// The flag, as `ip link set promisc` sets it. False, too, where it cannot be read.
bool promiscuous_flag_get(const char *interface);
int promiscuous_flag_set(const char *interface);

#endif
