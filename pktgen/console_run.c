/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "console/table.h"
#include "console_commands.h"

// start [SECONDS], stop, wait [SECONDS]

#define SECONDS_MIN 0.001
#define SECONDS_MAX (10 * 366 * 86400.0)
#define WAIT_STEP_MS 20

static void
answer_print(struct console *c, cJSON *answer)
{
	if (cJSON_IsString(answer))
		fprintf(c->out, "%s\n", answer->valuestring);
	cJSON_Delete(answer);
}

static void
start_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	answer_print(data, console_ask(data, "generator.start", NULL));
}

static bool
seconds_read(struct console *c, const char *command, const char *text, double *ret)
{
	if (units_parse_double(text, SECONDS_MIN, SECONDS_MAX, ret) == 0)
		return true;
	console_misuse(c, "%s: found '%.40s', allowed: seconds from %g to %g", command, text,
		SECONDS_MIN, SECONDS_MAX);
	return false;
}

static void
start_for_run(void *res, struct cmdline *cl, void *data)
{
	const struct console_words *w = res;
	double seconds;

	(void)cl;
	if (seconds_read(data, "start", w->name, &seconds))
		answer_print(data, console_ask_with(data, "generator.start", "duration_s",
			cJSON_CreateNumber(seconds)));
}

static void
stop_run(void *res, struct cmdline *cl, void *data)
{
	cJSON *answer = console_ask(data, "generator.stop", NULL);

	(void)res;
	(void)cl;
	if (answer != NULL)
		pktgen_stats_table(data, console_ask(data, "generator.get", NULL));
	cJSON_Delete(answer);
}

static bool
sending(struct console *c)
{
	cJSON *counters = console_ask_quietly(c, "generator.get");
	bool running = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(counters, "running"));

	cJSON_Delete(counters);
	return running;
}

// Will it end by itself?
static bool
sending_ends(struct console *c)
{
	cJSON *profile = console_ask_quietly(c, "profile.get");
	const cJSON *replay = cJSON_GetObjectItemCaseSensitive(profile, "replay");
	bool ends = isfinite(table_member(profile, "duration_s")) ||
		isfinite(table_member(profile, "packets")) ||
		(replay != NULL && !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(replay, "loop")));

	cJSON_Delete(profile);
	return ends;
}

static double
clock_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// Until it has ended, at most so long by the clock: an answer takes as long as the profile is large. On a
// terminal Enter ends the waiting as well.
static void
sending_wait(struct console *c, double seconds)
{
	double left, until = clock_seconds() + seconds;

	if (!isfinite(seconds) && sending(c) && !sending_ends(c)) {
		console_misuse(c, "wait: the profile has no end, allowed: a number of seconds, or a profile "
			"with duration_s or packets");
		return;
	}
	c->watching = isatty(c->params.in_fd);
	while ((left = until - clock_seconds()) > 0 && sending(c))
		if (console_wait(c, (unsigned int)fmin(left * 1000 + 1, WAIT_STEP_MS)))
			break;
	c->watching = false;
}

static void
wait_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	sending_wait(data, INFINITY);
}

static void
wait_for_run(void *res, struct cmdline *cl, void *data)
{
	const struct console_words *w = res;
	double seconds;

	(void)cl;
	if (seconds_read(data, "wait", w->name, &seconds))
		sending_wait(data, seconds);
}

COMMAND_WORD(start_word, "start");
COMMAND_WORD(stop_word, "stop");
COMMAND_WORD(wait_word, "wait");
COMMAND_ANY(seconds_any, "seconds, as in 10 or 0.5");

COMMAND(start_cmd, start_run, "start                      send, going on where it stopped",
	(void *)&start_word);
COMMAND(start_for_cmd, start_for_run,
	"start SECONDS              send from the beginning for so long, as with set duration_s",
	(void *)&start_word, (void *)&seconds_any);
COMMAND(stop_cmd, stop_run, "stop                       send no more, until start",
	(void *)&stop_word);
COMMAND(wait_cmd, wait_run, "wait                       until the profile has ended",
	(void *)&wait_word);
COMMAND(wait_for_cmd, wait_for_run, "wait SECONDS               the same, at most so long",
	(void *)&wait_word, (void *)&seconds_any);

cmdline_parse_inst_t *pktgen_cmds_run[] = {&start_cmd, &start_for_cmd, &stop_cmd, &wait_cmd,
	&wait_for_cmd, NULL};
