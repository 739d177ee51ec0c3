/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_PROFILE_FILE_H
#define WEIR_PKTGEN_PROFILE_FILE_H

#include <cjson/cJSON.h>

#include "base/error.h"

// A profile from a file; errors say file and line.

// JSON of the file, and its text for profile_file_line() (both owned by the caller: cJSON_Delete(),
// free()). what: the option or command that names the file, for errors. NULL with err filled.
cJSON *profile_file_read(const char *path, const char *what, char **ret_text, struct error *err);

// The line, from 1, where the member that a field path names stands ("events[1].key"); 1 for one
// that is missing.
unsigned int profile_file_line(const char *text, const char *field);

#endif
