/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "console/weir_commands.h"
#include "console/table.h"

// show names, set name KEY NAME, del name KEY, reload geoip

static void
databases_print(struct console *c, const cJSON *databases)
{
	const cJSON *d;
	struct table t;

	if (cJSON_GetArraySize(databases) == 0)
		return;
	table_start(&t, "database|type");
	cJSON_ArrayForEach(d, databases) {
		table_text(&t, table_member_text(d, "file"));
		table_text(&t, table_member_text(d, "type"));
	}
	console_table(c, &t);
}

static void
names_print(struct console *c, cJSON *answer)
{
	const cJSON *names = cJSON_GetObjectItemCaseSensitive(answer, "names"), *name;
	struct table t;

	if (answer == NULL)
		return;
	table_start(&t, "key|name");
	cJSON_ArrayForEach(name, names) {
		table_text(&t, name->string);
		table_text(&t, name->valuestring);
	}
	console_table(c, &t);
	databases_print(c, cJSON_GetObjectItemCaseSensitive(answer, "geoip"));
	cJSON_Delete(answer);
}

static void
show_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	names_print(data, console_ask(data, "names.list", NULL));
}

// A change is answered with all names; that it was done is enough here.
static void
change_print(struct console *c, cJSON *answer)
{
	if (answer != NULL)
		fprintf(c->out, "%d names\n",
			cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(answer, "names")));
	cJSON_Delete(answer);
}

static void
set_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;
	cJSON *names = cJSON_CreateObject();

	(void)cl;
	cJSON_AddStringToObject(names, w->name, console_value(w->value));
	change_print(data, console_ask_with(data, "names.set", "names", names));
}

static void
del_run(void *res, struct cmdline *cl, void *data)
{
	const struct console_words *w = res;
	const char *key = w->name;

	(void)cl;
	change_print(data, console_ask_with(data, "names.remove", "keys",
		cJSON_CreateStringArray(&key, 1)));
}

static void
reload_run(void *res, struct cmdline *cl, void *data)
{
	(void)res;
	(void)cl;
	names_print(data, console_ask(data, "names.reload", NULL));
}

COMMAND_WORD(show_word, "show");
COMMAND_WORD(set_word, "set");
COMMAND_WORD(del_word, "del");
COMMAND_WORD(reload_word, "reload");
COMMAND_WORD(names_word, "names");
COMMAND_WORD(name_word, "name");
COMMAND_WORD(geoip_word, "geoip");
COMMAND_REST(label_rest, "its name");

COMMAND(show_cmd, show_run, "show names                 what keys of results are called",
	(void *)&show_word, (void *)&names_word);
COMMAND(set_cmd, set_run, "set name KEY NAME          name an address, prefix, MAC, vlan/ID, port/N",
	(void *)&set_word, (void *)&name_word, &console_word_marks[WORD_NAMED_KEY],
	(void *)&label_rest);
COMMAND(del_cmd, del_run, "del name KEY               forget a name",
	(void *)&del_word, (void *)&name_word, &console_word_marks[WORD_NAMED_KEY]);
COMMAND(reload_cmd, reload_run, "reload geoip               read the .mmdb files again",
	(void *)&reload_word, (void *)&geoip_word);

cmdline_parse_inst_t *console_cmds_names[] = {
	&show_cmd, &set_cmd, &del_cmd, &reload_cmd, NULL};
