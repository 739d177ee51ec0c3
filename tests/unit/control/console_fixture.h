/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_CONTROL_CONSOLE_FIXTURE_H
#define WEIR_TEST_CONTROL_CONSOLE_FIXTURE_H

#include <stdio.h>

#include "console/console.h"
#include "control_fixture.h"

// A console that reads from a pipe and asks a control with the fake application behind it.

struct console_test {
	struct fixture f;
	struct console *console;
	int in[2];            // commands are written to in[1]
	FILE *out;            // what the console printed
	unsigned int quits;
	char text[65536];
};

// cmocka's, for `struct console_test`.
int console_test_setup(void **state);
int console_test_teardown(void **state);

// For consoles of a test's own: `ask`, its argument the control, and `quit`, its argument `quits`.
int console_test_ask(void *control, const char *method, const char *params_json, char **ret_json);
void console_test_quit(void *quits);

// Pipe commands in, up to their end; the output is in t->text.
enum console_end console_test_run(struct console_test *t, const char *commands);
void console_test_holds(const struct console_test *t, const char *text);  // else the test fails

#endif
