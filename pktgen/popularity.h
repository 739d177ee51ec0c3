/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_POPULARITY_H
#define WEIR_PKTGEN_POPULARITY_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"

// How the packets are spread over the flows: each flow has a mass, its part of all packets.

enum popularity_type {
	POPULARITY_UNIFORM,  // every flow the same
	POPULARITY_ZIPF,     // flow of rank r in proportion to r to the power of -s
	POPULARITY_PARETO,   // masses spread like the values of a Pareto distribution
};

struct popularity {
	enum popularity_type type;
	double s;      // exponent of Zipf
	double alpha;  // shape of Pareto
};

int popularity_read(struct popularity *inout, const cJSON *item, struct error *err);
cJSON *popularity_json(const struct popularity *p);

// The masses of n flows by falling rank; they sum to 1.
void popularity_masses(const struct popularity *p, uint32_t n, double *ret_masses);

#endif
