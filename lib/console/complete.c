/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "console/console_internal.h"

// Completion with help at every word: what may come next, each once, with what it is for. A word that
// begins several commands is explained by the words that may follow it.

#define WORD_COLUMNS 20

struct completion {
	char word[STR_TOKEN_SIZE];  // "" where there is only help
	char help[160];
	const cmdline_parse_inst_t *inst;  // the first command with it
	bool next;                  // there are more: help lists the words that follow
};

void
console_completions_free(struct console *c)
{
	free(c->completions);
	c->completions = NULL;
	c->completion_count = 0;
}

const char *
console_purpose(const cmdline_parse_inst_t *inst)
{
	const char *at = strstr(inst->help_str, "  ");

	return at != NULL ? at + strspn(at, " ") : inst->help_str;
}

static struct completion *
completion_find(struct console *c, const char *word)
{
	for (unsigned int i = 0; i < c->completion_count; i++)
		if (strcmp(c->completions[i].word, word) == 0 && *word != '\0')
			return &c->completions[i];
	return NULL;
}

static struct completion *
completion_add(struct console *c, const char *word, const char *help,
	const cmdline_parse_inst_t *inst)
{
	struct completion *grown = realloc(c->completions,
		(c->completion_count + 1) * sizeof(*grown));

	if (grown == NULL)
		return NULL;
	c->completions = grown;
	grown += c->completion_count++;
	*grown = (struct completion){.inst = inst};
	snprintf(grown->word, sizeof(grown->word), "%s", word);
	snprintf(grown->help, sizeof(grown->help), "%s", help);
	return grown;
}

// The word of the help that a token stands for: "show" and "ledger" of "show ledger   every ...".
static void
help_word(const cmdline_parse_inst_t *inst, unsigned int index, char *buf, size_t size)
{
	const char *at = inst->help_str, *end = strstr(at, "  ");

	for (; index > 0; index--)
		at += strcspn(at, " ") + 1;
	if (end == NULL || at > end)
		at = "";
	snprintf(buf, size, "%.*s", (int)strcspn(at, " "), at);
}

// Another command has this word in this place.
static void
completion_widen(struct completion *k, const cmdline_parse_inst_t *inst, unsigned int index)
{
	char word[STR_TOKEN_SIZE];
	size_t len;

	if (!k->next) {
		help_word(k->inst, index + 1, word, sizeof(word));
		if (word[0] != '\0')
			snprintf(k->help, sizeof(k->help), "%s", word);
		k->next = true;
	}
	help_word(inst, index + 1, word, sizeof(word));
	len = strlen(k->help);
	if (word[0] == '\0' || strstr(k->help, word) != NULL || len + 3 >= sizeof(k->help))
		return;
	snprintf(k->help + len, sizeof(k->help) - len, "%s%s", len > 0 ? ", " : "", word);
}

// What this token may be, as far as it begins with what is typed.
static void
token_collect(struct console *c, cmdline_parse_inst_t *inst, unsigned int index, const char *typed)
{
	cmdline_parse_token_hdr_t *token = inst->tokens[index];
	int n = token->ops->complete_get_nb(token);
	char word[STR_TOKEN_SIZE], help[128] = "";
	struct completion *k;

	for (int i = 0; i < n; i++) {
		const char *own = console_word_help(token, i);

		if (token->ops->complete_get_elt(token, i, word, sizeof(word)) != 0 ||
		    strncmp(word, typed, strlen(typed)) != 0)
			continue;
		k = completion_find(c, word);
		if (k == NULL)
			completion_add(c, word, own != NULL ? own : console_purpose(inst), inst);
		else if (k->inst != inst && own == NULL)
			completion_widen(k, inst, index);
	}
	if (n > 0)
		return;
	token->ops->get_help(token, help, sizeof(help));
	if (*typed == '\0')
		completion_add(c, "", help, inst);
}

