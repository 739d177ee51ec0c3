/* SPDX-License-Identifier: BSD-3-Clause */
#include "console_commands.h"

// All groups of commands in the order of `help`.

static cmdline_parse_inst_t **const groups[] = {
	console_cmds_help,
	console_cmds_quit,
	pktgen_cmds_run,
	pktgen_cmds_show,
	pktgen_cmds_profile,
	console_cmds_watch,
	NULL,
};

static const char *const shows[] = {"show ", NULL};

const struct console_commands pktgen_commands = {
	.groups = groups,
	.words = pktgen_words,
	.word_count = WORD_COUNT,
	.shows = shows,
	.shows_text = "show ...",
};
