/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/method.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Validation of parameters from the rows of the method table. Nothing is converted: 10.5 or "5"
// for an integer is an error, and so is a name that is not in the table.

// What was found, short enough for an error line.
static const char *
found_text(const cJSON *v, char *buf, size_t size)
{
	char *text = cJSON_PrintUnformatted(v);

	snprintf(buf, size, "%.40s%s", text == NULL ? "?" : text,
		text != NULL && strlen(text) > 40 ? "..." : "");
	free(text);
	return buf;
}

// What is allowed, in words.
static const char *
allowed_text(const struct param *p, char *buf, size_t size)
{
	const char *unit = p->unit == NULL ? "" : p->unit;

	switch (p->type) {
	case PARAM_NUMBER:
	case PARAM_INTEGER:
		snprintf(buf, size, "%s %s%.16g to %.16g%s%s",
			p->type == PARAM_INTEGER ? "an integer" : "a number",
			p->above_min ? "above " : "", p->min, p->max, *unit ? " " : "", unit);
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
	case PARAM_OBJECT:
		snprintf(buf, size, "an object");
		break;
	}
	return buf;
}

static bool
word_in(const char *words, const char *word)
{
	size_t n = strlen(word);

	if (n == 0 || strchr(word, ' ') != NULL)
		return false;
	for (const char *at = strstr(words, word); at != NULL; at = strstr(at + 1, word))
		if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
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
strings_fit(const struct param *p, const cJSON *v)
{
	int n = cJSON_GetArraySize(v);
	const cJSON *e;

	if (!cJSON_IsArray(v) || n < p->min || n > p->max)
		return false;
	cJSON_ArrayForEach(e, v)
		if (!cJSON_IsString(e) || (p->choices != NULL && !word_in(p->choices, e->valuestring)))
			return false;
	return true;
}

static bool
value_fits(const struct param *p, const cJSON *v)
{
	size_t len;

	switch (p->type) {
	case PARAM_NUMBER:
	case PARAM_INTEGER:
		return number_fits(p, v);
	case PARAM_STRING:
		if (!cJSON_IsString(v))
			return false;
		len = strlen(v->valuestring);
		return p->choices != NULL ? word_in(p->choices, v->valuestring) :
			len >= p->min && len <= p->max;
	case PARAM_STRINGS:
		return strings_fit(p, v);
	case PARAM_OBJECT:
		return cJSON_IsObject(v);
	}
	return false;
}

const struct param *
method_param_find(const struct method *m, const char *name)
{
	for (const struct param *p = m->params; p != NULL && p->name != NULL; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

// "H, T, k, X", or "none".
static const char *
names_text(const struct method *m, char *buf, size_t size)
{
	size_t len = 0;

	snprintf(buf, size, "none");
	for (const struct param *p = m->params; p != NULL && p->name != NULL && len < size; p++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len > 0 ? ", " : "", p->name);
	return buf;
}

static int
member_check(const struct method *m, const cJSON *v, struct error *err)
{
	const struct param *p = method_param_find(m, v->string);
	char found[64], allowed[192];

	if (p == NULL && (m->flags & METHOD_OPEN))
		return 0;
	if (p == NULL)
		return error_field(err, -EINVAL, v->string,
			"%s has no parameter '%.48s', allowed: %s", m->name, v->string,
			names_text(m, allowed, sizeof(allowed)));
	if (value_fits(p, v))
		return 0;
	return error_field(err, -EINVAL, p->name, "%s: found %s, allowed: %s", p->name,
		found_text(v, found, sizeof(found)), allowed_text(p, allowed, sizeof(allowed)));
}

static int
required_check(const struct method *m, const cJSON *params, struct error *err)
{
	char allowed[192];

	for (const struct param *p = m->params; p != NULL && p->name != NULL; p++)
		if (p->required && cJSON_GetObjectItemCaseSensitive(params, p->name) == NULL)
			return error_field(err, -EINVAL, p->name, "%s: missing, it must be %s",
				p->name, allowed_text(p, allowed, sizeof(allowed)));
	if ((m->flags & METHOD_NEEDS_ONE) && cJSON_GetArraySize(params) == 0)
		return error_field(err, -EINVAL, "params", "nothing to set, give at least one of: %s",
			(m->flags & METHOD_OPEN) ? "the fields" :
			names_text(m, allowed, sizeof(allowed)));
	return 0;
}

int
method_params_check(const struct method *m, const cJSON *params, struct error *err)
{
	const cJSON *v;

	if (params != NULL && !cJSON_IsObject(params) && cJSON_GetArraySize(params) > 0)
		return error_field(err, -EINVAL, "params",
			"params: found an array, allowed: an object, parameters go by name");
	if (cJSON_IsObject(params))
		cJSON_ArrayForEach(v, params)
			if (member_check(m, v, err) != 0)
				return -EINVAL;
	return required_check(m, params, err);
}

double
method_param_number(const struct method *m, const cJSON *params, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(params, name);
	const struct param *p = method_param_find(m, name);

	if (v != NULL)
		return v->valuedouble;
	return p == NULL || p->def == NULL ? 0 : strtod(p->def, NULL);
}

const char *
method_param_string(const cJSON *params, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(params, name));
}
