/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_FLOW_LOG_H
#define WEIR_PKTGEN_FLOW_LOG_H

#include <stdint.h>

#include "base/error.h"
#include "flow_log_names.h"
#include "replay_spec.h"

// Flow records of a file or folder, one line each (flow_log_line.h), plain or compressed with gzip
// or zstd. All that can be sent are kept, about 200 bytes each with what the generator needs
// besides; those that cannot are counted by the reason, and nothing is changed to make them fit.

#define FLOW_LOG_RECORDS_MAX 1048576u

enum flow_log_refusal {
	FLOW_LOG_PROTOCOL,   // neither TCP, UDP nor ICMP
	FLOW_LOG_VERSIONS,   // an IPv4 and an IPv6 address, or ICMP of the other version
	FLOW_LOG_EMPTY,      // no packets
	FLOW_LOG_TOO_SHORT,  // fewer bytes than the packets have at least
	FLOW_LOG_TOO_LONG,   // more bytes than the packets can have
	FLOW_LOG_REFUSALS,
};

extern const char *const flow_log_refusal_names[FLOW_LOG_REFUSALS];

struct flow_log_record {
	uint64_t start_ns;
	uint64_t duration_ns;
	uint64_t bytes[2];    // from the source, from the destination; the same below
	uint32_t packets[2];
	uint32_t device[2];
	uint32_t port[2];     // as flow_log_line.h; after reading plain ones
	uint32_t number;      // in the order of reading
	uint8_t protocol;
};

struct flow_log {
	struct flow_log_record *records;  // sorted by start, then by number
	uint32_t count;
	uint32_t room;
	uint64_t packets;  // of all records
	uint64_t refused[FLOW_LOG_REFUSALS];
	struct flow_log_names names;
};

// Control thread; takes as long as reading takes. NULL with err filled: a file or line that is
// none (file, line, column), too many records, or none that can be sent.
struct flow_log *flow_log_read(const struct replay_spec *spec, struct error *err);
void flow_log_free(struct flow_log *l);

#endif
