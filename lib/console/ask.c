/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "console/console_internal.h"
#include "console/table.h"
#include "control/control.h"

// Commands ask here, and failures are told here.

static void
result_note(struct console *c, enum console_result result)
{
	if (result > c->result)
		c->result = result;
}

static void
line_print(struct console *c, FILE *to, const char *fmt, va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof(text), fmt, ap);
	console_text_clean(text);
	if (c->file != NULL)
		fprintf(to, "%s:%u: %s\n", c->file, c->line, text);
	else
		fprintf(to, "error: %s\n", text);
}

void
console_fail(struct console *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line_print(c, c->err, fmt, ap);
	va_end(ap);
	c->failures++;
	result_note(c, CONSOLE_FAILED);
}

void
console_misuse(struct console *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line_print(c, c->err, fmt, ap);
	va_end(ap);
	c->failures++;
	result_note(c, CONSOLE_MISUSED);
}

char *
console_value(char *text)
{
	size_t len = strcspn(text, "\r\n");

	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

cJSON *
console_json_value(const char *text)
{
	cJSON *v = cJSON_ParseWithOpts(text, NULL, true);

	return v != NULL ? v : cJSON_CreateString(text);
}

static void
answer_clean(cJSON *answer)
{
	cJSON *v;

	console_text_clean(answer->valuestring);
	console_text_clean(answer->string);
	cJSON_ArrayForEach(v, answer)
		answer_clean(v);
}

// All that is wrong; without a list, the message is all.
static void
error_tell(struct console *c, const cJSON *error)
{
	const char *message = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(error, "message"));
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(error, "data");
	const cJSON *errors = cJSON_GetObjectItemCaseSensitive(data, "errors"), *e;
	unsigned int failures = c->failures;

	console_fail(c, "%s", message == NULL ? "out of memory" : message);
	cJSON_ArrayForEach(e, errors) {
		const cJSON *text = cJSON_GetObjectItemCaseSensitive(e, "message");

		if (e != errors->child && cJSON_IsString(text))
			console_fail(c, "%s", text->valuestring);
	}
	c->failures = failures + 1;  // one command
}

static void
json_print(struct console *c, const char *text, bool error)
{
	fprintf(c->out, error ? "{\"error\":%s}\n" : "%s\n", text != NULL ? text : "null");
}

static void
outcome_note(struct console *c, int rc)
{
	if (rc == CONSOLE_ASK_NO_CONNECTION)
		result_note(c, CONSOLE_NO_CONNECTION);
	else if (rc == CONSOLE_ASK_NOT_ALLOWED || rc == CALL_UNAUTHENTICATED || rc == CALL_FORBIDDEN)
		result_note(c, CONSOLE_NOT_ALLOWED);
	else if (rc == CONSOLE_ASK_INTERRUPTED)
		result_note(c, CONSOLE_INTERRUPTED);
	else if (rc != 0)
		result_note(c, CONSOLE_FAILED);
}

void
console_answer_tell(struct console *c, const cJSON *answer, int rc)
{
	char *text;

	outcome_note(c, rc);
	if (rc == CONSOLE_ASK_INTERRUPTED)
		return;
	if (!c->json) {
		if (rc != 0)
			error_tell(c, answer);
		return;
	}
	text = cJSON_PrintUnformatted(answer);
	json_print(c, text, rc != 0);
	c->failures += rc != 0;
	free(text);
}

cJSON *
console_ask(struct console *c, const char *method, const char *params)
{
	char *text = NULL;
	int rc = c->params.ask(c->params.ask_arg, method, params, &text);
	cJSON *answer;

	outcome_note(c, rc);
	if (rc == CONSOLE_ASK_INTERRUPTED) {
		free(text);
		return NULL;
	}
	if (c->json && text != NULL) {  // exactly as it came
		json_print(c, text, rc != 0);
		c->failures += rc != 0;
		free(text);
		return NULL;
	}
	answer = text != NULL ? cJSON_Parse(text) : NULL;
	free(text);
	if (rc == 0 && answer != NULL) {
		answer_clean(answer);
		return answer;
	}
	error_tell(c, answer);
	cJSON_Delete(answer);
	return NULL;
}

cJSON *
console_ask_quietly(struct console *c, const char *method)
{
	char *text = NULL;
	int rc = c->params.ask(c->params.ask_arg, method, NULL, &text);
	cJSON *answer = rc == 0 && text != NULL ? cJSON_Parse(text) : NULL;

	if (answer != NULL)
		answer_clean(answer);
	free(text);
	return answer;
}

cJSON *
console_ask_raw(struct console *c, const char *method, const cJSON *params, int *ret_rc)
{
	char *text = params != NULL ? cJSON_PrintUnformatted(params) : NULL, *answer = NULL;
	cJSON *json;

	*ret_rc = params == NULL || text != NULL ?
		c->params.ask(c->params.ask_arg, method, text, &answer) : CALL_INTERNAL_ERROR;
	json = answer != NULL ? cJSON_Parse(answer) : NULL;
	if (json == NULL && *ret_rc == 0)
		*ret_rc = CALL_INTERNAL_ERROR;
	free(answer);
	free(text);
	return json;
}

cJSON *
console_ask_params(struct console *c, const char *method, cJSON *params)
{
	char *text = cJSON_PrintUnformatted(params);
	cJSON *answer = NULL;

	if (text == NULL)
		console_fail(c, "out of memory");
	else
		answer = console_ask(c, method, text);
	free(text);
	cJSON_Delete(params);
	return answer;
}

cJSON *
console_ask_with(struct console *c, const char *method, const char *name, cJSON *value)
{
	cJSON *params = cJSON_CreateObject();

	if (!cJSON_AddItemToObject(params, name, value))
		cJSON_Delete(value);
	return console_ask_params(c, method, params);
}
