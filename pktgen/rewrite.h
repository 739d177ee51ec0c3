/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_REWRITE_H
#define WEIR_PKTGEN_REWRITE_H

#include <stdint.h>

#define REWRITE_COPIES 0x100000u  // after so many addresses come again

/*
 * Give the IP packet in an Ethernet frame (behind up to two VLAN tags) other addresses: those of
 * copy number `copy`, 0 to 1048575 (higher ones begin anew). Copy 0 is the packet as it is. A copy
 * turns the same 20 bits of every address around: of IPv4 the lower 4 of the first byte to the
 * third byte, of IPv6 the lower 4 of the sixth byte to the eighth. So flows stay flows, the last byte and multicast stay as they
 * are. Checksums of IPv4, TCP, UDP and ICMPv6 are changed with the addresses (RFC 1624), so that
 * right ones stay right and wrong ones wrong. Other frames, tunnels' inner packets and ARP stay.
 * Any lcore.
 *
 * @param bytes that there are of the frame; nothing behind them is touched
 */
void rewrite_addresses(uint8_t *frame, uint32_t bytes, uint32_t copy);

#endif
