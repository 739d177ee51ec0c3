/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_FLOW_LOG_LINE_H
#define WEIR_PKTGEN_FLOW_LOG_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

// One flow record in text, in the form of the Unified Host and Network Data Set (Turcotte, Kent and
// Hash, 2017): eleven comma separated columns without quotes, or a JSON object with members of
// the same names. Ports are numbers, or "Port" and up to five digits: a number that stands for a
// port without telling which.

#define FLOW_LOG_LINE_MAX 4096   // bytes of a line
#define FLOW_LOG_NAME_LEN 64     // of a device, with its NUL
#define FLOW_LOG_PACKETS_MAX UINT64_C(4294967295)
#define FLOW_LOG_BYTES_MAX UINT64_C(1000000000000000)
#define FLOW_LOG_PORT_NAMED 0x10000u  // and above: stands for a port
#define FLOW_LOG_PORT_NAMES 100000u

struct flow_log_line {
	uint64_t time_ns;
	uint64_t duration_ns;
	char device[2][FLOW_LOG_NAME_LEN];  // source, destination; the same below
	uint32_t port[2];     // a port, or FLOW_LOG_PORT_NAMED + the number in its name
	uint64_t packets[2];  // that each sent
	uint64_t bytes[2];
	uint8_t protocol;     // number of the IP protocol
};

// True for a first line that says the names of the columns instead.
bool flow_log_line_is_header(const char *text);

/*
 * Read a line.
 * @param text without its end of line; is overwritten
 * @return -EINVAL with a line in err that names the column
 */
int flow_log_line_parse(char *text, struct flow_log_line *ret, struct error *err);

#endif
