/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_LIMIT_STATS_H
#define WEIR_QUERY_LIMIT_STATS_H

#include <stdint.h>

// What the limits table does and takes.
struct limit_stats {
	uint32_t rows;
	uint32_t watched;  // limits of which a row holds
	uint32_t raised;
	uint64_t bytes;
};

#endif
