/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_FOLLOW_H
#define WEIR_APP_FOLLOW_H

#include "pipeline.h"

// --follow: the follower of lib/port joined to the store, which remembers what was read, and to the
// merge lcore, which knows what has reached the results.

int follow_open(struct pipeline *p, struct error *err);  // 0 or -errno with err filled

// Say on standard error what is followed, and for how long it is remembered what was read.
void follow_greet(const struct pipeline *p);

// "captures" of stats.get and the report.
void follow_stats_add(struct pipeline *p, cJSON *stats);

#endif
