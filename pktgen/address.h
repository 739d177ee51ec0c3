/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_ADDRESS_H
#define WEIR_PKTGEN_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

// IP addresses, one or many: a range is the first `count` hosts of a prefix.

#define ADDRESS_TEXT_LEN 50  // an IPv6 address with its prefix length

struct address {
	uint8_t bytes[16];  // network order; IPv4 uses the first four, the rest is 0
	uint8_t version;    // 4 or 6
};

struct address_range {
	struct address first;
	uint32_t count;
	char text[ADDRESS_TEXT_LEN];  // as it was written: "10.0.0.0/16", or one address
};

// An address in text form; -EINVAL if it is none.
int address_parse(const char *text, struct address *ret);
char *address_format(const struct address *a, char *buf);  // buf: ADDRESS_TEXT_LEN
int address_compare(const struct address *a, const struct address *b);

/*
 * A prefix "10.0.0.0/16" of the IP version, of which the first count hosts are meant. Hosts are
 * numbered from 1, and the last address (broadcast) is none, where a prefix has more than two
 * addresses. -EINVAL: no such prefix, or bits set behind its length; -ERANGE: it has fewer hosts,
 * with *ret_hosts the number that it has (at most UINT32_MAX).
 */
int address_range_parse(const char *text, uint8_t version, uint32_t count,
	struct address_range *ret, uint32_t *ret_hosts);

// Address number i of the range, i below its count.
struct address address_range_at(const struct address_range *r, uint32_t i);
bool address_range_has(const struct address_range *r, const struct address *a);

#endif
