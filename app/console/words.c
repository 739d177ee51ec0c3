/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "console/command.h"

// Tokens that are no fixed words: names, completed with what Weir knows at that moment, any word, and
// the rest of the line.

static int
word_parse(cmdline_parse_token_hdr_t *hdr, const char *buf, void *res, unsigned int size)
{
	unsigned int len = 0;

	(void)hdr;
	while (!cmdline_isendoftoken(buf[len]))
		len++;
	if (len == 0 || len >= STR_TOKEN_SIZE || (res != NULL && size < STR_TOKEN_SIZE))
		return -1;
	if (res != NULL) {
		memcpy(res, buf, len);
		((char *)res)[len] = '\0';
	}
	return (int)len;
}

// help: NULL where there is none of its own. A name that is there already stays as it is.
static void
name_add(struct word_token *t, const char *name, const char *help)
{
	if (cJSON_GetObjectItemCaseSensitive(t->names, name) != NULL)
		return;
	cJSON_AddItemToObject(t->names, name,
		help != NULL ? cJSON_CreateString(help) : cJSON_CreateNull());
}

// Of an array of objects, what two of their members say.
static void
names_of_members(struct word_token *t, const cJSON *array, const char *member, const char *help)
{
	const cJSON *o;

	cJSON_ArrayForEach(o, array) {
		const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, member));

		if (name != NULL)
			name_add(t, name, cJSON_GetStringValue(
				cJSON_GetObjectItemCaseSensitive(o, help)));
	}
}

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

	names_of_members(t, queries, "name", "key");
	cJSON_Delete(queries);
}

static void
names_of_fields(struct word_token *t)
{
	cJSON *methods = console_ask_quietly(t->console, "rpc.methods");

	name_add(t, "rate", "packets per second, as in 500kpps or 2mpps");
	names_of_members(t, cJSON_GetObjectItemCaseSensitive(named(methods, "generator.set"),
		"params"), "name", "help");
	cJSON_Delete(methods);
}

static void
names_of_named_keys(struct word_token *t)
{
	cJSON *answer = console_ask_quietly(t->console, "names.list");
	const cJSON *name;

	cJSON_ArrayForEach(name, cJSON_GetObjectItemCaseSensitive(answer, "names"))
		name_add(t, name->string, cJSON_GetStringValue(name));
	cJSON_Delete(answer);
}

static void
names_of_limits(struct word_token *t)
{
	cJSON *answer = console_ask_quietly(t->console, "limits.list");

	names_of_members(t, cJSON_GetObjectItemCaseSensitive(answer, "limits"), "limit_name",
		"source");
	cJSON_Delete(answer);
}

static void
names_of_methods(struct word_token *t)
{
	cJSON *methods = console_ask_quietly(t->console, "rpc.methods");

	names_of_members(t, methods, "name", "help");
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
		name_add(t, word, NULL);
	free(copy);
	cJSON_Delete(methods);
}

static void
field_add(struct word_token *t, const char *path, const cJSON *value)
{
	char *text = cJSON_PrintUnformatted(value), help[128];

	snprintf(help, sizeof(help), "now %s", text != NULL ? text : "?");
	name_add(t, path, help);
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

static void
names_of_commands(struct word_token *t)
{
	for (cmdline_parse_inst_t **i = t->console->insts; *i != NULL; i++) {
		size_t len = strcspn((*i)->help_str, " ");
		char word[32];

		snprintf(word, sizeof(word), "%.*s", (int)len, (*i)->help_str);
		name_add(t, word, NULL);
	}
}

static const struct {
	void (*collect)(struct word_token *t);  // what words are completed with, into t->names
	const char *help;
} sources[WORD_SOURCES] = {
	[WORD_QUERY] = {names_of_queries, "name of a query"},
	[WORD_GENERATOR_FIELD] = {names_of_fields, "field of the profile"},
	[WORD_NAMED_KEY] = {names_of_named_keys, "address, prefix, MAC, vlan/ID, port/N or proto/N"},
	[WORD_LIMIT] = {names_of_limits, "name of a limit"},
	[WORD_METHOD] = {names_of_methods, "name of a method, see show methods"},
	[WORD_KEY] = {names_of_keys, "what is counted, as in query.add"},
	[WORD_CONFIG_FIELD] = {names_of_config_fields, "field of the configuration"},
	[WORD_COMMAND] = {names_of_commands, "first word of commands"},
};

static int
word_count(cmdline_parse_token_hdr_t *hdr)
{
	struct word_token *t = container_of(hdr, struct word_token, hdr);

	cJSON_Delete(t->names);
	t->names = cJSON_CreateObject();
	sources[t->source].collect(t);
	return cJSON_GetArraySize(t->names);
}

static int
word_get(cmdline_parse_token_hdr_t *hdr, int i, char *buf, unsigned int size)
{
	const struct word_token *t = container_of(hdr, struct word_token, hdr);
	const cJSON *name = cJSON_GetArrayItem(t->names, i);

	if (name == NULL || strlen(name->string) >= size)
		return -1;
	strcpy(buf, name->string);
	return 0;
}

static int
word_help(cmdline_parse_token_hdr_t *hdr, char *buf, unsigned int size)
{
	const struct word_token *t = container_of(hdr, struct word_token, hdr);

	snprintf(buf, size, "%s", sources[t->source].help);
	return 0;
}

static struct cmdline_token_ops word_ops = {
	.parse = word_parse,
	.complete_get_nb = word_count,
	.complete_get_elt = word_get,
	.get_help = word_help,
};

const char *
console_word_help(const cmdline_parse_token_hdr_t *hdr, int i)
{
	if (hdr->ops != &word_ops)
		return NULL;
	return cJSON_GetStringValue(cJSON_GetArrayItem(
		container_of(hdr, const struct word_token, hdr)->names, i));
}

cmdline_parse_token_hdr_t console_word_marks[WORD_SOURCES];

void
console_word_init(struct word_token *t, struct console *c, enum word_source source)
{
	t->hdr.ops = &word_ops;
	t->hdr.offset = offsetof(struct console_words, name);
	t->console = c;
	t->source = source;
}

static int
rest_parse(cmdline_parse_token_hdr_t *hdr, const char *buf, void *res, unsigned int size)
{
	size_t len = strcspn(buf, "\r\n");
	const char *at = buf;

	(void)hdr;
	if (len == 0 || (res != NULL && size < sizeof(at)))
		return -1;
	if (res != NULL)
		memcpy(res, &at, sizeof(at));  // the line outlives the command
	return (int)len;
}

static int
rest_help(cmdline_parse_token_hdr_t *hdr, char *buf, unsigned int size)
{
	snprintf(buf, size, "%s", container_of(hdr, struct rest_token, hdr)->help);
	return 0;
}

static int
nothing_count(cmdline_parse_token_hdr_t *hdr)
{
	(void)hdr;
	return 0;
}

static int
nothing_get(cmdline_parse_token_hdr_t *hdr, int i, char *buf, unsigned int size)
{
	(void)hdr;
	(void)i;
	(void)buf;
	(void)size;
	return -1;
}

struct cmdline_token_ops console_any_ops = {word_parse, nothing_count, nothing_get, rest_help};
struct cmdline_token_ops console_rest_ops = {rest_parse, nothing_count, nothing_get, rest_help};
