/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "console/console_internal.h"

// Commands ask here, and failures are told here.

void
console_fail(struct console *c, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *at = text; *at != '\0'; at++)
		if (iscntrl((unsigned char)*at))
			*at = '?';
	c->failures++;
	if (c->file != NULL)
		fprintf(c->out, "%s:%u: %s\n", c->file, c->line, text);
	else
		fprintf(c->out, "error: %s\n", text);
}

// A value as it was meant: cmdline leaves the blanks before a comment.
char *
console_value(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	return text;
}

// What else is wrong; the first fault was the message.
static void
more_tell(struct console *c, const cJSON *answer)
{
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(answer, "data");
	const cJSON *errors = cJSON_GetObjectItemCaseSensitive(data, "errors"), *e;
	unsigned int failures = c->failures;

	cJSON_ArrayForEach(e, errors) {
		const cJSON *text = cJSON_GetObjectItemCaseSensitive(e, "message");

		if (e != errors->child && cJSON_IsString(text))
			console_fail(c, "%s", text->valuestring);
	}
	c->failures = failures;  // one command
}

static cJSON *
ask(struct console *c, const char *method, const char *params, bool quiet)
{
	char *text = NULL;
	int rc = control_call(c->params.control, method, params, &text);
	cJSON *answer = text == NULL ? NULL : cJSON_Parse(text);
	const char *message;

	free(text);
	if (rc == 0 && answer != NULL)
		return answer;
	message = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "message"));
	if (!quiet) {
		console_fail(c, "%s", message == NULL ? "out of memory" : message);
		more_tell(c, answer);
	}
	cJSON_Delete(answer);
	return NULL;
}

cJSON *
console_ask(struct console *c, const char *method, const char *params)
{
	return ask(c, method, params, false);
}

cJSON *
console_ask_quietly(struct console *c, const char *method)
{
	return ask(c, method, NULL, true);
}

cJSON *
console_ask_raw(struct console *c, const char *method, const cJSON *params, int *ret_rc)
{
	char *text = cJSON_PrintUnformatted(params), *answer = NULL;
	cJSON *json;

	*ret_rc = text != NULL ? control_call(c->params.control, method, text, &answer) :
		CALL_INTERNAL_ERROR;
	json = answer != NULL ? cJSON_Parse(answer) : NULL;
	free(answer);
	free(text);
	return json;
}

cJSON *
console_ask_with(struct console *c, const char *method, const char *name, cJSON *value)
{
	cJSON *params = cJSON_CreateObject(), *answer = NULL;
	char *text;

	if (!cJSON_AddItemToObject(params, name, value))
		cJSON_Delete(value);
	text = cJSON_PrintUnformatted(params);
	if (text == NULL)
		console_fail(c, "out of memory");
	else
		answer = console_ask(c, method, text);
	free(text);
	cJSON_Delete(params);
	return answer;
}
