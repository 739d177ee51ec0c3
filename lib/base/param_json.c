/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/param.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

// Rows for people's programs: as Weir's own table shows them, and as JSON schema.

const char *
param_type_name(enum param_type type)
{
	static const char *const names[] = {
		[PARAM_NUMBER] = "number", [PARAM_INTEGER] = "integer", [PARAM_BOOL] = "boolean",
		[PARAM_STRING] = "string", [PARAM_STRINGS] = "array of strings",
		[PARAM_LIST] = "array", [PARAM_OBJECT] = "object", [PARAM_ANY] = "any",
	};

	return names[type];
}

static bool
has_range(const struct param *p)
{
	return p->type == PARAM_NUMBER || p->type == PARAM_INTEGER || p->type == PARAM_STRINGS ||
		p->type == PARAM_LIST || (p->type == PARAM_STRING && p->choices == NULL);
}

// cJSON prints 2^53 - 1 with its last digit rounded.
static void
number_add(cJSON *o, const char *name, double value)
{
	char text[32];

	snprintf(text, sizeof(text), value == (double)(int64_t)value ? "%.0f" : "%.17g", value);
	cJSON_AddRawToObject(o, name, text);
}

cJSON *
param_json(const struct param *p)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "name", p->name);
	cJSON_AddStringToObject(o, "type", param_type_name(p->type));
	if (has_range(p)) {
		number_add(o, p->above_min ? "above" : "min", p->min);
		number_add(o, "max", p->max);
	}
	if (p->unit != NULL)
		cJSON_AddStringToObject(o, "unit", p->unit);
	if (p->choices != NULL)
		cJSON_AddStringToObject(o, "choices", p->choices);
	if (p->allowed != NULL)
		cJSON_AddStringToObject(o, "allowed", p->allowed);
	if (p->def != NULL)
		cJSON_AddRawToObject(o, "default", p->def);
	if (p->nullable)
		cJSON_AddBoolToObject(o, "nullable", true);
	cJSON_AddBoolToObject(o, "required", p->required);
	cJSON_AddStringToObject(o, "help", p->help);
	return o;
}

static void
words_add(cJSON *schema, const char *words, bool nullable)
{
	cJSON *list = cJSON_AddArrayToObject(schema, "enum");
	size_t len;

	for (const char *at = words; *at != '\0'; at += len + (at[len] == ' ')) {
		char word[64];

		len = strcspn(at, " ");
		snprintf(word, sizeof(word), "%.*s", (int)len, at);
		cJSON_AddItemToArray(list, cJSON_CreateString(word));
	}
	if (nullable)
		cJSON_AddItemToArray(list, cJSON_CreateNull());
}

static void
type_add(cJSON *schema, const struct param *p)
{
	const char *type = p->type == PARAM_STRINGS ? "array" : param_type_name(p->type);
	cJSON *both;

	if (p->type == PARAM_ANY)
		return;
	if (!p->nullable) {
		cJSON_AddStringToObject(schema, "type", type);
		return;
	}
	both = cJSON_AddArrayToObject(schema, "type");
	cJSON_AddItemToArray(both, cJSON_CreateString(type));
	cJSON_AddItemToArray(both, cJSON_CreateString("null"));
}

static void
range_add(cJSON *schema, const struct param *p)
{
	bool number = p->type == PARAM_NUMBER || p->type == PARAM_INTEGER;
	bool string = p->type == PARAM_STRING;

	number_add(schema, number ? p->above_min ? "exclusiveMinimum" : "minimum" :
		string ? "minLength" : "minItems", p->min);
	number_add(schema, number ? "maximum" : string ? "maxLength" : "maxItems",
		p->max);
}

cJSON *
param_schema(const struct param *p)
{
	cJSON *o = cJSON_CreateObject(), *items = NULL;

	type_add(o, p);
	if (p->type == PARAM_STRINGS)
		cJSON_AddStringToObject(items = cJSON_AddObjectToObject(o, "items"), "type", "string");
	if (p->choices != NULL)
		words_add(items != NULL ? items : o, p->choices, p->nullable && items == NULL);
	if (has_range(p))
		range_add(o, p);
	if (p->def != NULL)
		cJSON_AddRawToObject(o, "default", p->def);
	return o;
}
