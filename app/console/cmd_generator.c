/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "console/weir_commands.h"
#include "console/generator_tables.h"
#include "console/table.h"

// start generator, stop generator, show generator, set generator

static void
counters_print(struct console *c, const cJSON *state)
{
	static const char *const names[] = {"sent", "bytes", "dropped", "late"};
	char rate[32];
	struct table t;

	table_start(&t, "generator|>value");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		table_text(&t, names[i]);
		table_number(&t, table_member(state, names[i]));
	}
	table_text(&t, "achieved");
	table_format(&t, "%spps",
		units_format_si(table_member(state, "achieved_pps"), rate, sizeof(rate)));
	console_table(c, &t);
	if (cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(state, "latency"))) {
		fputc('\n', c->out);
		console_latency_table(c, cJSON_GetObjectItemCaseSensitive(state, "latency"));
	}
}

static void
generator_print(struct console *c, cJSON *state)
{
	if (state == NULL)
		return;
	counters_print(c, state);
	fputc('\n', c->out);
	console_profile_table(c, cJSON_GetObjectItemCaseSensitive(state, "profile"));
	fprintf(c->out, "generator is %s\n", cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(state,
		"running")) ? "running" : "stopped");
	cJSON_Delete(state);
}

static void
show_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	generator_print(data, console_ask(data, "generator.get", NULL));
}

static void
start_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	generator_print(data, console_ask(data, "generator.start", NULL));
}

static void
stop_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	generator_print(data, console_ask(data, "generator.stop", NULL));
}

static void
set_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;
	const char *text = console_value(w->value);
	struct console *c = data;
	uint64_t pps;

	(void)cl;
	if (strcmp(w->name, "rate") != 0) {
		generator_print(c, console_ask_with(c, "generator.set", w->name,
			console_json_value(text)));
		return;
	}
	if (units_parse_pps(text, &pps) != 0)
		console_misuse(c, "rate: found '%.40s', allowed: packets per second such as 500000, "
			"500kpps or 2mpps; 0 is as fast as possible", text);
	else
		generator_print(c, console_ask_with(c, "generator.set", "rate_pps",
			cJSON_CreateNumber((double)pps)));
}

COMMAND_WORD(start_word, "start");
COMMAND_WORD(stop_word, "stop");
COMMAND_WORD(show_word, "show");
COMMAND_WORD(set_word, "set");
COMMAND_WORD(generator_word, "generator");
COMMAND_REST(value_rest, "its value: JSON, or a rate such as 2mpps");

COMMAND(start_cmd, start_run, "start generator            send packets",
	(void *)&start_word, (void *)&generator_word);
COMMAND(stop_cmd, stop_run, "stop generator             send no packets",
	(void *)&stop_word, (void *)&generator_word);
COMMAND(show_cmd, show_run, "show generator             counters and profile",
	(void *)&show_word, (void *)&generator_word);
COMMAND(set_cmd, set_run,
	"set generator rate 2mpps   the rate; set generator FIELD JSON: any field",
	(void *)&set_word, (void *)&generator_word, &console_word_marks[WORD_GENERATOR_FIELD],
	(void *)&value_rest);

cmdline_parse_inst_t *console_cmds_generator[] = {
	&start_cmd, &stop_cmd, &show_cmd, &set_cmd, NULL};
