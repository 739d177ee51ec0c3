/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_REPORT_H
#define WEIR_PKTGEN_REPORT_H

#include "base/error.h"
#include "generator.h"
#include "latency.h"

// The report of weir-pktgen: one JSON object, a line.

struct report {
	const struct generator_stats *stats;
	double seconds;
	const char *answer_key;  // its totals as JSON, "null" for none
	const char *replay;      // what it was made of as JSON, "null" for none
	const char *profiles;    // what was sent under each profile as JSON; NULL: there is one
	const struct latency_summary *latency;  // of what came back; NULL: not measured
};

// -errno with err filled.
int report_write(const char *path, const struct report *r, struct error *err);

#endif
