/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include "console/weir_commands.h"

// call METHOD [JSON]

// The answer as JSON for people; with `| json` as it came.
static void
answer_print(struct console *c, cJSON *answer)
{
	char *text = answer != NULL ? cJSON_Print(answer) : NULL;

	if (text != NULL)
		fprintf(c->out, "%s\n", text);
	free(text);
	cJSON_Delete(answer);
}

static void
call_run(void *res, struct cmdline *cl, void *data)
{
	const struct console_words *w = res;

	(void)cl;
	answer_print(data, console_ask(data, w->name, NULL));
}

static void
call_with_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;

	(void)cl;
	answer_print(data, console_ask(data, w->name, console_value(w->value)));
}

COMMAND_WORD(call_word, "call");
COMMAND_REST(params_rest, "its parameters, {\"NAME\": VALUE, ...}");
COMMAND(call_cmd, call_run, "call METHOD                any method without parameters",
	(void *)&call_word, &console_word_marks[WORD_METHOD]);
COMMAND(call_with_cmd, call_with_run, "call METHOD JSON           any method, its answer as JSON",
	(void *)&call_word, &console_word_marks[WORD_METHOD], (void *)&params_rest);

cmdline_parse_inst_t *console_cmds_call[] = {&call_cmd, &call_with_cmd, NULL};
