/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "console/console.h"
#include "console_commands.h"
#include "program.h"

// The console has a thread of its own, as it waits for a person.

static void *
console_main(void *arg)
{
	struct program *p = arg;

	console_run(p->console);
	__atomic_store_n(&p->console_ended, 1, __ATOMIC_RELEASE);
	return NULL;
}

int
program_console_start(struct program *p, struct error *err)
{
	const struct console_params params = {
		.commands = &pktgen_commands,
		.ask = session_ask,
		.ask_arg = &p->session,
		.in_fd = STDIN_FILENO,
		.out_fd = STDOUT_FILENO,
		.err_fd = isatty(STDOUT_FILENO) ? STDOUT_FILENO : STDERR_FILENO,
		.prompt = "pktgen> ",
		.quit_help = "end weir-pktgen, with its report",
	};
	int rc;

	pthread_mutex_init(&p->session.lock, NULL);
	p->session.generator = p->generator;
	p->session.protocols = p->names;
	p->session.pcap = p->pcap;
	p->session.pcap_path = p->options.pcap;
	p->session.port = p->port;
	p->session.latency = &p->latency;
	p->console = console_create(&params, err);
	if (p->console == NULL)
		return -ENOMEM;
	rc = -pthread_create(&p->console_thread, NULL, console_main, p);
	if (rc != 0) {
		console_free(p->console);
		p->console = NULL;
		return error_set(err, rc, "console thread: %s", strerror(-rc));
	}
	pthread_setname_np(p->console_thread, "pktgen-console");
	return 0;
}

bool
program_console_stop(struct program *p)
{
	enum console_result worst;

	console_stop(p->console);
	pthread_join(p->console_thread, NULL);
	worst = console_worst(p->console);
	console_free(p->console);
	p->console = NULL;
	return isatty(STDIN_FILENO) || (worst != CONSOLE_FAILED && worst != CONSOLE_MISUSED);
}
