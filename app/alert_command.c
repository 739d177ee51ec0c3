/* SPDX-License-Identifier: BSD-3-Clause */
#include "alert_command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_common.h>

#include "base/clock.h"
#include "base/log.h"

#define MINUTE_US (60 * CLOCK_US_PER_S)

extern char **environ;

static void
count(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

int
alert_command_check(const struct alert_command_params *p, struct error *err)
{
	struct stat st;
	int rc = 0;

	if (p->argv[0][0] != '/')
		rc = EINVAL;
	else if (stat(p->argv[0], &st) != 0 || access(p->argv[0], X_OK) != 0)
		rc = errno;
	else if (!S_ISREG(st.st_mode))
		rc = EACCES;
	if (rc == 0)
		return 0;
	return error_field(err, -rc, "on_alert.command", "on_alert.command[0]: found '%.200s' (%s); "
		"allowed is the absolute path of a program", p->argv[0],
		rc == EINVAL ? "not absolute" : strerror(rc));
}

void
alert_command_init(struct alert_command *c, const struct alert_command_params *p, uint64_t now_us)
{
	*c = (struct alert_command){.params = *p, .tokens_us = MINUTE_US, .filled_us = now_us};
}

void
alert_command_set(struct alert_command *c, const struct alert_command_params *p)
{
	c->params = *p;
}

// A token is a minute over per_minute.
static bool
token_take(struct alert_command *c, uint64_t now_us)
{
	uint64_t price = MINUTE_US / c->params.per_minute;

	c->tokens_us = RTE_MIN(c->tokens_us + (now_us - c->filled_us), MINUTE_US);
	c->filled_us = now_us;
	if (c->tokens_us < price)
		return false;
	c->tokens_us -= price;
	return true;
}

// A file in memory with the text, to read from its beginning: a pipe could be full.
static int
input_make(const char *json, size_t len)
{
	int fd = memfd_create("weir-alert", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	if (write(fd, json, len) == (ssize_t)len && write(fd, "\n", 1) == 1 &&
			lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
actions_set(posix_spawn_file_actions_t *a, int input)
{
	int rc = posix_spawn_file_actions_adddup2(a, input, STDIN_FILENO);

	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(a, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(a, STDERR_FILENO + 1);
	return rc;
}

// Signals as a program expects them: none blocked, none ignored.
static int
attributes_set(posix_spawnattr_t *a)
{
	sigset_t all, none;
	int rc;

	sigfillset(&all);
	sigemptyset(&none);
	rc = posix_spawnattr_setflags(a, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
		POSIX_SPAWN_SETSIGMASK);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(a, &all);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(a, &none);
	return rc;
}

// 0 or an errno.
static int
spawn(const struct alert_command_params *p, int input, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc != 0)
		return rc;
	rc = posix_spawnattr_init(&attributes);
	if (rc == 0) {
		rc = actions_set(&actions, input);
		if (rc == 0)
			rc = attributes_set(&attributes);
		if (rc == 0)
			rc = posix_spawn(ret_pid, p->argv[0], &actions, &attributes, p->argv,
				environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

// ALERT_COMMANDS_MAX: as many run as may.
static unsigned int
child_free(const struct alert_command *c)
{
	unsigned int at = ALERT_COMMANDS_MAX, run = 0;

	for (unsigned int i = 0; i < ALERT_COMMANDS_MAX; i++) {
		if (c->child[i].pid != 0)
			run++;
		else if (at == ALERT_COMMANDS_MAX)
			at = i;
	}
	return run < c->params.at_once ? at : ALERT_COMMANDS_MAX;
}

bool
alert_command_run(struct alert_command *c, const char *json, size_t len, uint64_t now_us)
{
	unsigned int at = child_free(c);
	int input, rc;
	pid_t pid;

	if (at == ALERT_COMMANDS_MAX || !token_take(c, now_us)) {
		count(&c->stats.suppressed, 1);
		return false;
	}
	input = input_make(json, len);
	rc = input < 0 ? errno : spawn(&c->params, input, &pid);
	if (input >= 0)
		close(input);
	if (rc != 0) {
		count(&c->stats.failed, 1);
		log_error("alerts", "%s: cannot be started: %s", c->params.argv[0], strerror(rc));
		return false;
	}
	c->child[at].pid = pid;
	c->child[at].end_us = now_us + c->params.timeout_us;
	c->child[at].killed = false;
	snprintf(c->child[at].program, sizeof(c->child[at].program), "%s", c->params.argv[0]);
	count(&c->stats.started, 1);
	count(&c->stats.running, 1);
	return true;
}

static void
child_ended(struct alert_command *c, unsigned int at, int status)
{
	if (!c->child[at].killed && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		count(&c->stats.failed, 1);
	c->child[at].pid = 0;
	count(&c->stats.running, (uint64_t)-1);
}

static void
child_kill(struct alert_command *c, unsigned int at)
{
	kill(-c->child[at].pid, SIGKILL);
	c->child[at].killed = true;
	count(&c->stats.killed, 1);
}

void
alert_command_service(struct alert_command *c, uint64_t now_us)
{
	for (unsigned int i = 0; i < ALERT_COMMANDS_MAX; i++) {
		int status = 0;

		if (c->child[i].pid == 0)
			continue;
		if (waitpid(c->child[i].pid, &status, WNOHANG) == c->child[i].pid) {
			child_ended(c, i, status);
			continue;
		}
		if (!c->child[i].killed && now_us >= c->child[i].end_us) {
			log_warning("alerts", "%s: took too long, killed", c->child[i].program);
			child_kill(c, i);
		}
	}
}

void
alert_command_end(struct alert_command *c)
{
	for (unsigned int i = 0; i < ALERT_COMMANDS_MAX; i++) {
		int status = 0;

		if (c->child[i].pid == 0)
			continue;
		if (!c->child[i].killed)
			child_kill(c, i);
		waitpid(c->child[i].pid, &status, 0);
		child_ended(c, i, status);
	}
}
