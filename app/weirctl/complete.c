/* SPDX-License-Identifier: BSD-3-Clause */
#include "complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "follow.h"

static void
word_print(void *arg, const char *word, const char *help)
{
	(void)arg;
	printf("%s\t%s\n", word, help);
}

static void
word_offer(const char *word, const char *help, const char *typed)
{
	if (strncmp(word, typed, strlen(typed)) == 0)
		word_print(NULL, word, help);
}

// Behind "follow ".
static void
follow_complete(struct console *c, const char *rest)
{
	size_t len = strcspn(rest, " ");
	const char *last = strrchr(rest, ' ');
	char topic[16], *line;

	if (last == NULL) {
		for (const char *const *t = follow_topics; *t != NULL; t++)
			word_offer(*t, follow_takes_queries(*t) ? "of all queries, or of those named" : "",
				rest);
		return;
	}
	snprintf(topic, sizeof(topic), "%.*s", (int)len, rest);
	if (!follow_takes_queries(topic) || asprintf(&line, "show result%s", last) < 0)
		return;
	console_candidates(c, line, word_print, NULL);
	free(line);
}

void
complete_print(struct console *c, const char *line)
{
	static const char follow[] = FOLLOW_WORD " ";

	if (strncmp(line, follow, sizeof(follow) - 1) == 0) {
		follow_complete(c, line + sizeof(follow) - 1);
		return;
	}
	if (strchr(line, ' ') == NULL)
		word_offer(FOLLOW_WORD, FOLLOW_HELP, line);
	console_candidates(c, line, word_print, NULL);
}
