/* SPDX-License-Identifier: BSD-3-Clause */
#include "fields.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void
item_describe(const cJSON *item, char *buf, size_t size)
{
	if (item == NULL)
		snprintf(buf, size, "nothing");
	else if (cJSON_IsString(item))
		snprintf(buf, size, "\"%.60s\"", item->valuestring);
	else if (cJSON_IsNumber(item))
		snprintf(buf, size, "%.15g", item->valuedouble);
	else if (cJSON_IsArray(item))
		snprintf(buf, size, "a list of %d", cJSON_GetArraySize(item));
	else if (cJSON_IsObject(item))
		snprintf(buf, size, "an object");
	else if (cJSON_IsBool(item))
		snprintf(buf, size, cJSON_IsTrue(item) ? "true" : "false");
	else
		snprintf(buf, size, "null");
}

int
field_wrong(struct error *err, const char *path, const cJSON *item, const char *allowed, ...)
{
	char found[80], text[256];
	va_list ap;

	item_describe(item, found, sizeof(found));
	va_start(ap, allowed);
	vsnprintf(text, sizeof(text), allowed, ap);
	va_end(ap);
	return error_field(err, -EINVAL, path, "%s: found %s, allowed is %s",
		path[0] == '\0' ? "profile" : path, found, text);
}

char *
field_path(char *buf, const char *parent, const char *name)
{
	snprintf(buf, FIELD_PATH_LEN, "%s%s%s", parent, parent[0] == '\0' ? "" : ".", name);
	return buf;
}

char *
field_path_index(char *buf, const char *parent, size_t index)
{
	snprintf(buf, FIELD_PATH_LEN, "%s[%zu]", parent, index);
	return buf;
}

const cJSON *
field_item(const cJSON *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNull(item) ? NULL : item;
}

static bool
name_known(const char *name, const char *const *known)
{
	for (; *known != NULL; known++)
		if (strcmp(name, *known) == 0)
			return true;
	return false;
}

static void
names_join(const char *const *names, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; names[i] != NULL && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s", i == 0 ? "" : ", ",
			names[i]);
}

int
fields_check(const cJSON *item, const char *path, const char *const *known, struct error *err)
{
	char allowed[224], member_path[FIELD_PATH_LEN];
	const cJSON *member;

	names_join(known, allowed, sizeof(allowed));
	if (!cJSON_IsObject(item))
		return field_wrong(err, path, item, "an object with the fields %s", allowed);
	cJSON_ArrayForEach(member, item) {
		field_path(member_path, path, member->string);
		if (!name_known(member->string, known))
			return error_field(err, -EINVAL, member_path,
				"%s: found a field of an unknown name, allowed are %s", member_path,
				allowed);
		if (cJSON_GetObjectItemCaseSensitive(item, member->string) != member)
			return error_field(err, -EINVAL, member_path,
				"%s: found twice, allowed is once", member_path);
	}
	return 0;
}

int
field_whole(const cJSON *object, const char *parent, const char *name, uint64_t min,
	uint64_t max, uint64_t *inout, struct error *err)
{
	const cJSON *item = field_item(object, name);
	char path[FIELD_PATH_LEN];

	if (item == NULL)
		return 0;
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= (double)min) ||
			!(item->valuedouble <= (double)max) ||
			item->valuedouble != floor(item->valuedouble))
		return field_wrong(err, field_path(path, parent, name), item,
			"a whole number from %" PRIu64 " to %" PRIu64, min, max);
	*inout = (uint64_t)item->valuedouble;
	return 0;
}

int
field_number(const cJSON *object, const char *parent, const char *name, double min, double max,
	double *inout, struct error *err)
{
	const cJSON *item = field_item(object, name);
	char path[FIELD_PATH_LEN];

	if (item == NULL)
		return 0;
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= min) || !(item->valuedouble <= max))
		return field_wrong(err, field_path(path, parent, name), item,
			"a number from %.15g to %.15g", min, max);
	*inout = item->valuedouble;
	return 0;
}

int
field_bool(const cJSON *object, const char *parent, const char *name, bool *inout,
	struct error *err)
{
	const cJSON *item = field_item(object, name);
	char path[FIELD_PATH_LEN];

	if (item == NULL)
		return 0;
	if (!cJSON_IsBool(item))
		return field_wrong(err, field_path(path, parent, name), item, "true or false");
	*inout = cJSON_IsTrue(item);
	return 0;
}

int
field_text(const cJSON *object, const char *parent, const char *name, char *inout, size_t size,
	struct error *err)
{
	const cJSON *item = field_item(object, name);
	char path[FIELD_PATH_LEN];

	if (item == NULL)
		return 0;
	if (!cJSON_IsString(item) || item->valuestring[0] == '\0' ||
			strlen(item->valuestring) >= size)
		return field_wrong(err, field_path(path, parent, name), item,
			"a text of 1 to %zu bytes", size - 1);
	strcpy(inout, item->valuestring);
	return 0;
}

// Largest single weight: sums of a million of them stay far from overflow.
#define WEIGHT_MAX 1e15

int
field_weights(const cJSON *object, const char *parent, const char *name, const char *of,
	uint32_t count, double *inout, struct error *err)
{
	const cJSON *list = field_item(object, name), *item;
	char path[FIELD_PATH_LEN], entry_path[FIELD_PATH_LEN];
	uint32_t i = 0;
	double sum = 0;

	if (list == NULL)
		return 0;
	field_path(path, parent, name);
	if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) != (int)count)
		return field_wrong(err, path, list, "a list of %u weights, one for each of %s",
			count, of);
	cJSON_ArrayForEach(item, list) {
		if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) ||
				!(item->valuedouble <= WEIGHT_MAX))
			return field_wrong(err, field_path_index(entry_path, path, i), item,
				"a number from 0 to %g", WEIGHT_MAX);
		inout[i++] = item->valuedouble;
		sum += item->valuedouble;
	}
	if (!(sum > 0))
		return error_field(err, -EINVAL, path,
			"%s: found only zeros, allowed is at least one weight above 0", path);
	return 0;
}

int
field_choice(const cJSON *object, const char *parent, const char *name,
	const char *const *choices, unsigned int *inout, struct error *err)
{
	const cJSON *item = field_item(object, name);
	char path[FIELD_PATH_LEN], allowed[160];

	if (item == NULL)
		return 0;
	for (unsigned int i = 0; cJSON_IsString(item) && choices[i] != NULL; i++) {
		if (strcmp(item->valuestring, choices[i]) != 0)
			continue;
		*inout = i;
		return 0;
	}
	names_join(choices, allowed, sizeof(allowed));
	return field_wrong(err, field_path(path, parent, name), item, "one of %s", allowed);
}

int
field_number_required(const cJSON *object, const char *parent, const char *name, double min,
	double max, double *ret, struct error *err)
{
	char path[FIELD_PATH_LEN];

	if (field_item(object, name) == NULL)
		return field_wrong(err, field_path(path, parent, name), NULL,
			"a number from %.15g to %.15g", min, max);
	return field_number(object, parent, name, min, max, ret, err);
}
