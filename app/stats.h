/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_STATS_H
#define WEIR_APP_STATS_H

#include <stdint.h>

#include <cjson/cJSON.h>

// Add an exact 64-bit number: cJSON's own are doubles.
void json_add_u64(cJSON *object, const char *name, uint64_t v);

#endif
