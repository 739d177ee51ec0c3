/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "console/command.h"

// cmdline hands each command only the data of its table row, so each console works on copies of the
// rows of its program's commands, whose data is the console, and whose word tokens are its own.

static cmdline_parse_token_hdr_t *
token_bind(struct console *c, cmdline_parse_token_hdr_t *token)
{
	for (unsigned int i = 0; i < CONSOLE_WORDS_MAX; i++)
		if (token == &console_word_marks[i])
			return &c->words[i].hdr;
	return token;
}

static cmdline_parse_inst_t *
inst_bind(struct console *c, const cmdline_parse_inst_t *inst)
{
	cmdline_parse_inst_t *copy;
	size_t n = 0;

	while (inst->tokens[n] != NULL)
		n++;
	copy = calloc(1, sizeof(*copy) + (n + 1) * sizeof(copy->tokens[0]));
	if (copy == NULL)
		return NULL;
	copy->f = inst->f;
	copy->data = c;
	copy->help_str = inst->help_str;
	for (size_t i = 0; i < n; i++)
		copy->tokens[i] = token_bind(c, inst->tokens[i]);
	return copy;
}

int
console_commands_bind(struct console *c)
{
	cmdline_parse_inst_t **const *groups = c->params.commands->groups;
	size_t n = 0;

	for (size_t g = 0; groups[g] != NULL; g++)
		for (size_t i = 0; groups[g][i] != NULL; i++)
			n++;
	c->insts = calloc(n + 1, sizeof(c->insts[0]));
	if (c->insts == NULL)
		return -ENOMEM;
	for (unsigned int i = 0; i < c->params.commands->word_count; i++)
		console_word_init(&c->words[i], c, i);
	n = 0;
	for (size_t g = 0; groups[g] != NULL; g++)
		for (size_t i = 0; groups[g][i] != NULL; i++, n++) {
			c->insts[n] = inst_bind(c, groups[g][i]);
			if (c->insts[n] == NULL)
				return -ENOMEM;
		}
	return 0;
}

void
console_commands_free(struct console *c)
{
	for (size_t i = 0; c->insts != NULL && c->insts[i] != NULL; i++)
		free(c->insts[i]);
	free(c->insts);
	for (unsigned int i = 0; i < CONSOLE_WORDS_MAX; i++)
		cJSON_Delete(c->words[i].names);
}
