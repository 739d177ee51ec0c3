/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/profile_fields.h"
#include "console_commands.h"
#include "profile_path.h"

// set FIELD VALUE, load FILE, save FILE

#define LIST_SHOWN 4  // a longer list is told by its length

static void
field_help(const char *path, const cJSON *value, char *buf, size_t size)
{
	const struct param *row = strpbrk(path, ".[") == NULL ? param_find(profile_fields, path) : NULL;
	char *text = NULL;

	if (cJSON_IsArray(value) && cJSON_GetArraySize(value) > LIST_SHOWN)
		(void)!asprintf(&text, "a list of %d", cJSON_GetArraySize(value));
	else
		text = cJSON_PrintUnformatted(value);
	snprintf(buf, size, "now %.40s%s%s", text != NULL ? text : "?", row != NULL ? "; " : "",
		row != NULL ? row->help : "");
	free(text);
}

static void
field_add(void *arg, const char *path, const cJSON *value)
{
	char help[160];

	field_help(path, value, help, sizeof(help));
	console_word_add(arg, path, help);
}

static void
fields_collect(struct word_token *t)
{
	cJSON *profile = console_ask_quietly(t->console, "profile.get");

	profile_path_each(profile, field_add, t);
	if (cJSON_GetObjectItemCaseSensitive(profile, "replay") == NULL)
		for (const struct param *row = profile_fields; row->name != NULL; row++)
			console_word_add(t, row->name, row->help);
	cJSON_Delete(profile);
}

const struct console_word pktgen_words[WORD_COUNT] = {
	[WORD_FIELD] = {fields_collect, "field of the profile, as in rate or size.min"},
};

static void
member_print(struct console *c, const cJSON *profile, const char *name, size_t len)
{
	const cJSON *member;

	cJSON_ArrayForEach(member, profile)
		if (strncmp(member->string, name, len) == 0 && member->string[len] == '\0') {
			char *text = cJSON_PrintUnformatted(member);

			fprintf(c->out, "%s %.200s\n", member->string, text != NULL ? text : "?");
			free(text);
		}
}

// The member as it is in effect now; of a rate both forms.
static void
set_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;
	cJSON *params = cJSON_CreateObject(), *profile;
	size_t len = strcspn(w->name, ".[");

	(void)cl;
	cJSON_AddStringToObject(params, "field", w->name);
	cJSON_AddItemToObject(params, "value", console_json_value(console_value(w->value)));
	profile = console_ask_params(data, "profile.set", params);
	if (profile == NULL)
		return;
	member_print(data, profile, w->name, len);
	if (strcmp(w->name, "rate") == 0)
		member_print(data, profile, "rate_pps", strlen("rate_pps"));
	cJSON_Delete(profile);
}

static void
load_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;
	const char *path = console_value(w->value);
	struct console *c = data;
	cJSON *profile;

	(void)cl;
	profile = console_ask_with(c, "profile.load", "file", cJSON_CreateString(path));
	if (profile != NULL)
		fprintf(c->out, "the profile of %s is in effect\n", path);
	cJSON_Delete(profile);
}

static void
save_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;
	const char *path = console_value(w->value);
	struct console *c = data;
	cJSON *answer;

	(void)cl;
	answer = console_ask_with(c, "profile.save", "file", cJSON_CreateString(path));
	if (answer != NULL)
		fprintf(c->out, "saved to %s\n", path);
	cJSON_Delete(answer);
}

COMMAND_WORD(set_word, "set");
COMMAND_WORD(load_word, "load");
COMMAND_WORD(save_word, "save");
COMMAND_REST(value_rest, "its value: JSON, a word such as imix, or a rate such as 2mpps");
COMMAND_REST(file_rest, "path of a file");

COMMAND(set_cmd, set_run, "set FIELD VALUE            a field of the profile: rate 2mpps, size.min 64",
	(void *)&set_word, &console_word_marks[WORD_FIELD], (void *)&value_rest);
COMMAND(load_cmd, load_run, "load FILE                  the whole profile, or nothing of it",
	(void *)&load_word, (void *)&file_rest);
COMMAND(save_cmd, save_run, "save FILE                  the profile, complete with its defaults",
	(void *)&save_word, (void *)&file_rest);

cmdline_parse_inst_t *pktgen_cmds_profile[] = {&set_cmd, &load_cmd, &save_cmd, NULL};
