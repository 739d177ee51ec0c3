/* SPDX-License-Identifier: BSD-3-Clause */
#include "profile_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (64u << 20)

static int
file_read(const char *path, const char *what, char **ret_text, struct error *err)
{
	FILE *f = fopen(path, "re");
	size_t size = 4096, len = 0, n;
	char *text = NULL, *larger;
	int rc = -ENOMEM;

	if (f == NULL)
		return error_field(err, -errno, what, "%s: cannot read %s: %s", what, path,
			strerror(errno));
	for (;;) {
		larger = size <= FILE_BYTES_MAX ? realloc(text, size) : NULL;
		if (larger == NULL)
			break;
		text = larger;
		n = fread(text + len, 1, size - len - 1, f);
		len += n;
		if (n == 0) {
			rc = ferror(f) ? -EIO : 0;
			break;
		}
		size *= 2;
	}
	fclose(f);
	if (rc != 0) {
		free(text);
		return error_field(err, rc, what, "%s: cannot read %s: %s", what, path,
			rc == -EIO ? "not a readable file" : "too large");
	}
	text[len] = '\0';
	*ret_text = text;
	return 0;
}

static unsigned int
line_of(const char *text, const char *at)
{
	unsigned int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

cJSON *
profile_file_read(const char *path, const char *what, char **ret_text, struct error *err)
{
	const char *at = NULL;
	char *text = NULL;
	cJSON *json;

	if (file_read(path, what, &text, err) != 0)
		return NULL;
	json = cJSON_ParseWithOpts(text, &at, true);
	if (json == NULL) {
		error_set(err, -EINVAL, "%s:%u: not JSON from here on: \"%.20s\"", path,
			line_of(text, at != NULL ? at : text), at != NULL ? at : text);
		free(text);
		return NULL;
	}
	*ret_text = text;
	return json;
}

// Where `"name"` followed by a colon begins, from `at` on; NULL if nowhere.
static const char *
member_find(const char *at, const char *name, size_t len)
{
	for (; (at = strchr(at, '"')) != NULL; at++) {
		const char *end = at + 1 + len;

		if (strncmp(at + 1, name, len) != 0 || *end != '"')
			continue;
		end += 1 + strspn(end + 1, " \t\r\n");
		if (*end == ':')
			return at;
	}
	return NULL;
}

unsigned int
profile_file_line(const char *text, const char *field)
{
	const char *at = text, *found;

	while (*field != '\0') {
		size_t len = strcspn(field, ".[");

		found = len > 0 ? member_find(at, field, len) : NULL;
		if (found == NULL)
			break;
		at = found + 1;
		field += len;
		field += *field == '[' ? strcspn(field, ".") : 0;
		field += *field == '.';
	}
	return line_of(text, at);
}