// Tokens of a command as far as they are typed in full; index of the one that is not, -1 if it is
// another command. *at is what is typed of it.
static int
tokens_pass(const cmdline_parse_inst_t *inst, const char **at)
{
	char scratch[sizeof(struct console_words)];

	for (int i = 0; inst->tokens[i] != NULL; i++) {
		cmdline_parse_token_hdr_t *token = inst->tokens[i];
		size_t len = strcspn(*at, " \t");
		int n;

		if ((*at)[len] == '\0')
			return i;
		n = token->ops->parse(token, *at, scratch, sizeof(scratch));
		if (n < 0 || ((*at)[n] != '\0' && !isspace((unsigned char)(*at)[n])))
			return -1;
		*at += n;
		*at += strspn(*at, " \t");
	}
	return -1;
}

static void
collect(struct console *c, const char *buf, bool only_shows)
{
	console_completions_free(c);
	for (size_t i = 0; c->insts[i] != NULL; i++) {
		const char *at = buf;
		int index;

		if (only_shows && !console_shows(c, c->insts[i]->help_str))
			continue;
		index = tokens_pass(c->insts[i], &at);
		if (index >= 0)
			token_collect(c, c->insts[i], (unsigned int)index, at);
	}
}

// How much of the words is the same, beyond what is typed.
static size_t
common_len(const struct console *c)
{
	size_t len = strlen(c->completions[0].word);

	for (unsigned int i = 1; i < c->completion_count; i++) {
		size_t same = 0;

		while (same < len && c->completions[i].word[same] == c->completions[0].word[same])
			same++;
		len = same;
	}
	return len;
}

static const char *
last_word(const char *buf)
{
	const char *at = buf + strlen(buf);

	while (at > buf && !isspace((unsigned char)at[-1]))
		at--;
	return at;
}

// Fills c->completions with what may come at the end of buf.
static void
candidates(struct console *c, const char *buf)
{
	const char *word = last_word(buf), *bar = strchr(buf, '|');

	buf += strspn(buf, " \t");
	if (bar != NULL && strspn(bar + 1, " \t") == (size_t)(word - bar - 1)) {
		console_completions_free(c);
		if (strncmp("json", word, strlen(word)) == 0)
			completion_add(c, "json", "the answer of the method as it is", NULL);
	} else if (strncmp(buf, "watch ", 6) == 0) {
		collect(c, buf + 6 + strspn(buf + 6, " \t"), true);
	} else {
		collect(c, buf, false);
	}
}

void
console_candidates(struct console *c, const char *line,
	void (*each)(void *arg, const char *word, const char *help), void *arg)
{
	candidates(c, line);
	for (unsigned int i = 0; i < c->completion_count; i++)
		if (c->completions[i].word[0] != '\0')
			each(arg, c->completions[i].word, c->completions[i].help);
}

int
console_complete(struct console *c, const char *buf, char *dst, unsigned int size, int *state)
{
	size_t typed = strlen(last_word(buf)), len;
	unsigned int columns, rows;
	const struct completion *k;

	if (*state <= 0) {
		candidates(c, buf);
		if (c->completion_count == 0)
			return 0;
		len = common_len(c);
		if (*state == 0 && (len > typed || (c->completion_count == 1 && len > 0))) {
			snprintf(dst, size, "%.*s%s", (int)(len - typed),
				c->completions[0].word + typed, c->completion_count == 1 ? " " : "");
			return CMDLINE_PARSE_COMPLETED_BUFFER;
		}
		*state = 0;
	}
	if ((unsigned int)*state >= c->completion_count)
		return 0;
	k = &c->completions[(*state)++];
	snprintf(dst, size, "%-*s %s", WORD_COLUMNS, k->word, k->help);
	console_size(c, &columns, &rows);
	if (columns > 2 && strlen(dst) > columns - 2)
		dst[columns - 2] = '\0';
	return CMDLINE_PARSE_COMPLETE_AGAIN;
}
