/* SPDX-License-Identifier: BSD-3-Clause */
// Commands for alerts, with real programs: what they get, how many there may be, and that none is left.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "alert_command.h"
#include "alert_syslog.h"
#include "base/clock.h"

#define JSON "{\"type\":\"alert\",\"state\":\"raised\"}"

static char folder[] = "/tmp/weir-alert-XXXXXX";

static struct alert_command_params
params_of(const char *script, uint32_t per_minute, uint32_t at_once, uint64_t timeout_us)
{
	static char text[512];

	snprintf(text, sizeof(text), "cd %s; %s", folder, script);
	return (struct alert_command_params){
		.argv = {(char *)(uintptr_t)"/bin/sh", (char *)(uintptr_t)"-c", text},
		.per_minute = per_minute, .at_once = at_once, .timeout_us = timeout_us,
	};
}

static bool
run(struct alert_command *c, uint64_t now_us)
{
	return alert_command_run(c, JSON, strlen(JSON), now_us);
}

// With the clock standing, so that nothing is killed.
static void
await(struct alert_command *c, uint64_t now_us)
{
	for (unsigned int i = 0; i < 2000 && c->stats.running > 0; i++) {
		alert_command_service(c, now_us);
		usleep(5000);
	}
	assert_int_equal(c->stats.running, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);  // no zombie
	assert_int_equal(errno, ECHILD);
}

static void
file_equal(const char *name, const char *expected)
{
	char path[128], text[256] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "re");
	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	assert_string_equal(text, expected);
}

static void
what_a_command_gets(void **state)
{
	struct alert_command_params p = params_of("cat >json; ls /proc/self/fd | tr '\\n' ' ' >files; "
		"awk '/^Sig(Blk|Ign)/ {print $1, substr($2, 13)}' /proc/self/status >signals", 60, 1, 1);
	struct alert_command c;
	sigset_t all, before;
	int leak;

	(void)state;
	leak = dup(0);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	signal(SIGPIPE, SIG_IGN);
	alert_command_init(&c, &p, 0);
	assert_true(run(&c, 0));
	await(&c, 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(leak);
	file_equal("json", JSON "\n");
	file_equal("files", "0 1 2 3 ");  // 3 is the folder that ls reads
	file_equal("signals", "SigBlk: 0000\nSigIgn: 0000\n");  // signals 1 to 16
	assert_int_equal(c.stats.started, 1);
	assert_int_equal(c.stats.failed, 0);
}

static void
as_many_as_allowed_in_a_minute(void **state)
{
	struct alert_command_params p = params_of("cat >>many", 3, 16, 1000000);
	struct alert_command c;
	unsigned int ran = 0;

	(void)state;
	alert_command_init(&c, &p, 0);
	for (unsigned int i = 0; i < 10; i++)
		ran += run(&c, 0);
	assert_int_equal(ran, 3);
	assert_int_equal(c.stats.suppressed, 7);
	assert_false(run(&c, 20 * CLOCK_US_PER_S - 1));
	assert_true(run(&c, 20 * CLOCK_US_PER_S));
	assert_false(run(&c, 20 * CLOCK_US_PER_S));
	for (unsigned int i = 0; i < 10; i++)  // a long silence does not add up
		ran += run(&c, 3600 * CLOCK_US_PER_S);
	assert_int_equal(ran, 6);
	await(&c, 0);
	assert_int_equal(c.stats.started, 7);
}

static void
as_many_as_allowed_at_once_and_killed_in_time(void **state)
{
	struct alert_command_params p = params_of("sleep 1000 & echo $! >child; wait", 1000, 2, 5000000);
	struct alert_command c;
	char path[128];
	FILE *f;
	int pid = 0;

	(void)state;
	alert_command_init(&c, &p, 0);
	assert_true(run(&c, 0));
	assert_true(run(&c, 1));
	assert_false(run(&c, 2));
	assert_int_equal(c.stats.suppressed, 1);
	snprintf(path, sizeof(path), "%s/child", folder);
	for (unsigned int i = 0; i < 2000 && pid == 0; i++) {
		f = fopen(path, "re");
		if (f != NULL && fscanf(f, "%d", &pid) != 1)
			pid = 0;
		if (f != NULL)
			fclose(f);
		usleep(5000);
	}
	assert_int_not_equal(pid, 0);
	alert_command_service(&c, 4999999);
	assert_int_equal(c.stats.killed, 0);
	alert_command_service(&c, 5000001);
	await(&c, 5000001);
	assert_int_equal(c.stats.killed, 2);
	assert_int_equal(c.stats.failed, 0);
	for (unsigned int i = 0; i < 400 && kill(pid, 0) == 0; i++)
		usleep(5000);  // init takes it in
	assert_true(run(&c, 6000000));
	alert_command_end(&c);
	assert_int_equal(c.stats.running, 0);
	assert_int_equal(c.stats.killed, 3);
}

static void
another_command_and_bounds(void **state)
{
	struct alert_command_params first = params_of("exec sleep 1000", 1000, 3, 5000000), second;
	struct alert_command c;

	(void)state;
	alert_command_init(&c, &first, 0);
	for (unsigned int i = 0; i < 3; i++)
		assert_true(run(&c, 0));
	second = params_of("cat >second", 1000, 1, 1000000);
	alert_command_set(&c, &second);
	assert_int_equal(c.stats.running, 3);
	assert_false(run(&c, 1));  // three run, and one may
	alert_command_service(&c, 4999999);
	assert_int_equal(c.stats.killed, 0);  // they have the time that they were given
	alert_command_service(&c, 5000001);
	assert_int_equal(c.stats.killed, 3);
	await(&c, 5000001);
	assert_true(run(&c, 5000002));
	await(&c, 5000002);
	file_equal("second", JSON "\n");
	second.per_minute = 1;
	alert_command_set(&c, &second);
	assert_false(run(&c, 5000003));  // of this minute something is used up
	assert_true(run(&c, 65000003));
	alert_command_end(&c);
}

static void
what_fails_is_counted(void **state)
{
	struct alert_command_params p = params_of("exit 3", 60, 4, 1);
	struct alert_command c;

	(void)state;
	alert_command_init(&c, &p, 0);
	assert_true(run(&c, 0));
	await(&c, 0);
	assert_int_equal(c.stats.failed, 1);
	p.argv[0] = (char *)(uintptr_t)"/nowhere/command";
	alert_command_init(&c, &p, 0);
	assert_false(run(&c, 0));
	assert_int_equal(c.stats.failed, 1);
	assert_int_equal(c.stats.running, 0);
}

static void
programs_that_are_none(void **state)
{
	static const char *const bad[] = {"sh", "/nowhere/command", "/etc/passwd", "/tmp"};
	struct alert_command_params p = params_of("", 60, 4, 1);
	struct error err;

	(void)state;
	assert_int_equal(alert_command_check(&p, &err), 0);
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		p.argv[0] = (char *)(uintptr_t)bad[i];
		assert_int_not_equal(alert_command_check(&p, &err), 0);
		assert_string_equal(err.field, "on_alert.command");
		assert_non_null(strstr(err.text, bad[i]));
	}
}

