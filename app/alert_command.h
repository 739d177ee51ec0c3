/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_ALERT_COMMAND_H
#define WEIR_APP_ALERT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

// Runs a command for alerts: the alert's JSON on its standard input, no other file but standard
// error, /dev/null as standard output, a process group of its own. At most `per_minute` begin within
// a minute (a bucket of as many tokens), at most `at_once` run; one that runs longer than timeout_us
// is killed with its group. Nothing here waits. One thread.

#define ALERT_COMMAND_WORDS_MAX 32
#define ALERT_COMMANDS_MAX 16

struct alert_command_params {
	char *argv[ALERT_COMMAND_WORDS_MAX + 1];  // argv[0] is a path; NULL at the end
	uint32_t per_minute;
	uint32_t at_once;      // at most ALERT_COMMANDS_MAX
	uint64_t timeout_us;
};

// One writer; other threads read them one by one.
struct alert_command_stats {
	uint64_t started;
	uint64_t failed;      // could not be started, or ended with another status than 0
	uint64_t killed;      // took too long
	uint64_t suppressed;  // not started: too many in a minute, or while others ran
	uint64_t running;
};

struct alert_command {
	struct alert_command_params params;
	struct {
		pid_t pid;            // 0: free
		uint64_t end_us;      // killed then
		bool killed;
		char program[64];     // for the log
	} child[ALERT_COMMANDS_MAX];
	uint64_t tokens_us;           // bucket, in microseconds of a minute
	uint64_t filled_us;
	struct alert_command_stats stats;
};

// Is argv[0] a program? 0, or -errno with a line in err (field on_alert.command).
int alert_command_check(const struct alert_command_params *p, struct error *err);
void alert_command_init(struct alert_command *c, const struct alert_command_params *p,
	uint64_t now_us);
// Another command, or other bounds, from now on. What runs goes on, with the time that it was given.
void alert_command_set(struct alert_command *c, const struct alert_command_params *p);

// Run it for one alert. False: it was suppressed, or could not be started; both are counted.
// now_us is monotonic.
bool alert_command_run(struct alert_command *c, const char *json, size_t len, uint64_t now_us);
// Take in which have ended, and kill those that take too long.
void alert_command_service(struct alert_command *c, uint64_t now_us);
// Kill all that still run.
void alert_command_end(struct alert_command *c);

#endif
