/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_CONSOLE_COMMAND_H
#define WEIR_APP_CONSOLE_COMMAND_H

#include "console/console_internal.h"

// Short forms for the tables of commands.

// A fixed word.
#define COMMAND_WORD(id, word) \
	static cmdline_parse_token_string_t id = \
		TOKEN_STRING_INITIALIZER(struct console_words, fixed, word)

// One of several words ("H#T#k#X"), kept in name.
#define COMMAND_CHOICE(id, words) \
	static cmdline_parse_token_string_t id = \
		TOKEN_STRING_INITIALIZER(struct console_words, name, words)

// The rest of the line, kept in value.
#define COMMAND_REST(id) \
	static cmdline_parse_token_string_t id = \
		TOKEN_STRING_INITIALIZER(struct console_words, value, TOKEN_STRING_MULTI)

#define COMMAND(id, function, help, ...) \
	static cmdline_parse_inst_t id = { \
		.f = function, .help_str = help, .tokens = {__VA_ARGS__, NULL}}

#endif
