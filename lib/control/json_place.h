/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_JSON_PLACE_H
#define WEIR_CONTROL_JSON_PLACE_H

#include <stddef.h>

#include <cjson/cJSON.h>

// Where in a JSON text a value stands, for messages about files.

// The line, from 1, that a byte is on.
unsigned int json_line_of(const char *text, const char *at);

/*
 * The line on which the value at `path` ("queries[2].op.k") begins; where there is none, that of the
 * last part of the path that there is.
 *
 * @param text checked by json_scan_check(), NUL terminated
 * @param json the text as cJSON has it
 */
unsigned int json_place_line(const char *text, const cJSON *json, const char *path);

#endif
