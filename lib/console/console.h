/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONSOLE_H
#define WEIR_CONSOLE_H

#include <stdbool.h>

#include "base/error.h"

// A prompt, in the manner of testpmd. Commands are the program's; they are thin forms of methods: each
// asks for one and prints the answer as a table, or with `| json` as it is. On a terminal there
// is line editing, history and completion; anything else is read line by line, so that commands can
// be piped in. Whom it asks is for the caller to say: the program itself, in whose process it is (weir -i,
// weir-pktgen -i), or a Weir that runs elsewhere (weirctl).

struct console;
struct console_commands;  // command.h

// What console_params.ask gives beside the codes of JSON-RPC (control/control.h).
#define CONSOLE_ASK_NO_CONNECTION (-1)
#define CONSOLE_ASK_NOT_ALLOWED (-2)
#define CONSOLE_ASK_INTERRUPTED (-3)  // console_stop() was the reason; there is nothing to tell

struct console_params {
	const struct console_commands *commands;
	/*
	 * Call a method and wait for the answer, as control_call() does: 0 with *ret_json the result,
	 * else a negative code with *ret_json the error object; text is malloc()ed, NULL out of memory.
	 * On the thread that runs commands.
	 */
	int (*ask)(void *ask_arg, const char *method, const char *params_json, char **ret_json);
	void *ask_arg;
	int in_fd;    // -1: nothing is read; none of the three is closed by the console
	int out_fd;
	int err_fd;   // of errors; out_fd: they come among the output
	bool json;    // as if `| json` were at the end of every command
	const char *prompt;
	const char *quit_help;    // what `quit` does
	void (*quit)(void *arg);  // called by the command `quit`, on the console's thread; may be NULL
	void *arg;
};

// NULL with err filled. Does not touch the terminal yet.
struct console *console_create(const struct console_params *p, struct error *err);
void console_free(struct console *c);

enum console_end {
	CONSOLE_QUIT,     // the command `quit`
	CONSOLE_EOF,      // end of the input; on a terminal Ctrl-D
	CONSOLE_STOPPED,  // console_stop()
};

// Read commands until one of these ends. On a thread of its own: never the control thread. The
// terminal is as it was afterwards.
enum console_end console_run(struct console *c);

// Any thread: console_run() returns soon, even while it waits for a key.
void console_stop(struct console *c);

// How a command went; the numbers are weirctl's exit statuses.
enum console_result {
	CONSOLE_DONE,
	CONSOLE_FAILED,         // the call failed, its error was told
	CONSOLE_MISUSED,        // no such command, or its arguments are not what it takes
	CONSOLE_NO_CONNECTION,
	CONSOLE_NOT_ALLOWED,    // no or wrong credentials, or not for this role
	CONSOLE_INTERRUPTED = 130,  // as shells call what SIGINT ended
};

// Run one command as typed, without a prompt.
enum console_result console_run_line(struct console *c, const char *line);

// What may come at the end of a line, each word once with its help; what Tab offers. Names that only
// whoever is asked knows are left out where that does not answer.
void console_candidates(struct console *c, const char *line,
	void (*each)(void *arg, const char *word, const char *help), void *arg);

// The worst that happened to a command so far.
enum console_result console_worst(const struct console *c);

// Run a command that shows something every period_s seconds, until console_stop() or, where commands
// are typed, a key or line comes. false: it failed, as was told.
bool console_watch(struct console *c, const char *line, unsigned int period_s);

/*
 * Run the commands of a file, one a line; `#` begins a comment. A command that fails is reported
 * as "FILE:LINE: text" on the console's output and the next one runs, as in testpmd. Any thread
 * but the control thread, while control_run() runs and not together with console_run().
 *
 * @return the number of commands that failed, or -errno with err filled when the file cannot be
 *   read
 */
int console_run_file(struct console *c, const char *path, struct error *err);

#endif
