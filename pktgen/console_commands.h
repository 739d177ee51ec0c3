/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_CONSOLE_COMMANDS_H
#define WEIR_PKTGEN_CONSOLE_COMMANDS_H

#include "console/command.h"

// The commands of weir-pktgen -i: thin forms of the methods of session.h.
extern const struct console_commands pktgen_commands;

// Words that are completed with what there is.
enum pktgen_word {
	WORD_FIELD = CONSOLE_WORD_FIRST,  // fields of the profile by their paths
	WORD_COUNT,
};

extern const struct console_word pktgen_words[WORD_COUNT];

// A list for each group, NULL at the end.
extern cmdline_parse_inst_t *pktgen_cmds_run[];
extern cmdline_parse_inst_t *pktgen_cmds_show[];
extern cmdline_parse_inst_t *pktgen_cmds_profile[];

// Counters of generator.get since `clear stats`, as a table.
void pktgen_stats_table(struct console *c, cJSON *counters);

#endif
