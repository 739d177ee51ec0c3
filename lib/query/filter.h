/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_FILTER_H
#define WEIR_QUERY_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "base/error.h"
#include "packet/flow_key.h"

// A filter in pcap-filter(7) syntax: libpcap compiles it to classic BPF, rte_bpf_convert() makes
// extended BPF of that, which the JIT turns into machine code where it can be trusted to. Made by
// the control thread; immutable, so that any number of lcores may run it.
//
// It never asks a name server: a host goes by its address. Ports and protocols may have names.

struct filter;

enum filter_mode {
	FILTER_CHECK,     // only look whether it is right: nothing passes it; needs no EAL
	FILTER_ETHERNET,  // packets are of ports
	FILTER_LINKS,     // packets are of captures, which may have any link type: a program for each
};

// NULL with errno set and err filled, libpcap's own words in it; one reference.
struct filter *filter_create(const char *text, enum filter_mode mode, struct error *err);

// Control thread only.
struct filter *filter_get(struct filter *f);
void filter_put(struct filter *f);  // NULL is fine

const char *filter_text(const struct filter *f);

// Does the packet pass? linktype as in packet/packet.h. Where the filter has no meaning on that link
// type ("ether host" on raw IP), no packet does.
bool filter_match(const struct filter *f, uint32_t linktype, const struct rte_mbuf *m);

// Does filter_match_key() tell what filter_match() does of a flow's first packet? False if that is not
// certain.
bool filter_by_key(const struct filter *f);

// For tests: is there machine code, or does the interpreter run it?
bool filter_is_native(const struct filter *f);

/*
 * Look for names that libpcap would ask a name server about. 0, or -EINVAL with the word in err.
 */
int filter_words_check(const char *text, struct error *err);

// The first packet of a flow as far as its key tells, Ethernet, in `frame`; its length.
#define FILTER_FRAME_MAX 96
uint32_t filter_frame_build(const struct flow_key *key, bool swapped, const uint8_t src_mac[6],
	const uint8_t dst_mac[6], uint8_t frame[FILTER_FRAME_MAX]);
// That frame as filter_match() takes it; it is not of a pool.
struct rte_mbuf filter_frame_mbuf(uint8_t frame[FILTER_FRAME_MAX], uint32_t len);
// Does a flow pass, as far as its key tells?
bool filter_match_key(const struct filter *f, const struct flow_key *key, bool swapped,
	const uint8_t src_mac[6], const uint8_t dst_mac[6]);

#endif
