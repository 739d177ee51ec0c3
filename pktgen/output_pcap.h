/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_OUTPUT_PCAP_H
#define WEIR_PKTGEN_OUTPUT_PCAP_H

#include <stdint.h>

#include <rte_mbuf.h>

#include "base/error.h"

// Packets into a capture file, with nanosecond time stamps. A packet is stamped with its packet
// time (generator_params.stamps), so the same profile and seed give the same file byte for byte.

struct output_pcap;

// The first packet's time: 2026-01-01T00:00:00Z.
#define OUTPUT_PCAP_START_S UINT64_C(1767225600)

// After EAL. NULL with err filled.
struct output_pcap *output_pcap_create(const char *path, struct error *err);
// Send function of the generator: takes all, and frees them. A write error is kept for the end.
uint16_t output_pcap_send(void *output, struct rte_mbuf **packets, uint16_t n);
// Packet time of the last packet in nanoseconds.
uint64_t output_pcap_last_ns(const struct output_pcap *o);
// While nothing is sent: packet times that begin anew go on gap_ns after the last packet.
void output_pcap_continue(struct output_pcap *o, uint64_t gap_ns);
// Any thread: packets written, and their bytes.
void output_pcap_counts(const struct output_pcap *o, uint64_t *ret_packets, uint64_t *ret_bytes);
// Complete and close the file. -errno with err filled if anything could not be written.
int output_pcap_close(struct output_pcap *o, struct error *err);

#endif
