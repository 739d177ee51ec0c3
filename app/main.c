/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "command_line.h"
#include "console_thread.h"
#include "eal_args.h"
#include "follow.h"
#include "passwd.h"
#include "pipeline.h"
#include "port/source_capture.h"
#include "privileges.h"
#include "report.h"
#include "store/store_lock.h"
#include "telemetry.h"
#include "weir_build.h"

// options -> EAL -> ports -> pipeline -> run -> drain -> report, and nothing else.

#define EXIT_RUN_TIME 1
#define EXIT_ARGUMENTS 2

static struct pipeline pipeline;
// Of the store that was asked for, and of another one that what a crashed run has left asks for.
static struct store_lock *locks[2];

/*
 * The first signal asks for an orderly end. That can hang on a reader of --flows or --results who
 * does not read: a signal that comes more than two seconds later ends the process as it is. (One
 * Ctrl-C may arrive twice, from the terminal and from demo.sh.)
 */
static void
signal_note(int number)
{
	static uint64_t first_us;
	uint64_t now = clock_monotonic_us();

	if (first_us != 0 && now - first_us > 2 * CLOCK_US_PER_S) {
		signal(number, SIG_DFL);
		raise(number);
	}
	if (first_us == 0)
		first_us = now;
	__atomic_store_n(&pipeline.stop_asked, true, __ATOMIC_RELAXED);
}

static void
signals_set(void)
{
	struct sigaction sa = {.sa_handler = signal_note};

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sa.sa_handler = reconfigure_reload_ask;
	sigaction(SIGHUP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);  // ignored, as a parent may have had it, no child could be waited for
}

static int
fail(int status, const char *text)
{
	fprintf(stderr, "weir: %s\n", text);
	return status;
}

// A fault that names an option or field is one of what was asked for (status 2); if its value came
// from the configuration, the place there is named.
static int
fail_as_said(const struct error *err)
{
	const struct options *o = &pipeline.options;
	char place[400];

	if (err->field[0] == '\0')
		return fail(EXIT_RUN_TIME, err->text);
	fprintf(stderr, "weir: %s%s\n", options_place(o, err->field, place, sizeof(place)), err->text);
	return EXIT_ARGUMENTS;
}

static int
store_lock_asked(void *arg, struct error *err)
{
	return store_lock_take(pipeline.options.store, arg, err);
}

// Before anything of a store is read or made: nobody else may use it. Then the options are complete.
static int
start_begin(struct options *o, struct error *err)
{
	char *asked = strdup(o->store);
	int rc = asked == NULL ? error_set(err, -ENOMEM, "out of memory") : 0;

	if (rc == 0 && o->user != NULL)
		rc = privileges_user_check(o->user, err);
	if (rc == 0)
		rc = privileges_as_user(o, store_lock_asked, &locks[0], err);
	if (rc == 0)
		rc = options_finish(o, err);
	if (rc == 0 && o->recovered && o->user != NULL)
		rc = privileges_user_check(o->user, err);
	if (rc == 0 && strcmp(o->store, asked) != 0)
		rc = privileges_as_user(o, store_lock_asked, &locks[1], err);
	free(asked);
	return rc;
}

// After everything else: what this run holds, and its status.
static int
end(int status)
{
	store_lock_release(locks[1]);
	store_lock_release(locks[0]);
	options_free(&pipeline.options);
	return status;
}

// Index of the "--" that ends EAL's part, 0 if there is none.
static int
separator_find(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--") == 0)
			return i;
	return 0;
}

// Standard output belongs to reports and records; what EAL has to say there (a page of usage after a
// wrong option) goes to standard error.
static int
eal_init_quietly(int argc, char **argv)
{
	int saved = dup(STDOUT_FILENO), rc;

	fflush(stdout);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	rc = rte_eal_init(argc, argv);
	fflush(stdout);
	if (saved >= 0) {
		dup2(saved, STDOUT_FILENO);
		close(saved);
	}
	return rc;
}

// EAL with the user's arguments, or with composed ones.
static int
eal_start(char **argv, int separator, const struct options *o, struct eal_args *composed,
	struct error *err)
{
	char *line;
	int rc;

