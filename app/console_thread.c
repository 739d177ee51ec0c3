/* SPDX-License-Identifier: BSD-3-Clause */
#include "console_thread.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "console/console.h"
#include "console/weir_commands.h"

static int
control_ask(void *arg, const char *method, const char *params_json, char **ret_json)
{
	return control_call(arg, method, params_json, ret_json);
}

static void
run_end(void *arg)
{
	struct pipeline *p = arg;

	__atomic_store_n(&p->stop_asked, true, __ATOMIC_RELAXED);
}

static void *
console_thread_run(void *arg)
{
	struct console_thread *c = arg;
	const struct options *o = &c->pipeline->options;
	struct error err;
	int failed;

	if (o->cmdline_file != NULL) {
		failed = console_run_file(c->console, o->cmdline_file, &err);
		if (failed < 0)
			log_error("console", "%s", err.text);
		else if (failed > 0)
			log_warning("console", "%s: %d command%s failed", o->cmdline_file, failed,
				failed == 1 ? "" : "s");
	}
	if (o->stats_period_s > 0)
		console_watch(c->console, "show ledger", o->stats_period_s);
	if (o->interactive && console_run(c->console) != CONSOLE_STOPPED)
		run_end(c->pipeline);
	return NULL;
}

static bool
output_is_stdout(const struct options *o)
{
	const char *const files[] = {o->report, o->flows, o->results};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i] != NULL && strcmp(files[i], "-") == 0)
			return true;
	return false;
}

int
console_thread_start(struct console_thread *c, struct pipeline *p, struct error *err)
{
	const struct options *o = &p->options;
	// Standard output may be what records or the report are written to.
	int out_fd = !o->interactive && output_is_stdout(o) ? STDERR_FILENO : STDOUT_FILENO;
	struct console_params params = {
		.commands = &weir_commands,
		.ask = control_ask,
		.ask_arg = p->control,
		.in_fd = o->interactive ? STDIN_FILENO : -1,
		.out_fd = out_fd,
		.err_fd = out_fd,
		.prompt = "weir> ",
		.quit_help = "stop Weir, with its report",
		.quit = run_end,
		.arg = p,
	};
	int rc;

	*c = (struct console_thread){.pipeline = p};
	if (!o->interactive && o->cmdline_file == NULL && o->stats_period_s == 0)
		return 0;
	c->console = console_create(&params, err);
	if (c->console == NULL)
		return -ENOMEM;
	rc = -pthread_create(&c->thread, NULL, console_thread_run, c);
	if (rc != 0) {
		console_free(c->console);
		return error_set(err, rc, "console thread: %s", strerror(-rc));
	}
	pthread_setname_np(c->thread, "weir-console");
	c->running = true;
	return 0;
}

void
console_thread_stop(struct console_thread *c)
{
	if (!c->running)
		return;
	console_stop(c->console);
	pthread_join(c->thread, NULL);
	console_free(c->console);
	c->running = false;
}
