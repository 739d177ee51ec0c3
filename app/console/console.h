/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_CONSOLE_H
#define WEIR_APP_CONSOLE_H

#include "base/error.h"
#include "control/control.h"

// The prompt `weir> `, in the manner of testpmd. Commands are thin forms of the control methods:
// each makes one control_call() and prints the answer as a table. On a terminal there is line
// editing, history and completion; anything else is read line by line, so that commands can be
// piped in.

struct console;

struct console_params {
	struct control *control;
	int in_fd;    // not closed by the console
	int out_fd;   // not closed by the console
	void (*quit)(void *arg);  // called by the command `quit`, on the console's thread
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
