/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_CONFIG_H
#define WEIR_APP_CONFIG_H

#include "options.h"

// Read a configuration file (interfaces.md section 6) into o. The document stays in o->document,
// which owns the strings that were taken from it. 0, or -errno with a line "file:line: field: what
// was found, what is allowed".
int config_load(const char *path, struct options *o, struct error *err);

#endif
