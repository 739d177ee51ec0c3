/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_PREFIX_H
#define WEIR_QUERY_PREFIX_H

#include <stdint.h>

// Addresses as numbers, and prefixes as ranges of them. IPv4 addresses are numbers of 32 bits and
// kept apart from IPv6 ones by whoever holds them. Pure functions, any thread.

typedef unsigned __int128 ip_number;

struct range {
	ip_number first;
	ip_number last;
};

// Big endian bytes.
ip_number address_number(const uint8_t *bytes, unsigned int count);

// The addresses that share the first `length` of the `bits` bits of `first`, whose others are 0.
struct range range_of_prefix(ip_number first, unsigned int length, unsigned int bits);

// The prefix length of a range of a prefix.
unsigned int range_prefix_length(const struct range *r, unsigned int bits);

/*
 * "10.0.0.0/8", "2001:db8::/32"; an address alone is a prefix of all its bits.
 *
 * @param text NULL is a fault
 * @param ret_version 4 or 6
 * @return what is wrong in words, or NULL with both results filled
 */
const char *prefix_parse(const char *text, struct range *ret, unsigned int *ret_version);

#endif
