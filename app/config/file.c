/* SPDX-License-Identifier: BSD-3-Clause */
#include "config/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file_replace.h"
#include "control/json_place.h"
#include "control/json_scan.h"

#define FILE_MAX (1U << 20)
#define DEPTH_MAX 32

static char *
text_read(const char *path, struct error *err)
{
	FILE *f = fopen(path, "re");
	char *text;
	size_t n;

	if (f == NULL) {
		error_field(err, -errno, "--config", "%s: %s", path, strerror(errno));
		return NULL;
	}
	text = malloc(FILE_MAX + 1);
	n = text != NULL ? fread(text, 1, FILE_MAX + 1, f) : 0;
	if (text == NULL || ferror(f) || n > FILE_MAX || memchr(text, '\0', n) != NULL) {
		error_field(err, -EINVAL, "--config", "%s: cannot be read as text of at most 1 MiB",
			path);
		free(text);
		text = NULL;
	} else {
		text[n] = '\0';
	}
	fclose(f);
	return text;
}

// cJSON takes some text that is no JSON; the scan does not, and says at which byte it goes wrong.
static int
text_check(const char *path, const char *text, struct error *err)
{
	const char *at = text + strlen(text);
	struct error fault;
	size_t byte;

	if (json_scan_check(text, strlen(text), DEPTH_MAX, &fault) == 0)
		return 0;
	if (strstr(fault.text, "at byte ") != NULL &&
			sscanf(strstr(fault.text, "at byte "), "at byte %zu", &byte) == 1)
		at = text + byte;
	return error_field(err, -EINVAL, "--config", "%s:%u: %.200s", path, json_line_of(text, at),
		fault.text);
}

int
config_file_read(const char *path, struct config_file *ret, struct error *err)
{
	struct config_file f = {.path = path, .text = text_read(path, err)};
	int rc = f.text == NULL ? -EINVAL : text_check(path, f.text, err);

	if (rc == 0) {
		f.document = cJSON_Parse(f.text);
		if (f.document == NULL)
			rc = error_set(err, -ENOMEM, "%s: out of memory", path);
	}
	if (rc != 0)
		config_file_free(&f);
	else
		*ret = f;
	return rc;
}

void
config_file_free(struct config_file *f)
{
	cJSON_Delete(f->document);
	free(f->text);
	f->document = NULL;
	f->text = NULL;
}

const char *
config_file_fault(const struct config_file *f, const struct error *fault, char *buf, size_t size)
{
	snprintf(buf, size, "%s:%u: %s", f->path,
		json_place_line(f->text, f->document, fault->field), fault->text);
	return buf;
}

int
config_file_write(const char *path, const cJSON *document, struct error *err)
{
	char *text = cJSON_Print(document), *line = NULL;
	int rc = text == NULL || asprintf(&line, "%s\n", text) < 0 ? -ENOMEM :
		file_replace(path, line);

	free(line);
	cJSON_free(text);
	return rc == 0 ? 0 : error_set(err, rc, "%s: cannot be written: %s", path, strerror(-rc));
}
