/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_LIMIT_BUILD_H
#define WEIR_TEST_LIMIT_BUILD_H

#include "pane_build.h"
#include "query/limit_table.h"

// What the tests of the limits table share.

#define PANE_US 1000000
#define T0 1795651200  // 2026-11-26

// A limit that nothing satisfies while there is no traffic.
#define QUIET "[{\"limit_name\":\"quiet\",\"destination\":\"192.0.2.0/24\",\"min_bytes\":1," \
	"\"window_s\":3}]"

// A table from JSON, which has to be right.
struct limit_table *limit_table_build(const char *text);
// Only IPv4: i is a multiple of 3. See address_set().
static inline uint32_t
limit_address(uint32_t i)
{
	return i * 3;
}

// Up to eleven deltas between the first 24 of these addresses; pane 0 is not without.
struct pane *limit_pane_random(struct random *r, uint64_t index);
// Results of queries are not looked at.
void alerts_only(struct collect *out);

#endif
