/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_COMMAND_LINE_H
#define WEIR_APP_COMMAND_LINE_H

#include <stdbool.h>

#include "options.h"

// The command line as a table of options: --help and the parser both come from it. What options mean
// together, and with a configuration, is in options.c.

// Walk the arguments and bring them into o, or (early) only those that decide the defaults of others.
// 0, or -EINVAL with a line in err that names the option, what was found and what is allowed.
int command_line_apply(int argc, char **argv, bool early, struct options *o, struct error *err);

void command_line_usage(void);  // prints --help

#endif
