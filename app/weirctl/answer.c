/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "control/control.h"
#include "control/json_scan.h"

#define DEPTH_MAX 64

// The text of the member that is the index-th.
static char *
member_text(const char *message, size_t len, unsigned int index)
{
	struct json_span value = {message, len};
	struct json_walk walk;

	if (!json_walk_start(&walk, value))
		return NULL;
	do {
		if (!json_walk_next(&walk, &value))
			return NULL;
	} while (index-- > 0);
	return strndup(value.start, value.len);
}

static int
error_code(const cJSON *error)
{
	const cJSON *code = cJSON_GetObjectItemCaseSensitive(error, "code");

	return cJSON_IsNumber(code) && code->valuedouble <= -32000 && code->valuedouble > -1e6 ?
		code->valueint : CALL_INTERNAL_ERROR;
}

int
notification_read(const char *message, size_t len, char *method, size_t size, char **ret_params)
{
	const cJSON *v, *name;
	unsigned int index = 0;
	char *text = NULL;
	cJSON *json;

	if (json_scan_check(message, len, DEPTH_MAX, NULL) != 0)
		return -EINVAL;
	json = cJSON_ParseWithLength(message, len);
	name = cJSON_GetObjectItemCaseSensitive(json, "method");
	cJSON_ArrayForEach(v, json) {
		if (strcmp(v->string, "params") == 0)
			break;
		index++;
	}
	if (cJSON_IsString(name) && v != NULL && cJSON_GetObjectItemCaseSensitive(json, "id") == NULL) {
		snprintf(method, size, "%s", name->valuestring);
		text = member_text(message, len, index);
	}
	cJSON_Delete(json);
	if (text == NULL)
		return -EINVAL;
	*ret_params = text;
	return 0;
}

int
answer_read(const char *message, size_t len, unsigned long long id, char **ret_text, int *ret_code)
{
	const cJSON *v, *ident, *error;
	unsigned int index = 0;
	cJSON *json;
	char *text;

	if (json_scan_check(message, len, DEPTH_MAX, NULL) != 0)
		return -EINVAL;
	json = cJSON_ParseWithLength(message, len);
	ident = cJSON_GetObjectItemCaseSensitive(json, "id");
	if (!cJSON_IsObject(json)) {
		cJSON_Delete(json);
		return -EINVAL;
	}
	if (!cJSON_IsNumber(ident) || ident->valuedouble != (double)id) {
		cJSON_Delete(json);
		return 0;
	}
	error = cJSON_GetObjectItemCaseSensitive(json, "error");
	cJSON_ArrayForEach(v, json) {
		if (v == error || (error == NULL && strcmp(v->string, "result") == 0))
			break;
		index++;
	}
	text = v != NULL ? member_text(message, len, index) : NULL;
	if (text != NULL) {
		*ret_text = text;
		*ret_code = error != NULL ? error_code(error) : 0;
	}
	index = v != NULL;
	cJSON_Delete(json);
	return text != NULL ? 0 : index ? -ENOMEM : -EINVAL;
}
