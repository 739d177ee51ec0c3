/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "console/weir_commands.h"
#include "console/table.h"

// calibrate, calibrate SECONDS, show calibration

#define ASK_EVERY_MS 500

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
	console_table(c, &t);
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
	console_table(c, &t);
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
	console_table(c, &t);
}

static void
outcome_print(struct console *c, const cJSON *o)
{
	const char *state = table_member_text(o, "state");

	if (state == NULL || strcmp(state, "failed") == 0) {
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
	const char *state = table_member_text(o, "state");

	return state != NULL && (strcmp(state, "settling") == 0 || strcmp(state, "running") == 0 ||
		strcmp(state, "draining") == 0);
}

// How far it is: on a terminal one line that is written anew, elsewhere a line for each state.
static void
progress_print(struct console *c, const cJSON *o, bool terminal, char *said, size_t size)
{
	const char *state = table_member_text(o, "state");

	if (terminal)
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
calibrate(struct console *c, cJSON *params)
{
	bool done = false, terminal = isatty(c->params.out_fd);
	char said[16] = "";
	int rc;
	cJSON *o = console_ask_raw(c, "generator.calibrate", params, &rc);

	while (rc == 0 && goes_on(o) && !done) {
		if (!c->json)
			progress_print(c, o, terminal, said, sizeof(said));
		done = console_wait(c, ASK_EVERY_MS);
		cJSON_Delete(o);
		o = console_ask_raw(c, "generator.calibration", NULL, &rc);
	}
	if (said[0] != '\0' && terminal)
		fputc('\n', c->out);
	if (rc != 0 || c->json)
		console_answer_tell(c, o, rc);
	else
		outcome_print(c, o);
	cJSON_Delete(o);
	cJSON_Delete(params);
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
	cJSON *params = cJSON_CreateObject();

	(void)cl;
	cJSON_AddItemToObject(params, "seconds", console_json_value(w->name));
	calibrate(data, params);
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
COMMAND_ANY(seconds_any, "seconds to send, a whole number");

COMMAND(plain_cmd, plain_run, "calibrate                  compare results with the true answers",
	(void *)&calibrate_word);
COMMAND(seconds_cmd, seconds_run, "calibrate SECONDS          the same, sending so long",
	(void *)&calibrate_word, (void *)&seconds_any);
COMMAND(show_cmd, show_run, "show calibration           outcome of the last one",
	(void *)&show_word, (void *)&calibration_word);

cmdline_parse_inst_t *console_cmds_calibrate[] = {&plain_cmd, &seconds_cmd, &show_cmd, NULL};
