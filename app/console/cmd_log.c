/* SPDX-License-Identifier: BSD-3-Clause */
#include "console/weir_commands.h"
#include "console/table.h"

// show log, set log AREA LEVEL

static void
log_print(struct console *c, cJSON *answer)
{
	const cJSON *levels = cJSON_GetObjectItemCaseSensitive(answer, "levels"), *level;
	struct table t;

	if (answer == NULL)
		return;
	table_start(&t, "area|level");
	cJSON_ArrayForEach(level, levels) {
		table_text(&t, level->string);
		table_text(&t, cJSON_GetStringValue(level));
	}
	console_table(c, &t);
	cJSON_Delete(answer);
}

static void
show_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	log_print(data, console_ask(data, "log.get", NULL));
}

static void
set_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;
	cJSON *params = cJSON_CreateObject(), *answer;
	char *text;

	(void)cl;
	cJSON_AddStringToObject(params, "area", w->name);
	cJSON_AddStringToObject(params, "level", console_value(w->value));
	text = cJSON_PrintUnformatted(params);
	answer = console_ask(data, "log.level", text);
	log_print(data, answer);
	cJSON_free(text);
	cJSON_Delete(params);
}

COMMAND_WORD(show_word, "show");
COMMAND_WORD(set_word, "set");
COMMAND_WORD(log_word, "log");
COMMAND_ANY(area_any, "all, or an area, see show log");
COMMAND_REST(level_rest, "error, warning, notice, info or debug");

COMMAND(show_cmd, show_run, "show log                   how much each area writes to the log",
	(void *)&show_word, (void *)&log_word);
COMMAND(set_cmd, set_run, "set log AREA LEVEL         error, warning, notice, info or debug",
	(void *)&set_word, (void *)&log_word, (void *)&area_any, (void *)&level_rest);

cmdline_parse_inst_t *console_cmds_log[] = {&show_cmd, &set_cmd, NULL};
