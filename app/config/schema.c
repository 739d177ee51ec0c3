/* SPDX-License-Identifier: BSD-3-Clause */
#include "config/schema.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct config_field *const sections[] = {
	config_fields_input, config_fields_flow, config_fields_query, config_fields_output,
	config_fields_store,
};

const struct config_field *
config_field_next(const struct config_field *f)
{
	bool found = f == NULL;

	for (size_t s = 0; s < RTE_DIM(sections); s++)
		for (const struct config_field *i = sections[s]; i->param.name != NULL; i++) {
			if (found)
				return i;
			found = i == f;
		}
	return NULL;
}

// Is path the field, or something in its value?
static bool
path_is_of(const char *path, const char *name)
{
	size_t len = strlen(name);

	return strncmp(path, name, len) == 0 &&
		(path[len] == '\0' || path[len] == '.' || path[len] == '[');
}

const struct config_field *
config_field_of(const char *path)
{
	const struct config_field *f = NULL;

	while ((f = config_field_next(f)) != NULL)
		if (path_is_of(path, f->param.name))
			return f;
	return NULL;
}

const struct config_field *
config_field_of_option(const char *option)
{
	const struct config_field *f = NULL;

	while ((f = config_field_next(f)) != NULL)
		if (f->option != NULL && strcmp(f->option, option) == 0)
			return f;
	return NULL;
}

// The name of the section before the dot, "" without one. Returns the name after it.
static const char *
path_split(const struct config_field *f, char section[32])
{
	const char *dot = strchr(f->param.name, '.');

	snprintf(section, 32, "%.*s", dot != NULL ? (int)(dot - f->param.name) : 0, f->param.name);
	return dot != NULL ? dot + 1 : f->param.name;
}

cJSON *
config_value(const cJSON *document, const struct config_field *f)
{
	char section[32];
	const char *name = path_split(f, section);

	if (section[0] != '\0')
		document = cJSON_GetObjectItemCaseSensitive(document, section);
	return cJSON_GetObjectItemCaseSensitive(document, name);
}

bool
config_value_set(cJSON *document, const struct config_field *f, cJSON *value)
{
	char section[32];
	const char *name = path_split(f, section);
	cJSON *parent = section[0] == '\0' ? document :
		cJSON_GetObjectItemCaseSensitive(document, section);

	if (value == NULL) {
		cJSON_DeleteItemFromObjectCaseSensitive(parent, name);
		return true;
	}
	if (parent == NULL)
		parent = cJSON_AddObjectToObject(document, section);
	cJSON_DeleteItemFromObjectCaseSensitive(parent, name);
	if (cJSON_AddItemToObject(parent, name, value))
		return true;
	cJSON_Delete(value);
	return false;
}

bool
config_value_same(const cJSON *a, const cJSON *b)
{
	return a == b || (a != NULL && b != NULL && cJSON_Compare(a, b, true));
}

static bool
section_exists(const char *name)
{
	const struct config_field *f = NULL;
	char section[32];

	while ((f = config_field_next(f)) != NULL) {
		path_split(f, section);
		if (strcmp(section, name) == 0)
			return true;
	}
	return false;
}

static bool
is_there_twice(const cJSON *v, const cJSON *object)
{
	for (const cJSON *before = object->child; before != v; before = before->next)
		if (strcmp(before->string, v->string) == 0)
			return true;
	return false;
}

static void
unknown_add(const char *path, const cJSON *v, struct error_list *errors)
{
	char found[64];

	error_list_add(errors, path, "%s: found %s, allowed: no field of that name", path,
		param_found(v, found, sizeof(found)));
}

static void
value_check(const struct config_field *f, const cJSON *v, bool nulls, struct error_list *errors)
{
	struct error err;

	if (nulls && cJSON_IsNull(v))
		return;
	if (param_fits(&f->param, v) && (f->fits == NULL || f->fits(v)))
		return;
	param_fault(&f->param, f->param.name, v, &err);
	error_list_add(errors, err.field, "%s", err.text);
}

// The row whose whole name is path.
static const struct config_field *
field_named(const char *path)
{
	const struct config_field *f = config_field_of(path);

	return f != NULL && strcmp(f->param.name, path) == 0 ? f : NULL;
}

// Members of the document, or of one of its sections (prefix "flow.").
static void
members_check(const cJSON *object, const char *prefix, bool nulls, struct error_list *errors)
{
	const struct config_field *f;
	char path[96];
	const cJSON *v;

	cJSON_ArrayForEach(v, object) {
		snprintf(path, sizeof(path), "%s%.60s", prefix, v->string);
		// A dot parts a section from a field in paths only, never in a name.
		f = strlen(v->string) <= 60 && strchr(v->string, '.') == NULL ?
			field_named(path) : NULL;
		if (is_there_twice(v, object))
			error_list_add(errors, path, "%s: there twice, allowed: a field once", path);
		else if (f != NULL)
			value_check(f, v, nulls, errors);
		else if (*prefix != '\0' || !section_exists(v->string))
			unknown_add(path, v, errors);
		else if (!cJSON_IsObject(v))
			error_list_add(errors, path, "%s: allowed: an object", path);
		else {
			strcat(path, ".");
			members_check(v, path, nulls, errors);
		}
	}
}

