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
setup(void **state)
{
	static const struct control_params no_listen = {.listen = false};
	struct console_test *t = calloc(1, sizeof(*t));
	struct console_params p = {.quit = quit_count};

	*state = t;
	t->out = tmpfile();
	if (fixture_start(&t->f, &no_listen) != 0 || pipe(t->in) != 0 || t->out == NULL)
		return -1;
	p.control = t->f.control;
	p.arg = &t->quits;
	p.in_fd = t->in[0];
	p.out_fd = fileno(t->out);
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

static void
fits_80_columns(const struct console_test *t)
{
	const char *line = t->text;

	while (*line != '\0') {
		size_t len = strcspn(line, "\n");

		if (len > 80)
			fail_msg("%zu columns: %.*s", len, (int)len, line);
		line += len + (line[len] == '\n');
	}
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
	fits_80_columns(t);
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

static void *
stop_soon(void *arg)
{
	usleep(50000);
	console_stop(arg);
	return NULL;
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
};

static void *
terminal_main(void *arg)
{
	struct terminal *term = arg;

	term->end = console_run(term->console);
	return NULL;
}

// Read what the console writes until `until` comes; at most five seconds.
static void
terminal_expect(int master, const char *until)
{
	char text[8192] = "";
	size_t len = 0;

	for (int i = 0; i < 500 && strstr(text, until) == NULL; i++) {
		ssize_t n = read(master, text + len, sizeof(text) - len - 1);

		if (n > 0)
			text[len += (size_t)n] = '\0';
		else
			usleep(10000);
	}
	if (strstr(text, until) == NULL)
		fail_msg("'%s' did not come: %s", until, text);
}

static void
terminal_type(int master, const char *keys)
{
	assert_int_equal(write(master, keys, strlen(keys)), strlen(keys));
}

// On a terminal: prompt, completion of words and of query names, quit.
static void
test_terminal(void **state)
{
	struct console_test *t = *state;
	struct console_params p = {.control = t->f.control, .quit = quit_count, .arg = &t->quits};
	struct terminal term = {0};
	pthread_t thread;
	int master, slave;

	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	fcntl(master, F_SETFL, O_NONBLOCK);
	p.in_fd = p.out_fd = slave;
	term.console = console_create(&p, NULL);
	assert_non_null(term.console);
	pthread_create(&thread, NULL, terminal_main, &term);
	terminal_expect(master, "weir> ");
	terminal_type(master, "show res\tip-\t\n");
	terminal_expect(master, "12.34 %");
	terminal_type(master, "set processor k 6\n");
	terminal_expect(master, "processor is running");
	terminal_type(master, "quit\n");
	pthread_join(thread, NULL);
	assert_int_equal(term.end, CONSOLE_QUIT);
	assert_int_equal(t->f.app.parameters.k, 6);
	assert_int_equal(t->quits, 1);
	console_free(term.console);
	close(master);
	close(slave);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_shows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stop, setup, teardown),
		cmocka_unit_test_setup_teardown(test_terminal, setup, teardown),
	};

	return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
