/* SPDX-License-Identifier: BSD-3-Clause */
// The console on a pipe: what it prints, sets, refuses, and what that comes to.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "console/table.h"
#include "console_fixture.h"

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

// What was raised before the console was there, and how much of it is not to be had.
static void
test_alerts(void **state)
{
	struct console_test *t = *state;

	assert_int_equal(console_test_run(t, "show limits\nshow alerts\nshow alerts 1\nshow alerts 1001\n"
		"show alerts x"), CONSOLE_EOF);
	console_test_holds(t, "lab (rpc, in force): from 2026-11-26");
	assert_null(strstr(t->text, "holds"));
	console_test_holds(t, "limit or query");
	console_test_holds(t, "1970-01-01T00:00:05.000Z");
	console_test_holds(t, "10.0.0.5 (db1)");
	console_test_holds(t, "cleared");
	console_test_holds(t, "lab");
	console_test_holds(t, "10.0.0.0/8 > any");
	console_test_holds(t, "6,000,000");
	console_test_holds(t, "and older ones: show alerts N");
	console_test_holds(t, "the store does not answer: disk is full");
	console_test_holds(t, "1,234 older ones are no longer in memory");
	console_test_holds(t, "no alerts");
	console_test_holds(t, "limit: found 1001, allowed: an integer 1 to 1000 alerts");
	console_test_holds(t, "limit: found \"x\"");
}

static void
test_shows(void **state)
{
	struct console_test *t = *state;

	assert_int_equal(console_test_run(t, "help\nshow port stats all\nshow ledger\nshow lcores\n"
		"show workers\nshow flows by first filter udp port 53\n"
		"show query all\nshow result ip-topk\nshow generator\nshow processor"), CONSOLE_EOF);
	console_test_holds(t, "set processor H|T|k|X N");
	console_test_holds(t, "port 0 net_ring0 (net_ring), 1 queue, link up");
	console_test_holds(t, "1,234,567");
	console_test_holds(t, "discarded: arp");
	console_test_holds(t, "0.046 %");
	console_test_holds(t, "1.00 Mpps");
	console_test_holds(t, "25.0 %");
	console_test_holds(t, "98,765");
	console_test_holds(t, "8,703");
	console_test_holds(t, "75.0 %");
	console_test_holds(t, "busiest worker over mean: 1.50 in all, 1.25 in the last pane");
	console_test_holds(t, "2001:db8:1111:2222:3333:4444:5555:6666 port 40000 - 192.0.2.77 port 443");
	console_test_holds(t, "1 shown of 2 that match, of 3 flows");
	console_test_holds(t, "10.0.0.1:1234");
	console_test_holds(t, "192.0.2.7:443");
	console_test_holds(t, "topk k=10");
	console_test_holds(t, "10 / 1 s");
	console_test_holds(t, "10.1.2.3");
	console_test_holds(t, "12.34 %");
	console_test_holds(t, "2025-11-26T");
	console_test_holds(t, "generator is stopped");
	console_test_holds(t, "processor is running");
	if (strstr(t->text, "error:") != NULL)
		fail_msg("%s", t->text);
}

static void
test_sets(void **state)
{
	struct console_test *t = *state;

	assert_int_equal(console_test_run(t, "set processor k 5\nset processor H 12.5 # a comment\nstop\n"
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

	assert_int_equal(console_test_run(t, "set processor k 10.5\nset processor k many\nset processor Z 1\n"
		"set generator rate fast\nset generator colour red\nshow result nope\nfly\nshow\n"
		"show ledger now\n"), CONSOLE_EOF);
	console_test_holds(t, "error: k: found 10.5, allowed: an integer 1 to 1000");
	console_test_holds(t, "error: k: found \"many\"");
	console_test_holds(t, "error: rate: found 'fast'");
	console_test_holds(t, "error: colour: unknown field");
	console_test_holds(t, "error: query: no query 'nope'");
	console_test_holds(t, "error: no such command: fly");
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
	console_test_run(t, "");
	snprintf(expected, sizeof(expected), "%s:3: k: found 0", path);
	console_test_holds(t, expected);
	snprintf(expected, sizeof(expected), "%s:4: no such command", path);
	console_test_holds(t, expected);
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
	console_test_run(t, "show queries | json\nshow result nope |json\ncall no.such | json\n"
		"call processor.set {\"k\": 0} | json\nshow ledger | xml\n"
		"add query {\"name\": \"a | b\", \"key\": \"ip\"} # comment\n");
	assert_ptr_equal(strstr(t->text, text), t->text);
	assert_int_equal(t->text[strlen(text)], '\n');
	free(text);
	console_test_holds(t, error);
	console_test_holds(t, "{\"error\":{\"code\":-32601,");
	console_test_holds(t, "\"data\":{\"field\":\"k\"}}}\n");
	console_test_holds(t, "error: bad arguments: show ledger | xml (help show lists what is allowed)\n");
	console_test_holds(t, "{\"name\":\"a | b\",\"key\":\"ip\"}");
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

	console_test_run(t, "clear ledger\nclear port stats all\nshow ledger\nshow port stats all\n"
		"show ledger | json\nclear results");
	console_test_holds(t, "offered                            0            \n");
	console_test_holds(t, "received        0      0       0       0        0\n");
	console_test_holds(t, "\"offered\":");
	console_test_holds(t, "results deleted");
	assert_null(strstr(t->text, "\"offered\":0"));
}

// From a pipe: shown at least once, and over when the next line comes.
static void
test_watch(void **state)
{
	struct console_test *t = *state;

	console_test_run(t, "watch show processor 1\nshow queries\n");
	console_test_holds(t, "processor is running");
	console_test_holds(t, "topk k=10");
	assert_null(strstr(t->text, "error"));
}

// The query that `top` asks for, in the scope of the built-in ones.
static void
test_top(void **state)
{
	struct console_test *t = *state;

	console_test_run(t, "top ip | json\n");
	console_test_holds(t, "{\"key\":\"ip\",\"op\":{\"type\":\"topk\",\"k\":10},\"window_s\":10,\"scope\":\"all\"}");
}

static void
test_top_with_local_networks(void **state)
{
	struct console_test *t = *state;

	t->f.app.has_local_networks = true;
	console_test_run(t, "top ip | json\n");
	console_test_holds(t, "\"scope\":\"external\"");
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, console_test_setup, console_test_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_controls),
		TEST(test_shows),
		TEST(test_alerts),
		TEST(test_sets),
		TEST(test_errors),
		TEST(test_file),
		TEST(test_json),
		TEST(test_results),
		TEST(test_clear),
		TEST(test_watch),
		TEST(test_top),
		TEST(test_top_with_local_networks),
		TEST(test_watch_stop),
		TEST(test_stop),
	};

	return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
