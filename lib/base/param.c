/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/param.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *
param_found(const cJSON *v, char *buf, size_t size)
{
	char *text = cJSON_PrintUnformatted(v);

	snprintf(buf, size, "%.40s%s", text == NULL ? "?" : text,
		text != NULL && strlen(text) > 40 ? "..." : "");
	free(text);
	return buf;
}

static void
allowed_of_type(const struct param *p, char *buf, size_t size)
{
	const char *unit = p->unit == NULL ? "" : p->unit;

	switch (p->type) {
	case PARAM_NUMBER:
	case PARAM_INTEGER:
		snprintf(buf, size, "%s %s%.16g to %.16g%s%s",
			p->type == PARAM_INTEGER ? "an integer" : "a number",
			p->above_min ? "above " : "", p->min, p->max, *unit ? " " : "", unit);
		break;
	case PARAM_BOOL:
		snprintf(buf, size, "true or false");
		break;
	case PARAM_STRING:
		if (p->choices != NULL)
			snprintf(buf, size, "one of: %s", p->choices);
		else
			snprintf(buf, size, "a string of %.0f to %.0f bytes", p->min, p->max);
		break;
	case PARAM_STRINGS:
		snprintf(buf, size, "an array of %.0f to %.0f %s%s", p->min, p->max,
			p->choices == NULL ? "strings" : "of: ",
			p->choices == NULL ? "" : p->choices);
		break;
	case PARAM_LIST:
		snprintf(buf, size, "an array of %.0f to %.0f elements", p->min, p->max);
		break;
	case PARAM_OBJECT:
		snprintf(buf, size, "an object");
		break;
	case PARAM_ANY:
		snprintf(buf, size, "any value");
		break;
	}
}

const char *
param_allowed(const struct param *p, char *buf, size_t size)
{
	size_t len;

	if (p->allowed != NULL)
		snprintf(buf, size, "%s", p->allowed);
	else
		allowed_of_type(p, buf, size);
	len = strlen(buf);
	if (p->nullable && p->allowed == NULL)
		snprintf(buf + len, size - len, ", or null");
	return buf;
}

int
param_word_index(const char *words, const char *word)
{
	size_t n = strlen(word), len;
	int index = 0;

	for (const char *at = words; *at != '\0'; at += len + (at[len] == ' ')) {
		len = strcspn(at, " ");
		if (len == n && strncmp(at, word, n) == 0)
			return index;
		index++;
	}
	return -1;
}

static bool
number_fits(const struct param *p, const cJSON *v)
{
	double d = v->valuedouble;

	if (!cJSON_IsNumber(v) || !isfinite(d) || d > p->max)
		return false;
	if (p->type == PARAM_INTEGER && d != floor(d))
		return false;
	return p->above_min ? d > p->min : d >= p->min;
}

static bool
string_fits(const struct param *p, const cJSON *v)
{
	size_t len;

	if (!cJSON_IsString(v))
		return false;
	len = strlen(v->valuestring);
	return p->choices != NULL ? param_word_index(p->choices, v->valuestring) >= 0 :
		len >= p->min && len <= p->max;
}

static bool
list_fits(const struct param *p, const cJSON *v)
{
	int n = cJSON_GetArraySize(v);

	return cJSON_IsArray(v) && n >= p->min && n <= p->max;
}

static bool
strings_fit(const struct param *p, const cJSON *v)
{
	const cJSON *e;

	if (!list_fits(p, v))
		return false;
	cJSON_ArrayForEach(e, v)
		if (!cJSON_IsString(e) || (p->choices != NULL &&
				param_word_index(p->choices, e->valuestring) < 0))
			return false;
	return true;
}

bool
param_fits(const struct param *p, const cJSON *v)
{
	if (p->nullable && cJSON_IsNull(v))
		return true;
	switch (p->type) {
	case PARAM_NUMBER:
	case PARAM_INTEGER:
		return number_fits(p, v);
	case PARAM_BOOL:
		return cJSON_IsBool(v);
	case PARAM_STRING:
		return string_fits(p, v);
	case PARAM_STRINGS:
		return strings_fit(p, v);
	case PARAM_LIST:
		return list_fits(p, v);
	case PARAM_OBJECT:
		return cJSON_IsObject(v);
	case PARAM_ANY:
		return true;
	}
	return false;
}

int
param_fault(const struct param *p, const char *path, const cJSON *v, struct error *err)
{
	char found[64], allowed[192];

	return error_field(err, -EINVAL, path, "%s: found %s, allowed: %s", path,
		p->secret ? "something else" : param_found(v, found, sizeof(found)), param_allowed(p, allowed, sizeof(allowed)));
}

const struct param *
param_find(const struct param *list, const char *name)
{
	for (const struct param *p = list; p != NULL && p->name != NULL; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

const char *
param_names(const struct param *list, char *buf, size_t size)
{
	size_t len = 0;

	snprintf(buf, size, "none");
	for (const struct param *p = list; p != NULL && p->name != NULL && len < size; p++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len > 0 ? ", " : "", p->name);
	return buf;
}
