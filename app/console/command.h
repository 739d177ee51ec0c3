/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_CONSOLE_COMMAND_H
#define WEIR_APP_CONSOLE_COMMAND_H

#include <stddef.h>

#include "console/console_internal.h"

// Short forms for the tables of commands.

extern struct cmdline_token_ops console_any_ops, console_rest_ops;

// A fixed word.
#define COMMAND_WORD(id, word) \
	static cmdline_parse_token_string_t id = \
		TOKEN_STRING_INITIALIZER(struct console_words, fixed, word)

// One of several words ("H#T#k#X"), kept in name.
#define COMMAND_CHOICE(id, words) \
	static cmdline_parse_token_string_t id = \
		TOKEN_STRING_INITIALIZER(struct console_words, name, words)

// Any one word, kept in name; help says what is expected.
#define COMMAND_ANY(id, text) \
	static struct rest_token id = {{&console_any_ops, offsetof(struct console_words, name)}, text}

// The rest of the line, kept in value; help says what is expected.
#define COMMAND_REST(id, text) \
	static struct rest_token id = {{&console_rest_ops, offsetof(struct console_words, value)}, text}

#define COMMAND(id, function, help, ...) \
	static cmdline_parse_inst_t id = { \
		.f = function, .help_str = help, .tokens = {__VA_ARGS__, NULL}}

#endif