static int said_priority;
static char said[128];

void __wrap_syslog(int priority, const char *format, ...);

void
__wrap_syslog(int priority, const char *format, ...)
{
	va_list args;

	said_priority = priority;
	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
}

static void
what_syslog_gets(void **state)
{
	(void)state;
	assert_int_equal(alert_syslog_facility(SYSLOG_OFF), -1);
	assert_int_equal(alert_syslog_facility(SYSLOG_LOCAL7), LOG_LOCAL7);
	alert_syslog_send(alert_syslog_facility(SYSLOG_LOCAL0), JSON);
	assert_int_equal(said_priority, LOG_LOCAL0 | LOG_WARNING);
	assert_string_equal(said, JSON);
	alert_syslog_send(LOG_DAEMON, "{\"state\":\"cleared\",\"key\":\"%n%s\"}");
	assert_int_equal(said_priority, LOG_DAEMON | LOG_NOTICE);
	assert_string_equal(said, "{\"state\":\"cleared\",\"key\":\"%n%s\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_command_gets),
		cmocka_unit_test(as_many_as_allowed_in_a_minute),
		cmocka_unit_test(as_many_as_allowed_at_once_and_killed_in_time),
		cmocka_unit_test(another_command_and_bounds),
		cmocka_unit_test(what_fails_is_counted),
		cmocka_unit_test(programs_that_are_none),
		cmocka_unit_test(what_syslog_gets),
	};
	char command[64];
	int rc;

	if (mkdtemp(folder) == NULL)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) != 0 ? 1 : rc;
}
