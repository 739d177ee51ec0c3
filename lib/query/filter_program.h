/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_FILTER_PROGRAM_H
#define WEIR_QUERY_FILTER_PROGRAM_H

#include <stdbool.h>

#include <pcap/pcap.h>

/*
 * Does a program of libpcap for Ethernet look at nothing but what a flow's key tells of its first
 * packet: MAC addresses, EtherType, protocol, addresses and ports? False where that is not certain,
 * as with tags, where positions mean one thing or another. Keys do not tell whether packets came
 * behind MPLS, PPPoE or SNAP; flows are taken for ones without.
 */
bool filter_program_by_key(const struct bpf_program *p);

/*
 * The same by the text of a filter that compiles, for those with tags: true if it has no words but
 * those for tags, addresses, ports given as numbers, and protocols.
 */
bool filter_text_by_key(const char *text);

#endif
