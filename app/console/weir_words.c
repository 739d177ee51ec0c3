/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "console/weir_commands.h"

// What words of Weir's commands are completed with: Weir is asked when it is needed.

static const cJSON *
named(const cJSON *array, const char *name)
{
	const cJSON *o;

	cJSON_ArrayForEach(o, array) {
		const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "name"));

		if (text != NULL && strcmp(text, name) == 0)
			return o;
	}
	return NULL;
}

static void
names_of_queries(struct word_token *t)
{
	cJSON *queries = console_ask_quietly(t->console, "query.list");

	console_word_add_members(t, queries, "name", "key");
	cJSON_Delete(queries);
}

static void
names_of_fields(struct word_token *t)
{
	cJSON *methods = console_ask_quietly(t->console, "rpc.methods");

	console_word_add(t, "rate", "packets per second, as in 500kpps or 2mpps");
	console_word_add_members(t, cJSON_GetObjectItemCaseSensitive(named(methods, "generator.set"),
		"params"), "name", "help");
	cJSON_Delete(methods);
}

static void
names_of_named_keys(struct word_token *t)
{
	cJSON *answer = console_ask_quietly(t->console, "names.list");
	const cJSON *name;

	cJSON_ArrayForEach(name, cJSON_GetObjectItemCaseSensitive(answer, "names"))
		console_word_add(t, name->string, cJSON_GetStringValue(name));
	cJSON_Delete(answer);
}

static void
names_of_limits(struct word_token *t)
{
	cJSON *answer = console_ask_quietly(t->console, "limits.list");

	console_word_add_members(t, cJSON_GetObjectItemCaseSensitive(answer, "limits"), "limit_name",
		"source");
	cJSON_Delete(answer);
}

static void
names_of_methods(struct word_token *t)
{
	cJSON *methods = console_ask_quietly(t->console, "rpc.methods");

	console_word_add_members(t, methods, "name", "help");
	cJSON_Delete(methods);
}

// The choices of query.add's parameter `key`.
static void
names_of_keys(struct word_token *t)
{
	cJSON *methods = console_ask_quietly(t->console, "rpc.methods");
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(named(methods, "query.add"), "params");
	const char *choices = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(
		named(params, "key"), "choices"));
	char *copy = choices != NULL ? strdup(choices) : NULL, *save;

	for (char *word = copy != NULL ? strtok_r(copy, " ", &save) : NULL; word != NULL;
			word = strtok_r(NULL, " ", &save))
		console_word_add(t, word, NULL);
	free(copy);
	cJSON_Delete(methods);
}

static void
field_add(struct word_token *t, const char *path, const cJSON *value)
{
	char *text = cJSON_PrintUnformatted(value), help[128];

	snprintf(help, sizeof(help), "now %s", text != NULL ? text : "?");
	console_word_add(t, path, help);
	free(text);
}

// Fields by their paths with their values; those of objects that are one value by their name.
static void
names_of_config_fields(struct word_token *t)
{
	cJSON *config = console_ask_quietly(t->console, "config.get");
	const cJSON *field, *part;
	char path[STR_TOKEN_SIZE];

	cJSON_ArrayForEach(field, config) {
		if (!cJSON_IsObject(field) || strcmp(field->string, "generator") == 0 ||
		    strcmp(field->string, "names") == 0 || strcmp(field->string, "protocols") == 0) {
			field_add(t, field->string, field);
			continue;
		}
		cJSON_ArrayForEach(part, field) {
			snprintf(path, sizeof(path), "%s.%s", field->string, part->string);
			field_add(t, path, part);
		}
	}
	cJSON_Delete(config);
}

const struct console_word weir_words[WORD_SOURCES] = {
	[WORD_QUERY] = {names_of_queries, "name of a query"},
	[WORD_GENERATOR_FIELD] = {names_of_fields, "field of the profile"},
	[WORD_NAMED_KEY] = {names_of_named_keys, "address, prefix, MAC, vlan/ID, port/N or proto/N"},
	[WORD_LIMIT] = {names_of_limits, "name of a limit"},
	[WORD_METHOD] = {names_of_methods, "name of a method, see show methods"},
	[WORD_KEY] = {names_of_keys, "what is counted, as in query.add"},
	[WORD_CONFIG_FIELD] = {names_of_config_fields, "field of the configuration"},
};
