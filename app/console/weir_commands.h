/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_CONSOLE_WEIR_COMMANDS_H
#define WEIR_APP_CONSOLE_WEIR_COMMANDS_H

#include "console/command.h"

// The commands of weir -i and weirctl.
extern const struct console_commands weir_commands;

// Words that are completed with what Weir knows.
enum word_source {
	WORD_QUERY = CONSOLE_WORD_FIRST,  // names of queries
	WORD_GENERATOR_FIELD,  // fields of the profile, and "rate"
	WORD_NAMED_KEY,        // keys that have a name
	WORD_LIMIT,            // names of limits
	WORD_METHOD,           // methods that can be called
	WORD_KEY,              // keys that queries group by
	WORD_CONFIG_FIELD,     // fields of the configuration, "flow.idle_timeout_s"
	WORD_SOURCES,
};

extern const struct console_word weir_words[WORD_SOURCES];

// A list for each group, NULL at the end.
extern cmdline_parse_inst_t *console_cmds_call[];
extern cmdline_parse_inst_t *console_cmds_processor[];
extern cmdline_parse_inst_t *console_cmds_generator[];
extern cmdline_parse_inst_t *console_cmds_calibrate[];
extern cmdline_parse_inst_t *console_cmds_traffic[];
extern cmdline_parse_inst_t *console_cmds_query[];
extern cmdline_parse_inst_t *console_cmds_results[];
extern cmdline_parse_inst_t *console_cmds_names[];
extern cmdline_parse_inst_t *console_cmds_limits[];
extern cmdline_parse_inst_t *console_cmds_alerts[];
extern cmdline_parse_inst_t *console_cmds_config[];
extern cmdline_parse_inst_t *console_cmds_daily[];
extern cmdline_parse_inst_t *console_cmds_flows[];
extern cmdline_parse_inst_t *console_cmds_log[];
extern cmdline_parse_inst_t *console_cmds_system[];

#endif
