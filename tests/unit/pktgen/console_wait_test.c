/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "console/console.h"
#include "console_commands.h"

// `wait` of weir-pktgen -i against a generator that takes its time to answer, as one does with a profile
// of very many addresses.

#define ANSWER_MS 100

struct answers {
	struct console *console;
	const char *profile;
	unsigned int counters_asked;
	unsigned int profile_asked;
	unsigned int running;  // that many times
};

static int
ask(void *arg, const char *method, const char *params, char **ret_json)
{
	struct answers *a = arg;
	const struct timespec slow = {0, ANSWER_MS * 1000000};

	(void)params;
	if (strcmp(method, "profile.get") == 0) {
		a->profile_asked++;
		*ret_json = strdup(a->profile);
		return 0;
	}
	assert_string_equal(method, "generator.get");
	nanosleep(&slow, NULL);
	a->counters_asked++;
	*ret_json = strdup(a->running >= a->counters_asked ? "{\"running\": true}" :
		"{\"running\": false}");
	return 0;
}

static int
setup(void **state)
{
	struct answers *a = calloc(1, sizeof(*a));
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const struct console_params params = {.commands = &pktgen_commands, .ask = ask, .ask_arg = a,
		.in_fd = null, .out_fd = null, .err_fd = null, .prompt = "", .quit_help = "end"};
	struct error err;

	a->profile = "{\"duration_s\": null, \"packets\": null}";
	a->console = console_create(&params, &err);
	assert_non_null(a->console);
	*state = a;
	return 0;
}

static int
teardown(void **state)
{
	struct answers *a = *state;

	console_free(a->console);
	free(a);
	return 0;
}

// By the clock, whatever the answers take: of those there is room for two or three.
static void
wait_is_at_most_so_long(void **state)
{
	struct answers *a = *state;

	a->running = UINT32_MAX;
	assert_int_equal(console_run_line(a->console, "wait 0.25"), CONSOLE_DONE);
	assert_true(a->counters_asked <= 3);
}

static void
wait_ends_with_the_profile(void **state)
{
	struct answers *a = *state;

	a->profile = "{\"duration_s\": null, \"packets\": 5}";
	a->running = 3;
	assert_int_equal(console_run_line(a->console, "wait"), CONSOLE_DONE);
	assert_int_equal(a->counters_asked, 4);
	assert_int_equal(a->profile_asked, 1);
}

static void
wait_wants_an_end(void **state)
{
	struct answers *a = *state;

	a->running = UINT32_MAX;
	assert_int_equal(console_run_line(a->console, "wait"), CONSOLE_MISUSED);
	a->running = 0;
	assert_int_equal(console_run_line(a->console, "wait"), CONSOLE_DONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(wait_is_at_most_so_long, setup, teardown),
		cmocka_unit_test_setup_teardown(wait_ends_with_the_profile, setup, teardown),
		cmocka_unit_test_setup_teardown(wait_wants_an_end, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
