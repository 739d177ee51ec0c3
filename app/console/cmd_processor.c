/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include "base/units.h"
#include "console/weir_commands.h"
#include "console/table.h"

// start, stop, show processor, set processor

static void
processor_print(struct console *c, cJSON *state)
{
	struct table t;

	if (state == NULL)
		return;
	table_start(&t, "parameter|>value|meaning");
	table_text(&t, "H");
	table_format(&t, "%.15g", table_member(state, "H"));
	table_text(&t, "percent of the total above which a key is reported");
	table_text(&t, "T");
	table_format(&t, "%.15g", table_member(state, "T"));
	table_text(&t, "seconds of the window");
	table_text(&t, "k");
	table_format(&t, "%.15g", table_member(state, "k"));
	table_text(&t, "rows of the top-k results");
	table_text(&t, "X");
	table_format(&t, "%.15g", table_member(state, "X"));
	table_text(&t, "standard deviations from the mean of an outlier");
	console_table(c, &t);
	fprintf(c->out, "processor is %s\n", cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(state,
		"running")) ? "running" : "stopped");
	cJSON_Delete(state);
}

static void
show_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	processor_print(data, console_ask(data, "processor.get", NULL));
}

static void
start_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	processor_print(data, console_ask(data, "processor.start", NULL));
}

static void
stop_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	processor_print(data, console_ask(data, "processor.stop", NULL));
}

static void
set_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;
	const char *text = console_value(w->value);
	double value;
	cJSON *json;

	(void)cl;
	// What is no number goes on as text: the method's own error says what is allowed.
	if (units_parse_double(text, 0, 1e18, &value) == 0)
		json = cJSON_CreateNumber(value);
	else
		json = cJSON_CreateString(text);
	processor_print(data, console_ask_with(data, "processor.set", w->name, json));
}

COMMAND_WORD(start_word, "start");
COMMAND_WORD(stop_word, "stop");
COMMAND_WORD(show_word, "show");
COMMAND_WORD(set_word, "set");
COMMAND_WORD(processor_word, "processor");
COMMAND_CHOICE(parameter_word, "H#T#k#X");
COMMAND_REST(value_rest, "its value, a number");

COMMAND(start_cmd, start_run, "start                      measure", (void *)&start_word);
COMMAND(stop_cmd, stop_run, "stop                       count packets, measure nothing",
	(void *)&stop_word);
COMMAND(show_cmd, show_run, "show processor             parameters of the built-in queries",
	(void *)&show_word, (void *)&processor_word);
COMMAND(set_cmd, set_run, "set processor H|T|k|X N    change a parameter",
	(void *)&set_word, (void *)&processor_word, (void *)&parameter_word, (void *)&value_rest);

cmdline_parse_inst_t *console_cmds_processor[] = {
	&start_cmd, &stop_cmd, &show_cmd, &set_cmd, NULL};
