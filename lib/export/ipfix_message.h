/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_EXPORT_IPFIX_MESSAGE_H
#define WEIR_EXPORT_IPFIX_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "export/ipfix_statistics.h"
#include "export/ipfix_template.h"

// One IPFIX message while it is filled and waits. Its header is written when it is sent: export time
// and sequence number are not known before, as a new TCP connection counts from 0 again.

#define IPFIX_MESSAGE_MAX 1472  // what fits a datagram on Ethernet with IPv4
#define IPFIX_MESSAGE_MIN 512   // any template fits, and some records

// Templates are numbered by shape; the options template of statistics comes after them.
#define IPFIX_TEMPLATE_STATISTICS IPFIX_SHAPES
#define IPFIX_TEMPLATE_BIT(number) (UINT32_C(1) << (number))

struct ipfix_message {
	uint32_t templates;   // bits of the templates: needed by data records, or defined here
	uint32_t records;     // data records, options ones too
	uint64_t packets;     // of the flows in it
	uint64_t octets;      // layer 3
	uint32_t len, limit;  // bytes
	uint32_t set_at;      // offset of the set that is being filled; 0: none
	uint16_t set_id;
	uint8_t data[IPFIX_MESSAGE_MAX];
};

// Begin an empty message of at most `limit` bytes, IPFIX_MESSAGE_MIN to IPFIX_MESSAGE_MAX.
void ipfix_message_begin(struct ipfix_message *m, size_t limit);

static inline bool
ipfix_message_is_empty(const struct ipfix_message *m)
{
	return m->len == IPFIX_MESSAGE_HEADER;
}

// Append; false if it does not fit any more, with the message as it was.
bool ipfix_message_add_flow(struct ipfix_message *m, const struct flow *f);
bool ipfix_message_add_statistics(struct ipfix_message *m, const struct ipfix_statistics *s);

// Append as many of these templates as fit; those that do are in m->templates afterwards.
void ipfix_message_add_templates(struct ipfix_message *m, uint32_t templates);

// Write the header: length, export time in seconds since 1970, sequence number, observation domain.
void ipfix_message_stamp(struct ipfix_message *m, uint32_t time_s, uint32_t sequence,
	uint32_t domain);

#endif
