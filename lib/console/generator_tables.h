/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONSOLE_GENERATOR_TABLES_H
#define WEIR_CONSOLE_GENERATOR_TABLES_H

#include <cjson/cJSON.h>

// What Weir and weir-pktgen both show of a generator.

struct console;

// Fields and values of a profile.
void console_profile_table(struct console *c, const cJSON *profile);
// {"packets": N, "p50_us": R, ...}, as latency_write() gives it.
void console_latency_table(struct console *c, const cJSON *latency);

#endif
