/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/openmetrics.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define WORD(line, word) (strncmp(line, word, sizeof(word) - 1) == 0)

// "# TYPE NAME ..." or "# HELP NAME ..." with the name that its samples have.
static void
meta_write(FILE *f, const char *line, int len, bool counter)
{
	const char *name = line + sizeof("# TYPE ") - 1;
	int name_len = (int)strcspn(name, " \n");
	int rest = len - (int)(name - line) - name_len;

	fprintf(f, "%.*s%.*s%s%.*s\n", (int)(name - line), line, name_len, name,
		counter ? "_total" : "", rest, name + name_len);
}

char *
openmetrics_to_text(const char *openmetrics)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	bool counter = false;

	for (const char *line = openmetrics; f != NULL && *line != '\0';) {
		int len = (int)strcspn(line, "\n");

		if (WORD(line, "# TYPE "))
			counter = len > 8 && strncmp(line + len - 8, " counter", 8) == 0;
		if (WORD(line, "# TYPE ") || WORD(line, "# HELP "))
			meta_write(f, line, len, counter);
		else if (*line != '#')
			fprintf(f, "%.*s\n", len, line);
		line += len + (line[len] == '\n');
	}
	// open_memstream() has a text only once it was closed without a fault.
	return f != NULL && fclose(f) == 0 ? text : NULL;
}
