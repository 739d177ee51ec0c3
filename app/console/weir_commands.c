/* SPDX-License-Identifier: BSD-3-Clause */
#include "console/weir_commands.h"

// All groups of commands in the order of `help`.

static cmdline_parse_inst_t **const groups[] = {
	console_cmds_help,
	console_cmds_call,
	console_cmds_quit,
	console_cmds_processor,
	console_cmds_generator,
	console_cmds_calibrate,
	console_cmds_traffic,
	console_cmds_query,
	console_cmds_results,
	console_cmds_names,
	console_cmds_limits,
	console_cmds_alerts,
	console_cmds_config,
	console_cmds_daily,
	console_cmds_flows,
	console_cmds_log,
	console_cmds_system,
	console_cmds_watch,
	NULL,
};

static const char *const shows[] = {"show ", "top ", "preview ", NULL};

_Static_assert(WORD_SOURCES <= CONSOLE_WORDS_MAX, "more words than a console has");

const struct console_commands weir_commands = {
	.groups = groups,
	.words = weir_words,
	.word_count = WORD_SOURCES,
	.shows = shows,
	.shows_text = "show ..., top ... or preview ...",
};
