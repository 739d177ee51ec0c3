/* SPDX-License-Identifier: BSD-3-Clause */
// The console on a terminal: completion, help, history, tables that fit, watch.

#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "console/weir_commands.h"
#include "console_fixture.h"

struct terminal {
	struct console *console;
	enum console_end end;
	pthread_t thread;
	int master, slave;
	char text[32768];  // up to what the last terminal_expect() waited for, and what came after it
	size_t len, seen;
};

static void *
terminal_main(void *arg)
{
	struct terminal *term = arg;

	term->end = console_run(term->console);
	return NULL;
}

// A console on a terminal of so many columns.
static void
terminal_start(struct terminal *term, struct console_test *t, unsigned short columns)
{
	struct console_params p = {.commands = &weir_commands, .ask = console_test_ask,
		.ask_arg = t->f.control, .prompt = "weir> ",
		.quit_help = "stop", .quit = console_test_quit, .arg = &t->quits};
	const struct winsize size = {.ws_col = columns, .ws_row = 24};

	assert_int_equal(openpty(&term->master, &term->slave, NULL, NULL, &size), 0);
	fcntl(term->master, F_SETFL, O_NONBLOCK);
	p.in_fd = p.out_fd = p.err_fd = term->slave;
	term->console = console_create(&p, NULL);
	assert_non_null(term->console);
	assert_int_equal(pthread_create(&term->thread, NULL, terminal_main, term), 0);
}

static void
terminal_end(struct terminal *term)
{
	pthread_join(term->thread, NULL);
	console_free(term->console);
	close(term->master);
	close(term->slave);
}

// Read what the console writes until `until` comes; at most five seconds.
static void
terminal_expect(struct terminal *term, const char *until)
{
	const char *at;

	term->len -= term->seen;
	memmove(term->text, term->text + term->seen, term->len + 1);
	for (int i = 0; i < 500 && strstr(term->text, until) == NULL; i++) {
		ssize_t n = read(term->master, term->text + term->len,
			sizeof(term->text) - term->len - 1);

		if (n > 0)
			term->text[term->len += (size_t)n] = '\0';
		else
			usleep(10000);
	}
	at = strstr(term->text, until);
	if (at == NULL)
		fail_msg("'%s' did not come: %s", until, term->text);
	term->seen = (size_t)(at - term->text) + strlen(until);
}

static void
terminal_type(const struct terminal *term, const char *keys)
{
	assert_int_equal(write(term->master, keys, strlen(keys)), strlen(keys));
}

// Type, and wait for what comes.
static void
terminal_do(struct terminal *term, const char *keys, const char *until)
{
	terminal_type(term, keys);
	terminal_expect(term, until);
}

// On a terminal: prompt, completion of words and of query names, history, quit.
static void
test_terminal(void **state)
{
	struct console_test *t = *state;
	struct terminal term = {0};

	terminal_start(&term, t, 100);
	terminal_expect(&term, "weir> ");
	terminal_do(&term, "show res\tip-\t\n", "12.34 %");
	terminal_do(&term, "set processor k 6\n", "processor is running");
	terminal_do(&term, "set processor k 7\n", "processor is running");
	terminal_do(&term, "\033[A\033[A\n", "processor is running");  // the line before the last
	terminal_type(&term, "quit\n");
	terminal_end(&term);
	assert_int_equal(term.end, CONSOLE_QUIT);
	assert_int_equal(t->f.app.parameters.k, 6);
	assert_int_equal(t->quits, 1);
}

// Every word is explained: words that begin commands, names, methods, what is only described.
static void
test_completion_help(void **state)
{
	struct console_test *t = *state;
	struct terminal term = {0};

	terminal_start(&term, t, 100);
	terminal_expect(&term, "weir> ");
	terminal_do(&term, "\t", "watch  ");
	assert_non_null(strstr(term.text, "del                  query, name, limit\r"));
	terminal_do(&term, "show \t", "methods  ");
	assert_non_null(strstr(term.text, "ledger               every packet by name\r"));
	terminal_do(&term, "result ?", "ip-topk");
	terminal_do(&term, "ip-topk | \t\n", "\"query\":\"ip-topk\"");
	terminal_do(&term, "call processor.s\t", "processor.stop");
	assert_non_null(strstr(term.text, "processor.start      measure\r"));
	terminal_do(&term, "et ?", "its parameters");
	terminal_do(&term, "{\"k\": 8}\n", "weir> ");
	terminal_do(&term, "watch show led\t", "ledger");
	terminal_type(&term, "\n\nquit\n");
	terminal_end(&term);
	assert_int_equal(t->f.app.parameters.k, 8);
}

// Characters of UTF-8 in each line.
static void
fits(const char *text, unsigned int columns)
{
	unsigned int n = 0;

	for (; *text != '\0'; text++) {
		n = *text == '\n' || *text == '\r' ? 0 : n + (((unsigned char)*text & 0xc0) != 0x80);
		if (n > columns)
			fail_msg("more than %u columns before: %s", columns, text);
	}
}

// Tables are as wide as the terminal at most, and a watch paints them over, until Enter or Ctrl-C.
static void
test_watch_terminal(void **state)
{
	struct console_test *t = *state;
	struct terminal term = {0};

	terminal_start(&term, t, 48);
	terminal_expect(&term, "weir> ");
	terminal_do(&term, "show port stats all\n", "weir> ");
	fits(term.text, 48);
	terminal_do(&term, "watch show processor 1\n", "processor is running");
	assert_non_null(strstr(term.text, "\033[2J"));
	terminal_expect(&term, "\033[H");  // the second time
	terminal_do(&term, "\n", "weir> ");
	terminal_do(&term, "watch show queries 60\n", "10 / 1");
	terminal_do(&term, "\003", "weir> ");
	terminal_do(&term, "watch show result nope\n", "no query 'nope'");  // an error ends it
	terminal_expect(&term, "weir> ");
	terminal_type(&term, "quit\n");
	terminal_end(&term);
	assert_int_equal(t->quits, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, console_test_setup, console_test_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_terminal),
		TEST(test_completion_help),
		TEST(test_watch_terminal),
	};

	return cmocka_run_group_tests_name("console_terminal", tests, NULL, NULL);
}
