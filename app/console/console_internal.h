/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_CONSOLE_INTERNAL_H
#define WEIR_APP_CONSOLE_INTERNAL_H

#include <stdbool.h>
#include <stdio.h>

#include <cjson/cJSON.h>
#include <cmdline.h>
#include <cmdline_parse.h>
#include <cmdline_parse_string.h>

#include "console/console.h"

// A token that completes to names that are only known while running. It takes any word; whether
// there is such a query or field is for the method to say.
enum word_source {
	WORD_QUERY,            // names of queries
	WORD_GENERATOR_FIELD,  // fields of the profile, and "rate"
	WORD_NAMED_KEY,        // keys that have a name
	WORD_SOURCES,
};

struct word_token {
	struct cmdline_token_hdr hdr;  // first: cmdline sees this
	struct console *console;
	enum word_source source;
	cJSON *names;                  // array of strings, asked for when completion begins
};

struct console {
	struct console_params params;
	FILE *out;
	struct cmdline *cmdline;
	cmdline_parse_inst_t **insts;  // own copies, whose data is this console
	struct word_token words[WORD_SOURCES];
	int wake_fd;                   // eventfd of console_stop()
	bool quit;
	unsigned int failures;         // commands that failed
	const char *file;              // being run, NULL for the prompt
	unsigned int line;
};

// Commands, a list for each group, NULL at the end.
extern cmdline_parse_inst_t *console_cmds_general[];
extern cmdline_parse_inst_t *console_cmds_processor[];
extern cmdline_parse_inst_t *console_cmds_generator[];
extern cmdline_parse_inst_t *console_cmds_calibrate[];
extern cmdline_parse_inst_t *console_cmds_traffic[];
extern cmdline_parse_inst_t *console_cmds_query[];
extern cmdline_parse_inst_t *console_cmds_names[];
extern cmdline_parse_inst_t *console_cmds_limits[];
extern cmdline_parse_inst_t *console_cmds_config[];
extern cmdline_parse_inst_t *console_cmds_daily[];
extern cmdline_parse_inst_t *console_cmds_flows[];

// In a command's tokens they stand for the console's own word token of that source; the offset
// is where the word goes.
extern cmdline_parse_token_hdr_t console_word_marks[WORD_SOURCES];

// Results of all commands begin alike, so that word tokens can have one offset: fixed words are
// matched but their text is of no use and goes to the same place.
struct console_fixed {
	cmdline_fixed_string_t text;
};

struct console_words {
	struct console_fixed fixed;
	cmdline_fixed_string_t name;    // a word token or a choice
	cmdline_multi_string_t value;   // the rest of the line
};

int console_commands_bind(struct console *c);
void console_commands_free(struct console *c);
void console_word_init(struct word_token *t, struct console *c, enum word_source source);

// Ask and give the result, which the caller deletes. NULL: the error was printed and counted.
cJSON *console_ask(struct console *c, const char *method, const char *params);
// As console_ask() with params {name: value}, where value is taken over.
cJSON *console_ask_with(struct console *c, const char *method, const char *name, cJSON *value);
// Ask and give the answer, or the error object (*ret_rc is its code then), which the caller deletes;
// nothing is printed.
cJSON *console_ask_raw(struct console *c, const char *method, const cJSON *params, int *ret_rc);
// Ask quietly, for completion.
cJSON *console_ask_quietly(struct console *c, const char *method);

// Cut blanks off the end of the rest of a line; gives back text.
char *console_value(char *text);

// Report that a command failed.
void console_fail(struct console *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
