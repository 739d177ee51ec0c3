/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONSOLE_INTERNAL_H
#define WEIR_CONSOLE_INTERNAL_H

#include <stdbool.h>
#include <stdio.h>

#include <cjson/cJSON.h>
#include <cmdline.h>
#include <cmdline_parse.h>
#include <cmdline_parse_string.h>
#include <cmdline_rdline.h>

#include "console/console.h"

// A token that completes to names that are only known while running. It takes any word; whether
// there is such a query or field is for the method to say.
#define CONSOLE_WORDS_MAX 16

struct word_token {
	struct cmdline_token_hdr hdr;  // first: cmdline sees this
	struct console *console;
	unsigned int source;           // in console_commands.words
	cJSON *names;                  // {name: help or null}, asked for when completion begins
};

// The rest of the line, as one value.
struct rest_token {
	struct cmdline_token_hdr hdr;  // first: cmdline sees this
	const char *help;              // what is expected there
};

struct console {
	struct console_params params;
	FILE *out;                     // what commands print on; in memory while a screen is made
	FILE *screen;                  // of params.out_fd
	FILE *err;
	struct cmdline *cmdline;       // parses lines; never reads or writes
	struct rdline *rdline;         // edits lines, while on a terminal
	cmdline_parse_inst_t **insts;  // own copies, whose data is this console
	struct word_token words[CONSOLE_WORDS_MAX];
	struct completion *completions;  // of the key that was pressed last
	unsigned int completion_count;
	int wake_fd;                   // eventfd of console_stop()
	bool quit;
	bool json;                     // of the command that runs: its answer is printed as it came
	bool pending;                  // the next line was read already
	bool watching;
	unsigned int failures;         // commands that failed
	enum console_result result;    // of the command that runs
	enum console_result worst;
	const char *file;              // being run, NULL for the prompt
	unsigned int line;
	cJSON *stats_base;             // the counters at `clear`, NULL: all since the start
	cJSON *ports_base;             // likewise of ports
};

// Results of all commands begin alike, so that word tokens can have one offset: fixed words are
// matched but their text is of no use and goes to the same place.
struct console_fixed {
	cmdline_fixed_string_t text;
};

struct console_words {
	struct console_fixed fixed;
	cmdline_fixed_string_t name;    // a word token or a choice
	char *value;                    // the rest of the line: see console_value()
};

int console_commands_bind(struct console *c);
void console_commands_free(struct console *c);
// Help of the i-th word that complete_get_nb() has just counted; NULL: it has none of its own.
const char *console_word_help(const cmdline_parse_token_hdr_t *hdr, int i);
void console_word_init(struct word_token *t, struct console *c, unsigned int source);

/*
 * Ask and give the result, which the caller deletes. NULL: there is nothing more to print, as the
 * error was told and counted, or (`| json`) the answer has been printed.
 */
cJSON *console_ask(struct console *c, const char *method, const char *params);
// As console_ask() with params {name: value}, where value is taken over.
cJSON *console_ask_with(struct console *c, const char *method, const char *name, cJSON *value);
// As console_ask() with params, which are taken over.
cJSON *console_ask_params(struct console *c, const char *method, cJSON *params);
// Ask and give the answer, or the error object (*ret_rc is its code then), which the caller deletes;
// nothing is printed.
cJSON *console_ask_raw(struct console *c, const char *method, const cJSON *params, int *ret_rc);
// Print what console_ask_raw() gave, as console_ask() would.
void console_answer_tell(struct console *c, const cJSON *answer, int rc);
// Ask quietly, for completion.
cJSON *console_ask_quietly(struct console *c, const char *method);

// The rest of a line without the blanks at its end; gives back text.
char *console_value(char *text);
// JSON where it is JSON, else text.
cJSON *console_json_value(const char *text);

// Report that a call failed, or that what was typed cannot be one.
void console_fail(struct console *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void console_misuse(struct console *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

// Print a table as wide as the terminal, and free it.
struct table;
void console_table(struct console *c, struct table *t);
// Columns and lines of the terminal; 0 if the output goes elsewhere.
void console_size(const struct console *c, unsigned int *ret_columns, unsigned int *ret_rows);

// Wait. true: told to end, or (while watching) by a key or by what comes next.
bool console_wait(struct console *c, unsigned int ms);

// Run a line, which is changed. console_run_line() and the prompt come here.
void console_line(struct console *c, char *line);

// What a command is for: the part of its help after its words.
const char *console_purpose(const cmdline_parse_inst_t *inst);
// Does it only show, so that it can be watched?
bool console_shows(const struct console *c, const char *line);

// Completion, for rdline: see cmdline_complete().
int console_complete(struct console *c, const char *buf, char *dst, unsigned int size, int *state);
void console_completions_free(struct console *c);

// Read commands as they are typed, or line by line. input.c
enum console_end console_input_run(struct console *c);

#endif
