/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_CONSOLE_THREAD_H
#define WEIR_APP_CONSOLE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "base/error.h"
#include "pipeline.h"

// The console has a thread of its own, as it waits for a person: first the commands of
// --cmdline-file, then the prompt if -i was given, or the ledger every --stats-period. The end of the
// prompt (`quit`, end of input) ends the run.
struct console_thread {
	pthread_t thread;
	struct pipeline *pipeline;
	struct console *console;
	bool running;
};

// Nothing is started when none of these options was given.
int console_thread_start(struct console_thread *c, struct pipeline *p, struct error *err);
void console_thread_stop(struct console_thread *c);

#endif
