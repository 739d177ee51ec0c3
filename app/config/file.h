/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_CONFIG_FILE_H
#define WEIR_APP_CONFIG_FILE_H

#include <cjson/cJSON.h>

#include "base/error_list.h"

// A configuration as a file: read whole, written whole or not at all.

struct config_file {
	const char *path;  // the caller's
	char *text;
	cJSON *document;
};

// 0 with *ret filled, else -errno with err filled ("FILE: No such file ...", "FILE:LINE: not JSON ..."). config_file_free().
int config_file_read(const char *path, struct config_file *ret, struct error *err);
void config_file_free(struct config_file *f);

// What is wrong with what the file says, one line with "FILE:LINE: " before it. Returns buf.
const char *config_file_fault(const struct config_file *f, const struct error *fault, char *buf,
	size_t size);

/*
 * Replace the file by this document, by way of a new file beside it that takes its place when it is
 * complete and on disk; only its owner can read it. 0, or -errno with err filled and the old file as
 * it was.
 */
int config_file_write(const char *path, const cJSON *document, struct error *err);

#endif
