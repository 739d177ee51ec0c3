/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "console/command.h"

// Tokens that are no fixed words: names, completed with what is known at that moment, any word, and
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

void
console_word_add(struct word_token *t, const char *name, const char *help)
{
	if (cJSON_GetObjectItemCaseSensitive(t->names, name) != NULL)
		return;
	cJSON_AddItemToObject(t->names, name,
		help != NULL ? cJSON_CreateString(help) : cJSON_CreateNull());
}

void
console_word_add_members(struct word_token *t, const cJSON *array, const char *member, const char *help)
{
	const cJSON *o;

	cJSON_ArrayForEach(o, array) {
		const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, member));

		if (name != NULL)
			console_word_add(t, name, cJSON_GetStringValue(
				cJSON_GetObjectItemCaseSensitive(o, help)));
	}
}

static void
names_of_commands(struct word_token *t)
{
	for (cmdline_parse_inst_t **i = t->console->insts; *i != NULL; i++) {
		size_t len = strcspn((*i)->help_str, " ");
		char word[32];

		snprintf(word, sizeof(word), "%.*s", (int)len, (*i)->help_str);
		console_word_add(t, word, NULL);
	}
}

static const struct console_word words_of_commands = {names_of_commands, "first word of commands"};

static const struct console_word *
word_source(const struct word_token *t)
{
	return t->source == CONSOLE_WORD_COMMAND ? &words_of_commands :
		&t->console->params.commands->words[t->source];
}

static int
word_count(cmdline_parse_token_hdr_t *hdr)
{
	struct word_token *t = container_of(hdr, struct word_token, hdr);

	cJSON_Delete(t->names);
	t->names = cJSON_CreateObject();
	word_source(t)->collect(t);
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

	snprintf(buf, size, "%s", word_source(t)->help);
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

cmdline_parse_token_hdr_t console_word_marks[CONSOLE_WORDS_MAX];

void
console_word_init(struct word_token *t, struct console *c, unsigned int source)
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