	if (separator > 0) {
		rc = eal_init_quietly(separator, argv);
		if (rc >= 0)
			return 0;
		return error_field(err, -rte_errno, rte_errno == EINVAL ? "EAL" : "",
			"EAL options: %s", rte_strerror(rte_errno));
	}
	rc = eal_args_compose(argv[0], o, composed, err);
	if (rc != 0)
		return rc;
	line = eal_args_line(composed);
	fprintf(stderr, "weir: EAL options: %s\n", line != NULL ? line : "");
	free(line);
	rc = eal_init_quietly(composed->argc, composed->argv);
	return rc < 0 ? error_set(err, -rte_errno, "EAL: %s", rte_strerror(rte_errno)) : 0;
}

static void
greeting_print(const struct pipeline *p)
{
	if (p->follow != NULL)
		follow_greet(p);
	if (!p->options.listen)
		return;
	fprintf(stderr, "weir: panel at %s://%s%s%s:%u/\n",
		p->options.tls_certificate != NULL ? "https" : "http",
		strchr(p->options.listen_address, ':') != NULL ? "[" : "",
		p->options.listen_address,
		strchr(p->options.listen_address, ':') != NULL ? "]" : "",
		control_listen_port(p->control));
}

// What went wrong while running, or NULL.
static const char *
run_error(struct pipeline *p, int output_rc, char *buf, size_t size)
{
	for (unsigned int i = 0; i < p->worker_count && p->captures != NULL; i++)
		if (source_capture_error(p->workers[i].sources[0]) != NULL)
			return source_capture_error(p->workers[i].sources[0]);
	if (output_rc == 0)
		return exports_fault(p, buf, size);
	snprintf(buf, size, "--flows or --results: %s", strerror(-output_rc));
	return buf;
}

static int
run(struct pipeline *p)
{
	struct console_thread console = {0};
	char text[256];
	const char *fault;
	struct error err;
	int rc;

	err.field[0] = '\0';
	if (pipeline_start(p, &err) != 0)
		return fail_as_said(&err);
	greeting_print(p);
	if (console_thread_start(&console, p, &err) != 0 || output_begin(p, &err) != 0) {
		output_discard(p);
		pipeline_stop(p);
		console_thread_stop(&console);
		output_stop(p);
		return fail_as_said(&err);
	}
	telemetry_start(p->control);
	control_run(p->control, pipeline_tick);
	telemetry_stop();
	pipeline_stop(p);
	console_thread_stop(&console);
	rc = output_stop(p);
	pipeline_store_settle(p);
	fault = run_error(p, rc, text, sizeof(text));
	rc = report_write(p, &err);
	if (fault != NULL)
		return fail(EXIT_RUN_TIME, fault);
	return rc != 0 ? fail(EXIT_RUN_TIME, err.text) : 0;
}

int
main(int argc, char **argv)
{
	int separator = separator_find(argc, argv), status;
	struct options *o = &pipeline.options;
	struct eal_args composed = {0};  // EAL keeps pointers into it until its clean-up
	struct error err;

	if (argc > 1 && strcmp(argv[1], "passwd") == 0)
		return passwd_main(argc - 1, argv + 1);
	if (options_parse(argc - separator, argv + separator, o, separator > 0, &err) != 0) {
		fail_as_said(&err);
		return end(EXIT_ARGUMENTS);
	}
	if (o->help || o->version) {
		if (o->help)
			command_line_usage();
		else
			printf("weir %s\n", WEIR_VERSION);
		return end(0);
	}
	if (o->log_format != NULL)
		log_format_set(o->log_format);
	err.field[0] = '\0';
	if (start_begin(o, &err) != 0)
		return end(fail_as_said(&err));
	err.field[0] = '\0';
	if (privileges_limit(o, separator > 0, &err) != 0 || pipeline_prepare(&pipeline, &err) != 0) {
		pipeline_fini(&pipeline);
		return end(fail_as_said(&err));
	}
	prctl(PR_SET_TIMERSLACK, 1000);  // short sleeps of idle lcores stay short
	signals_set();
	if (eal_start(argv, separator, o, &composed, &err) != 0) {
		pipeline_fini(&pipeline);
		eal_args_free(&composed);
		return end(fail_as_said(&err));
	}
	log_levels_read(o->log_levels, true, &err);  // after EAL's own
	// A line that names an option is about what the user asked for.
	err.field[0] = '\0';
	if (pipeline_init(&pipeline, &err) != 0)
		status = fail_as_said(&err);
	else
		status = run(&pipeline);
	pipeline_fini(&pipeline);
	rte_eal_cleanup();
	eal_args_free(&composed);
	return end(status);
}
