/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_WEIRCTL_COMPLETE_H
#define WEIR_APP_WEIRCTL_COMPLETE_H

#include "console/console.h"

// What a shell completes a command line of weirctl with (config/weirctl.bash): words of the console's
// commands from their table, and names that the running Weir knows, if it answers.

// Print what may come at the end of a line of command words, one a line: the word, a tab, its help.
void complete_print(struct console *c, const char *line);

#endif
