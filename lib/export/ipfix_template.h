/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_EXPORT_IPFIX_TEMPLATE_H
#define WEIR_EXPORT_IPFIX_TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

#include "export/ipfix.h"
#include "flow/flow.h"

/*
 * The templates of flow records. A flow's shape says which fields its record has: the IP version,
 * whether there were packets in both directions, whether the link has MAC addresses, and how many
 * VLAN tags it can show (none, one, two). Each shape is a template, all of them made from one table
 * of fields, and the template's number is the shape.
 *
 *   bit 0  IPv6    bit 1  both directions    bit 2  MAC addresses    from bit 3 on  VLAN tags, 0 to 2
 */
#define IPFIX_SHAPE_IPV6 1U
#define IPFIX_SHAPE_BIFLOW 2U
#define IPFIX_SHAPE_MAC 4U
#define IPFIX_SHAPE_VLAN_SHIFT 3
#define IPFIX_SHAPES 24U

// Largest record and largest template of all shapes: bounds for buffers, proven by a test.
#define IPFIX_RECORD_MAX 256
#define IPFIX_TEMPLATE_MAX 320

// Shape of a flow's record. Any thread; f is a copy of a flow with at least one packet.
unsigned int ipfix_shape(const struct flow *f);

// Bytes of a record, and of a template record with its header of 4 bytes.
size_t ipfix_record_bytes(unsigned int shape);
size_t ipfix_template_bytes(unsigned int shape);

// Write at `at`, which has room for that many bytes; give the end of what was written.
uint8_t *ipfix_record_put(uint8_t *at, unsigned int shape, const struct flow *f);
uint8_t *ipfix_template_put(uint8_t *at, unsigned int shape);

/*
 * Microseconds since 1970 as dateTimeMicroseconds (RFC 7011 section 6.1.9): an NTP time stamp, seconds
 * since 1900 and a fraction, whose lowest 11 bits are 0. The fraction is rounded up, so that readers who
 * cut and readers who round find the same microsecond again.
 */
uint64_t ipfix_ntp_time(uint64_t us);

#endif
