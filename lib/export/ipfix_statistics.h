/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_EXPORT_IPFIX_STATISTICS_H
#define WEIR_EXPORT_IPFIX_STATISTICS_H

#include <stdint.h>

#include "export/ipfix.h"

// What the exporting process says of itself: the reliability statistics of RFC 7011 section 4.3,
// and beside them what was sent. Totals since the start of the process.
struct ipfix_statistics {
	uint32_t process_id;
	uint64_t messages, records, octets;   // sent
	uint64_t lost_records;                // flow records that could not be sent,
	uint64_t lost_packets, lost_octets;   // and what those flows had (octets of layer 3)
	uint64_t lost_first_ms, lost_last_ms; // when; 0 if none was lost
};

#define IPFIX_STATISTICS_FIELDS 9
#define IPFIX_STATISTICS_RECORD (4 + 8 * 8)
#define IPFIX_STATISTICS_TEMPLATE (6 + 4 * IPFIX_STATISTICS_FIELDS)

// Write the options template record, the data record; at has room for the bytes above.
uint8_t *ipfix_statistics_template_put(uint8_t *at, uint16_t template_id);
uint8_t *ipfix_statistics_put(uint8_t *at, const struct ipfix_statistics *s);

#endif
