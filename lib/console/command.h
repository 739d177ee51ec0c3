/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONSOLE_COMMAND_H
#define WEIR_CONSOLE_COMMAND_H

#include <stddef.h>

#include "console/console_internal.h"

// What a program's commands are made of.

// Numbers of words: the console's own, and the first one of a program.
enum {
	CONSOLE_WORD_COMMAND,  // first words of commands
	CONSOLE_WORD_FIRST,
};

// Words that are only known while running.
struct console_word {
	// Calls console_word_add() for each; on the thread that runs commands.
	void (*collect)(struct word_token *t);
	const char *help;  // what is expected there
};

// What a console can do. Constant tables, which outlive it.
struct console_commands {
	cmdline_parse_inst_t **const *groups;  // lists in the order of `help`; NULL at the end
	const struct console_word *words;      // by number, from CONSOLE_WORD_FIRST on
	unsigned int word_count;               // of numbers, at most CONSOLE_WORDS_MAX
	const char *const *shows;              // how commands begin that only show; NULL at the end
	const char *shows_text;                // the same, for a person
};

// The commands that every console has; each list is a group.
extern cmdline_parse_inst_t *console_cmds_help[];
extern cmdline_parse_inst_t *console_cmds_quit[];
extern cmdline_parse_inst_t *console_cmds_watch[];

// In a command's tokens they stand for the console's own word token of that number; the offset is
// where the word goes.
extern cmdline_parse_token_hdr_t console_word_marks[CONSOLE_WORDS_MAX];

// A word that may come. help: NULL where there is none of its own. One that is there already stays.
void console_word_add(struct word_token *t, const char *name, const char *help);
// Of an array of objects, what two of their members say.
void console_word_add_members(struct word_token *t, const cJSON *array, const char *member,
	const char *help);

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
