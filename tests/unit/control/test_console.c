/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "console/console.h"
#include "console/table.h"
#include "control_fixture.h"

struct console_test {
	struct fixture f;
	struct console *console;
	int in[2];            // commands are written to in[1]
	FILE *out;            // what the console printed
	unsigned int quits;
	char text[65536];
};

static void
quit_count(void *arg)
{
	(*(unsigned int *)arg)++;
}

static int
fixture_ask(void *arg, const char *method, const char *params_json, char **ret_json)
{
	return control_call(arg, method, params_json, ret_json);
}

static int
setup(void **state)
{
	static const struct control_params no_listen = {.listen = false};
	struct console_test *t = calloc(1, sizeof(*t));
	struct console_params p = {.ask = fixture_ask, .prompt = "weir> ", .quit_help = "stop",
		.quit = quit_count};

	*state = t;
	t->out = tmpfile();
	if (fixture_start(&t->f, &no_listen) != 0 || pipe(t->in) != 0 || t->out == NULL)
		return -1;
	p.ask_arg = t->f.control;
	p.arg = &t->quits;
	p.in_fd = t->in[0];
	p.out_fd = p.err_fd = fileno(t->out);
	t->console = console_create(&p, NULL);
	return t->console == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	struct console_test *t = *state;

	console_free(t->console);
	fixture_stop(&t->f);
	close(t->in[0]);
	if (t->in[1] >= 0)
		close(t->in[1]);
	fclose(t->out);
	free(t);
	return 0;
}

// Pipe commands in, up to their end; the output is in t->text.
static enum console_end
run(struct console_test *t, const char *commands)
{
	enum console_end end;
	size_t n;

	assert_int_equal(write(t->in[1], commands, strlen(commands)), strlen(commands));
	close(t->in[1]);
	t->in[1] = -1;
	end = console_run(t->console);
	rewind(t->out);
	n = fread(t->text, 1, sizeof(t->text) - 1, t->out);
	t->text[n] = '\0';
	return end;
}

static void
holds(const struct console_test *t, const char *text)
{
	if (strstr(t->text, text) == NULL)
		fail_msg("'%s' is not in:\n%s", text, t->text);
}

// Names come from traffic: no control gets through, those of one byte nor those of UTF-8.
static void
test_table_controls(void **state)
{
	struct table t;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	table_start(&t, "name");
	table_text(&t, "a\033[2Jb\xc2\x9b" "2Jc\xc3\xa9");
	table_end(&t, out, 0);
	fclose(out);
	assert_non_null(strstr(text, "a?[2Jb??2Jc\xc3\xa9"));
	free(text);
}

static void
test_shows(void **state)
{
	struct console_test *t = *state;

	assert_int_equal(run(t, "help\nshow port stats all\nshow ledger\nshow lcores\n"
		"show workers\nshow flows by first filter udp port 53\n"
		"show query all\nshow result ip-topk\nshow generator\nshow processor"), CONSOLE_EOF);
	holds(t, "set processor H|T|k|X N");
	holds(t, "port 0 net_ring0 (net_ring), 1 queue, link up");
	holds(t, "1,234,567");
	holds(t, "discarded: arp");
	holds(t, "0.046 %");
	holds(t, "1.00 Mpps");
	holds(t, "25.0 %");
	holds(t, "98,765");
	holds(t, "8,703");
	holds(t, "75.0 %");
	holds(t, "busiest worker over mean: 1.50 in all, 1.25 in the last pane");
	holds(t, "2001:db8:1111:2222:3333:4444:5555:6666 port 40000 - 192.0.2.77 port 443");
	holds(t, "1 shown of 2 that match, of 3 flows");
	holds(t, "10.0.0.1:1234");
	holds(t, "192.0.2.7:443");
	holds(t, "topk k=10");
	holds(t, "10 / 1 s");
	holds(t, "10.1.2.3");
	holds(t, "12.34 %");
	holds(t, "2025-11-26T");
	holds(t, "generator is stopped");
	holds(t, "processor is running");
	if (strstr(t->text, "error:") != NULL)
		fail_msg("%s", t->text);
}

static void
test_sets(void **state)
{
	struct console_test *t = *state;

	assert_int_equal(run(t, "set processor k 5\nset processor H 12.5 # a comment\nstop\n"
		"# nothing\n\nset generator rate 2mpps\nset generator size {\"type\": \"imix\"}\n"
		"start generator\nquit\nset processor k 7\n"), CONSOLE_QUIT);
	if (strstr(t->text, "error:") != NULL)
		fail_msg("%s", t->text);
	assert_int_equal(t->f.app.parameters.k, 5);
	assert_true(t->f.app.parameters.H == 12.5);
	assert_false(t->f.app.running);
	assert_true(t->f.app.rate_pps == 2e6);
	assert_true(t->f.app.generator_running);
	assert_int_equal(t->quits, 1);
}

static void
test_errors(void **state)
{
	struct console_test *t = *state;

	assert_int_equal(run(t, "set processor k 10.5\nset processor k many\nset processor Z 1\n"
		"set generator rate fast\nset generator colour red\nshow result nope\nfly\nshow\n"
		"show ledger now\n"), CONSOLE_EOF);
	holds(t, "error: k: found 10.5, allowed: an integer 1 to 1000");
	holds(t, "error: k: found \"many\"");
	holds(t, "error: rate: found 'fast'");
	holds(t, "error: colour: unknown field");
	holds(t, "error: query: no query 'nope'");
	holds(t, "error: no such command: fly");
	assert_int_equal(t->f.app.parameters.k, 10);
}

