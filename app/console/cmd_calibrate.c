/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "console/command.h"
#include "console/table.h"

// calibrate, calibrate SECONDS, show calibration

#define ASK_EVERY_US 500000

static void
packets_print(struct console *c, const cJSON *outcome)
{
	static const char *const names[] = {"sent", "dropped", "late", "received", "unreceived",
		"foreign"};
	struct table t;

	table_start(&t, "packets|>number");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		table_text(&t, names[i]);
		table_number(&t, table_member(outcome, names[i]));
	}
	table_end(&t, c->out);
}

static void
queries_print(struct console *c, const cJSON *queries)
{
	const cJSON *q;
	struct table t;

	table_start(&t, "query|>windows|>missing|>precision|>recall|>count error|>rank errors");
	cJSON_ArrayForEach(q, queries) {
		table_text(&t, table_member_text(q, "query"));
		table_number(&t, table_member(q, "windows"));
		table_number(&t, table_member(q, "windows_missing"));
		table_format(&t, "%.4f", table_member(q, "precision"));
		table_format(&t, "%.4f", table_member(q, "recall"));
		table_number(&t, fmax(table_member(q, "count_error"),
			table_member(q, "total_error")));
		table_number(&t, table_member(q, "rank_errors"));
	}
	table_end(&t, c->out);
}

static void
events_print(struct console *c, const cJSON *events)
{
	const cJSON *e, *alert;
	struct table t;

	if (cJSON_GetArraySize(events) == 0)
		return;
	table_start(&t, "event|key|>at s|row of|>slides|>delay ms|alert of|>delay ms");
	cJSON_ArrayForEach(e, events) {
		table_text(&t, table_member_text(e, "type"));
		table_text(&t, table_member_text(e, "key"));
		table_format(&t, "%g", table_member(e, "at_s"));
		table_text(&t, table_member_text(e, "query"));
		table_number(&t, table_member(e, "slides"));
		table_number(&t, table_member(e, "delay_ms"));
		alert = cJSON_GetObjectItemCaseSensitive(e, "alert");
		table_text(&t, table_member_text(alert, "query"));
		table_number(&t, table_member(alert, "delay_ms"));
	}
	table_end(&t, c->out);
}

static void
outcome_print(struct console *c, const cJSON *o)
{
	const char *state = table_member_text(o, "state");

	if (strcmp(state, "failed") == 0) {
		console_fail(c, "calibrate: %s", table_member_text(o, "error"));
		return;
	}
	if (strcmp(state, "done") != 0) {
		fprintf(c->out, "calibration: %s\n", state);
		return;
	}
	packets_print(c, o);
	queries_print(c, cJSON_GetObjectItemCaseSensitive(o, "queries"));
	events_print(c, cJSON_GetObjectItemCaseSensitive(o, "events"));
	fprintf(c->out, "calibration: %s\n",
		cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "exact")) ? "exact" :
		"there are differences");
}

static bool
goes_on(const cJSON *o)
{
	const char *state = o != NULL ? table_member_text(o, "state") : "";

	return strcmp(state, "settling") == 0 || strcmp(state, "running") == 0 ||
		strcmp(state, "draining") == 0;
}

// How far it is: on a terminal one line that is written anew, elsewhere a line for each state.
static void
progress_print(struct console *c, const cJSON *o, char *said, size_t size)
{
	const char *state = table_member_text(o, "state");

	if (isatty(fileno(c->out)))
		fprintf(c->out, "\rcalibration: %-8s %3.0f %%", state,
			floor(table_member(o, "progress") * 100));
	else if (strcmp(state, said) != 0)
		fprintf(c->out, "calibration: %s, sends for %.0f s\n", state,
			table_member(o, "seconds"));
	snprintf(said, size, "%s", state);
	fflush(c->out);
}

// Start it, and wait for its end, or for that of the console.
static void
calibrate(struct console *c, const char *params)
{
	cJSON *o = console_ask(c, "generator.calibrate", params);
	char said[16] = "";

	while (goes_on(o) && !c->quit) {
		progress_print(c, o, said, sizeof(said));
		usleep(ASK_EVERY_US);
		cJSON_Delete(o);
		o = console_ask(c, "generator.calibration", NULL);
	}
	if (said[0] != '\0' && isatty(fileno(c->out)))
		fputc('\n', c->out);
	if (o != NULL)
		outcome_print(c, o);
	cJSON_Delete(o);
}

static void
plain_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	calibrate(data, NULL);
}

static void
seconds_run(void *res, struct cmdline *cl, void *data)
{
	const struct console_words *w = res;
	char params[sizeof(w->name) + 16];
	struct console *c = data;

	(void)cl;
	if (w->name[strspn(w->name, "0123456789")] != '\0') {
		console_fail(c, "seconds: found '%.40s', allowed: a whole number", w->name);
		return;
	}
	snprintf(params, sizeof(params), "{\"seconds\":%s}", w->name);
	calibrate(c, params);
}

static void
show_run(void *res, struct cmdline *cl, void *data)
{
	cJSON *o = console_ask(data, "generator.calibration", NULL);

	(void)res;
	(void)cl;
	if (o != NULL)
		outcome_print(data, o);
	cJSON_Delete(o);
}

COMMAND_WORD(calibrate_word, "calibrate");
COMMAND_WORD(show_word, "show");
COMMAND_WORD(calibration_word, "calibration");
COMMAND_CHOICE(seconds_any, NULL);

COMMAND(plain_cmd, plain_run, "calibrate                  compare results with the true answers",
	(void *)&calibrate_word);
COMMAND(seconds_cmd, seconds_run, "calibrate SECONDS          the same, sending so long",
	(void *)&calibrate_word, (void *)&seconds_any);
COMMAND(show_cmd, show_run, "show calibration           outcome of the last one",
	(void *)&show_word, (void *)&calibration_word);

cmdline_parse_inst_t *console_cmds_calibrate[] = {&plain_cmd, &seconds_cmd, &show_cmd, NULL};
