/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "console/weir_commands.h"
#include "console/table.h"

// show system, show methods

static void
system_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;
	cJSON *info = console_ask(c, "system.info", NULL);
	const cJSON *v;
	struct table t;

	(void)res;
	(void)cl;
	if (info == NULL)
		return;
	table_start(&t, "system|value");
	cJSON_ArrayForEach(v, info) {
		char *text = cJSON_IsString(v) ? NULL : cJSON_PrintUnformatted(v);

		table_text(&t, v->string);
		table_text(&t, cJSON_IsString(v) ? v->valuestring : text);
		free(text);
	}
	console_table(c, &t);
	cJSON_Delete(info);
}

// Names of the parameters, those that must be given first and unmarked.
static void
parameters_text(const cJSON *params, char *buf, size_t size)
{
	size_t len = 0;
	const cJSON *p;

	buf[0] = '\0';
	for (int required = 1; required >= 0; required--)
		cJSON_ArrayForEach(p, params) {
			bool is = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(p, "required"));

			if (is == (required == 1) && len < size)
				len += (size_t)snprintf(buf + len, size - len, is ? "%s%s" : "%s[%s]",
					len > 0 ? " " : "", table_member_text(p, "name"));
		}
}

static void
methods_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;
	cJSON *methods = console_ask(c, "rpc.methods", NULL);
	char params[512];
	const cJSON *m;
	struct table t;

	(void)res;
	(void)cl;
	if (methods == NULL)
		return;
	table_start(&t, "method|role|parameters");
	cJSON_ArrayForEach(m, methods) {
		parameters_text(cJSON_GetObjectItemCaseSensitive(m, "params"), params, sizeof(params));
		table_text(&t, table_member_text(m, "name"));
		table_text(&t, table_member_text(m, "role"));
		table_text(&t, params);
	}
	console_table(c, &t);
	cJSON_Delete(methods);
}

COMMAND_WORD(show_word, "show");
COMMAND_WORD(system_word, "system");
COMMAND_WORD(methods_word, "methods");

COMMAND(system_cmd, system_run, "show system                version, machine and start",
	(void *)&show_word, (void *)&system_word);
COMMAND(methods_cmd, methods_run, "show methods               what can be called, and with what",
	(void *)&show_word, (void *)&methods_word);

cmdline_parse_inst_t *console_cmds_system[] = {&system_cmd, &methods_cmd, NULL};
