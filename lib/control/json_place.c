/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/json_place.h"

#include <stdlib.h>
#include <string.h>

#include "control/json_scan.h"

// The parsed value knows names, the text knows places: both are walked side by side.

unsigned int
json_line_of(const char *text, const char *at)
{
	unsigned int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

// Does the element or member that `path` begins with have this index, or this name? Names may hold
// dots, so the longest one that fits is for the caller to find by trying each.
static size_t
step_length(const char *path, const cJSON *parent, const cJSON *child, unsigned int index)
{
	size_t len;

	if (cJSON_IsArray(parent)) {
		char *end;

		if (*path != '[' || strtoul(path + 1, &end, 10) != index || *end != ']')
			return 0;
		len = (size_t)(end - path) + 1;
	} else {
		len = child->string != NULL ? strlen(child->string) : 0;
		if (len == 0 || strncmp(path, child->string, len) != 0)
			return 0;
	}
	return path[len] == '\0' || path[len] == '.' || path[len] == '[' ? len : 0;
}

// Step into the child that path begins with. The rest of the path, or NULL: there is no such child.
static const char *
step(struct json_span *span, const cJSON **json, const char *path)
{
	struct json_span value;
	struct json_walk w;
	unsigned int index = 0;
	const cJSON *child;

	if (!json_walk_start(&w, *span))
		return NULL;
	cJSON_ArrayForEach(child, *json) {
		size_t len;

		if (!json_walk_next(&w, &value))
			return NULL;
		len = step_length(path, *json, child, index++);
		if (len == 0)
			continue;
		*span = value;
		*json = child;
		return path + len + (path[len] == '.');
	}
	return NULL;
}

unsigned int
json_place_line(const char *text, const cJSON *json, const char *path)
{
	struct json_span span = {text, strlen(text)};

	// The text may begin with white space; its first line counts, as that of a value does.
	while (path != NULL && *path != '\0')
		path = step(&span, &json, path);
	return json_line_of(text, span.start);
}