void
config_document_check(const cJSON *document, bool nulls, struct error_list *errors)
{
	if (cJSON_IsObject(document))
		members_check(document, "", nulls, errors);
	else
		error_list_add(errors, "", "the configuration: allowed: an object");
}

// What one of the value's unit is in that of the member.
static double
scale_of(enum config_as as)
{
	switch (as) {
	case CONFIG_SECONDS:
		return 1e6;
	case CONFIG_MS:
		return 1e3;
	case CONFIG_DAYS:
		return 86400e6;
	case CONFIG_MIB:
		return 1048576;
	default:
		return 1;
	}
}

static void
value_apply(const struct config_field *f, const cJSON *v, struct options *o)
{
	void *at = (char *)o + f->at;

	switch (f->as) {
	case CONFIG_OWN:
		f->apply(o, v);
		break;
	case CONFIG_U16:
		*(uint16_t *)at = (uint16_t)v->valuedouble;
		break;
	case CONFIG_U32:
		*(uint32_t *)at = (uint32_t)v->valuedouble;
		break;
	case CONFIG_DOUBLE:
		*(double *)at = v->valuedouble;
		break;
	case CONFIG_BOOL:
		*(bool *)at = f->param.choices != NULL ?
			param_word_index(f->param.choices, v->valuestring) == 1 : cJSON_IsTrue(v);
		break;
	case CONFIG_U64:
	case CONFIG_SECONDS:
	case CONFIG_MS:
	case CONFIG_DAYS:
	case CONFIG_MIB:
		*(uint64_t *)at = (uint64_t)llround(v->valuedouble * scale_of(f->as));
		break;
	case CONFIG_TEXT:
		*(const char **)at = v->valuestring;
		break;
	case CONFIG_CHARS:
		snprintf(at, (size_t)f->param.max + 1, "%s", v->valuestring);
		break;
	case CONFIG_ENUM:
		*(unsigned int *)at = (unsigned int)param_word_index(f->param.choices,
			v->valuestring);
		break;
	case CONFIG_JSON:
		*(const cJSON **)at = v;
		break;
	}
}

void
config_document_apply(const cJSON *document, struct options *o)
{
	const struct config_field *f = NULL;
	const cJSON *v;

	while ((f = config_field_next(f)) != NULL) {
		v = config_value(document, f);
		if (v != NULL)
			value_apply(f, v, o);
	}
}

static cJSON *
text_make(const char *text)
{
	return text != NULL ? cJSON_CreateString(text) : NULL;
}

static cJSON *
word_make(const char *words, unsigned int index)
{
	char word[32];

	for (; index > 0; index--)
		words += strcspn(words, " ") + 1;
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(words, " "), words);
	return cJSON_CreateString(word);
}

static cJSON *
value_make(const struct config_field *f, const struct options *o)
{
	const void *at = (const char *)o + f->at;
	const cJSON *json;

	switch (f->as) {
	case CONFIG_OWN:
		return f->get(o);
	case CONFIG_U16:
		return cJSON_CreateNumber(*(const uint16_t *)at);
	case CONFIG_U32:
		return cJSON_CreateNumber(*(const uint32_t *)at);
	case CONFIG_DOUBLE:
		return cJSON_CreateNumber(*(const double *)at);
	case CONFIG_BOOL:
		return f->param.choices != NULL ? word_make(f->param.choices, *(const bool *)at) :
			cJSON_CreateBool(*(const bool *)at);
	case CONFIG_U64:
	case CONFIG_SECONDS:
	case CONFIG_MS:
	case CONFIG_DAYS:
	case CONFIG_MIB:
		return cJSON_CreateNumber((double)*(const uint64_t *)at / scale_of(f->as));
	case CONFIG_TEXT:
		return text_make(*(const char *const *)at);
	case CONFIG_CHARS:
		return cJSON_CreateString(at);
	case CONFIG_ENUM:
		return word_make(f->param.choices, *(const unsigned int *)at);
	case CONFIG_JSON:
		json = *(const cJSON *const *)at;
		return json != NULL ? cJSON_Duplicate(json, true) : NULL;
	}
	return NULL;
}

cJSON *
config_document_make(const struct options *o)
{
	const struct config_field *f = NULL;
	cJSON *document = cJSON_CreateObject();

	while ((f = config_field_next(f)) != NULL) {
		cJSON *v = value_make(f, o);

		if (v != NULL && !config_value_set(document, f, v)) {
			cJSON_Delete(document);
			return NULL;
		}
	}
	return document;
}

void
config_document_hide(cJSON *document)
{
	const struct config_field *f = NULL;
	cJSON *v;

	while ((f = config_field_next(f)) != NULL)
		if (f->hide != NULL && (v = config_value(document, f)) != NULL)
			f->hide(v);
}
