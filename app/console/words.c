/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <string.h>

#include <rte_common.h>

#include "console/console_internal.h"

// Word tokens: any word, completed with the names that Weir knows at that moment.

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

static void
names_of_queries(struct word_token *t)
{
	cJSON *queries = console_ask_quietly(t->console, "query.list");
	const cJSON *q;

	cJSON_ArrayForEach(q, queries) {
		const cJSON *name = cJSON_GetObjectItemCaseSensitive(q, "name");

		if (cJSON_IsString(name))
			cJSON_AddItemToArray(t->names, cJSON_CreateString(name->valuestring));
	}
	cJSON_Delete(queries);
}

static void
names_of_fields(struct word_token *t)
{
	cJSON *generator = console_ask_quietly(t->console, "generator.get");
	const cJSON *field;

	cJSON_AddItemToArray(t->names, cJSON_CreateString("rate"));
	cJSON_ArrayForEach(field, cJSON_GetObjectItemCaseSensitive(generator, "profile"))
		cJSON_AddItemToArray(t->names, cJSON_CreateString(field->string));
	cJSON_Delete(generator);
}

static void
names_of_named_keys(struct word_token *t)
{
	cJSON *answer = console_ask_quietly(t->console, "names.list");
	const cJSON *name;

	cJSON_ArrayForEach(name, cJSON_GetObjectItemCaseSensitive(answer, "names"))
		cJSON_AddItemToArray(t->names, cJSON_CreateString(name->string));
	cJSON_Delete(answer);
}

static const struct {
	void (*collect)(struct word_token *t);  // what words are completed with, into t->names
	const char *help;
} sources[WORD_SOURCES] = {
	[WORD_QUERY] = {names_of_queries, "name of a query"},
	[WORD_GENERATOR_FIELD] = {names_of_fields, "field of the profile"},
	[WORD_NAMED_KEY] = {names_of_named_keys, "address, prefix, MAC, vlan/ID, port/N or proto/N"},
};

static int
word_count(cmdline_parse_token_hdr_t *hdr)
{
	struct word_token *t = container_of(hdr, struct word_token, hdr);

	cJSON_Delete(t->names);
	t->names = cJSON_CreateArray();
	sources[t->source].collect(t);
	return cJSON_GetArraySize(t->names);
}

static int
word_get(cmdline_parse_token_hdr_t *hdr, int i, char *buf, unsigned int size)
{
	const struct word_token *t = container_of(hdr, struct word_token, hdr);
	const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(t->names, i));

	if (name == NULL || strlen(name) >= size)
		return -1;
	strcpy(buf, name);
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

cmdline_parse_token_hdr_t console_word_marks[WORD_SOURCES];

void
console_word_init(struct word_token *t, struct console *c, enum word_source source)
{
	t->hdr.ops = &word_ops;
	t->hdr.offset = offsetof(struct console_words, name);
	t->console = c;
	t->source = source;
}
