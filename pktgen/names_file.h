/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_NAMES_FILE_H
#define WEIR_PKTGEN_NAMES_FILE_H

#include "base/error.h"
#include "generator.h"

// The names of a replay's addresses as a file: one JSON object {address: name}, which is what the
// configuration's `names` and names.set take. -errno with err filled.
int names_file_write(const char *path, const struct generator *g, struct error *err);

#endif
