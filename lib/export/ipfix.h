/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_EXPORT_IPFIX_H
#define WEIR_EXPORT_IPFIX_H

#include <stdint.h>

// IPFIX on the wire (RFC 7011 section 3): a message is a header of 16 bytes and sets; a set is a
// header of 4 bytes (id, length with the header) and records. All numbers are in network order.

#define IPFIX_VERSION 10
#define IPFIX_MESSAGE_HEADER 16  // version 2, length 2, export time 4, sequence 4, domain 4
#define IPFIX_SET_HEADER 4
#define IPFIX_TEMPLATE_SET 2
#define IPFIX_OPTIONS_TEMPLATE_SET 3
#define IPFIX_TEMPLATE_FIRST 256  // data sets carry their template's id; below are reserved ones

// RFC 5103 section 6.1: the enterprise number that turns an IANA element into the one of the reverse
// direction. An element with an enterprise number has the top bit of its id set.
#define IPFIX_PEN_REVERSE 29305
#define IPFIX_ENTERPRISE_BIT 0x8000

static inline uint8_t *
ipfix_put8(uint8_t *at, uint8_t v)
{
	*at = v;
	return at + 1;
}

static inline uint8_t *
ipfix_put16(uint8_t *at, uint16_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
	return at + 2;
}

static inline uint8_t *
ipfix_put32(uint8_t *at, uint32_t v)
{
	return ipfix_put16(ipfix_put16(at, (uint16_t)(v >> 16)), (uint16_t)v);
}

static inline uint8_t *
ipfix_put64(uint8_t *at, uint64_t v)
{
	return ipfix_put32(ipfix_put32(at, (uint32_t)(v >> 32)), (uint32_t)v);
}

#endif