static void
test_file(void **state)
{
	struct console_test *t = *state;
	char path[] = "/tmp/weir-console-test-XXXXXX", expected[128];
	static const char commands[] = "set processor k 4\r\n# comment\nset processor k 0\nnonsense\n"
		"set processor T 30\n";
	struct error err = {0};
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, commands, sizeof(commands) - 1), sizeof(commands) - 1);
	close(fd);
	assert_int_equal(console_run_file(t->console, path, &err), 2);
	unlink(path);
	run(t, "");
	snprintf(expected, sizeof(expected), "%s:3: k: found 0", path);
	holds(t, expected);
	snprintf(expected, sizeof(expected), "%s:4: no such command", path);
	holds(t, expected);
	assert_int_equal(t->f.app.parameters.k, 4);
	assert_int_equal(t->f.app.parameters.T, 30);
	assert_int_equal(console_run_file(t->console, "/nonexistent/x", &err), -ENOENT);
	assert_string_equal(err.field, "--cmdline-file");
}

// The answer of the method exactly as it came, also where it is an error.
static void
test_json(void **state)
{
	struct console_test *t = *state;
	static const char error[] = "{\"error\":{\"code\":-32001,\"message\":\"query: no query 'nope'";
	char *text;
	int rc;

	rc = control_call(t->f.control, "query.list", NULL, &text);
	assert_int_equal(rc, 0);
	run(t, "show queries | json\nshow result nope |json\ncall no.such | json\n"
		"call processor.set {\"k\": 0} | json\nshow ledger | xml\n"
		"add query {\"name\": \"a | b\", \"key\": \"ip\"} # comment\n");
	assert_ptr_equal(strstr(t->text, text), t->text);
	assert_int_equal(t->text[strlen(text)], '\n');
	free(text);
	holds(t, error);
	holds(t, "{\"error\":{\"code\":-32601,");
	holds(t, "\"data\":{\"field\":\"k\"}}}\n");
	holds(t, "error: bad arguments: show ledger | xml (help show lists what is allowed)\n");
	holds(t, "{\"name\":\"a | b\",\"key\":\"ip\"}");
	assert_int_equal(console_worst(t->console), CONSOLE_MISUSED);
}

// What a command came to, for the exit status of weirctl.
static void
test_results(void **state)
{
	struct console *c = ((struct console_test *)*state)->console;

	assert_int_equal(console_worst(c), CONSOLE_DONE);
	assert_int_equal(console_run_line(c, "show processor"), CONSOLE_DONE);
	assert_int_equal(console_run_line(c, "show processor | json"), CONSOLE_DONE);
	assert_int_equal(console_run_line(c, "set processor k 0"), CONSOLE_FAILED);
	assert_int_equal(console_run_line(c, "set processor k 0 | json"), CONSOLE_FAILED);
	assert_int_equal(console_run_line(c, "call processor.set {k}"), CONSOLE_FAILED);
	assert_int_equal(console_worst(c), CONSOLE_FAILED);
	assert_int_equal(console_run_line(c, "fly"), CONSOLE_MISUSED);
	assert_int_equal(console_run_line(c, "show fly | json"), CONSOLE_MISUSED);
	assert_int_equal(console_run_line(c, "watch stop"), CONSOLE_MISUSED);
	assert_int_equal(console_run_line(c, "watch show processor 0"), CONSOLE_MISUSED);
	assert_int_equal(console_run_line(c, "help fly"), CONSOLE_MISUSED);
	assert_int_equal(console_run_line(c, "help show"), CONSOLE_DONE);
	assert_int_equal(console_worst(c), CONSOLE_MISUSED);
}

// `clear` counts from there, and only on this console.
static void
test_clear(void **state)
{
	struct console_test *t = *state;

	run(t, "clear ledger\nclear port stats all\nshow ledger\nshow port stats all\n"
		"show ledger | json\nclear results");
	holds(t, "offered                            0            \n");
	holds(t, "received        0      0       0       0        0\n");
	holds(t, "\"offered\":");
	holds(t, "results deleted");
	assert_null(strstr(t->text, "\"offered\":0"));
}

// From a pipe: shown at least once, and over when the next line comes.
static void
test_watch(void **state)
{
	struct console_test *t = *state;

	run(t, "watch show processor 1\nshow queries\n");
	holds(t, "processor is running");
	holds(t, "topk k=10");
	assert_null(strstr(t->text, "error"));
}

static void *
stop_soon(void *arg)
{
	usleep(50000);
	console_stop(arg);
	return NULL;
}

// It goes on until it is told to end.
static void
test_watch_stop(void **state)
{
	struct console_test *t = *state;
	pthread_t thread;

	pthread_create(&thread, NULL, stop_soon, t->console);
	assert_true(console_watch(t->console, "show processor", 60));
	pthread_join(thread, NULL);
}

static void
test_stop(void **state)
{
	struct console_test *t = *state;
	pthread_t thread;

	pthread_create(&thread, NULL, stop_soon, t->console);
	assert_int_equal(console_run(t->console), CONSOLE_STOPPED);
	pthread_join(thread, NULL);
}

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
	struct console_params p = {.ask = fixture_ask, .ask_arg = t->f.control, .prompt = "weir> ",
		.quit_help = "stop", .quit = quit_count, .arg = &t->quits};
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_shows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_json, setup, teardown),
		cmocka_unit_test_setup_teardown(test_results, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clear, setup, teardown),
		cmocka_unit_test_setup_teardown(test_watch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_watch_stop, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stop, setup, teardown),
		cmocka_unit_test_setup_teardown(test_terminal, setup, teardown),
		cmocka_unit_test_setup_teardown(test_completion_help, setup, teardown),
		cmocka_unit_test(test_table_controls),
		cmocka_unit_test_setup_teardown(test_watch_terminal, setup, teardown),
	};

	return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
