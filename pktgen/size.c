/* SPDX-License-Identifier: BSD-3-Clause */
#include "size.h"

#include <errno.h>
#include <string.h>

#include <rte_common.h>

#include "fields.h"

// The simple IMIX: of 12 packets 7 small, 4 medium and 1 large.
static const struct {
	uint16_t bytes;
	uint16_t parts;
} imix[] = {{64, 7}, {570, 4}, {1518, 1}};

static const struct {
	const char *name;
	const char *fields[4];
} types[] = {
	[SIZE_FIXED] = {"fixed", {"type", "bytes", NULL}},
	[SIZE_UNIFORM] = {"uniform", {"type", "min", "max", NULL}},
	[SIZE_IMIX] = {"imix", {"type", NULL}},
	[SIZE_WEIGHTED] = {"weighted", {"type", "sizes", "weights", NULL}},
};

static int
type_find(const cJSON *type, enum size_type *ret)
{
	for (unsigned int i = 0; cJSON_IsString(type) && i < RTE_DIM(types); i++) {
		if (strcmp(type->valuestring, types[i].name) != 0)
			continue;
		*ret = (enum size_type)i;
		return 0;
	}
	return -EINVAL;
}

static int
bytes_read(const cJSON *item, const char *path, const char *name, uint32_t min, uint32_t max,
	uint32_t *ret, struct error *err)
{
	char member_path[FIELD_PATH_LEN];
	uint64_t v = 0;
	int rc;

	if (field_item(item, name) == NULL)
		return field_wrong(err, field_path(member_path, path, name), NULL,
			"a whole number from %u to %u", min, max);
	rc = field_whole(item, path, name, min, max, &v, err);
	if (rc == 0)
		*ret = (uint32_t)v;
	return rc;
}

static int
list_read(struct size_spec *s, const cJSON *item, const char *path, uint32_t min, uint32_t max,
	struct error *err)
{
	char list_path[FIELD_PATH_LEN], entry_path[FIELD_PATH_LEN];
	const cJSON *list = field_item(item, "sizes"), *entry;
	int n = cJSON_GetArraySize(list);

	field_path(list_path, path, "sizes");
	if (!cJSON_IsArray(list) || n == 0 || n > (int)SIZE_CHOICES)
		return field_wrong(err, list_path, list, "a list of 1 to %u sizes", SIZE_CHOICES);
	cJSON_ArrayForEach(entry, list) {
		field_path_index(entry_path, list_path, s->count);
		if (!cJSON_IsNumber(entry) || !(entry->valuedouble >= min) ||
				!(entry->valuedouble <= max) ||
				entry->valuedouble != (uint32_t)entry->valuedouble)
			return field_wrong(err, entry_path, entry, "a whole number from %u to %u",
				min, max);
		s->weights[s->count] = 1;
		s->sizes[s->count++] = (uint32_t)entry->valuedouble;
	}
	return field_weights(item, path, "weights", list_path, s->count, s->weights, err);
}

int
size_read(struct size_spec *inout, const cJSON *item, const char *path, uint32_t min, uint32_t max,
	struct error *err)
{
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(item, "type");
	char type_path[FIELD_PATH_LEN];
	struct size_spec s = {0};
	int rc;

	if (!cJSON_IsObject(item))
		return field_wrong(err, path, item, "an object with a type");
	if (type_find(type, &s.type) != 0)
		return field_wrong(err, field_path(type_path, path, "type"), type,
			"\"fixed\", \"uniform\", \"imix\" or \"weighted\"");
	rc = fields_check(item, path, types[s.type].fields, err);
	if (rc == 0 && s.type == SIZE_FIXED) {
		rc = bytes_read(item, path, "bytes", min, max, &s.min, err);
		s.max = s.min;
	} else if (rc == 0 && s.type == SIZE_UNIFORM) {
		rc = bytes_read(item, path, "min", min, max, &s.min, err);
		if (rc == 0)
			rc = bytes_read(item, path, "max", s.min, max, &s.max, err);
	} else if (rc == 0 && s.type == SIZE_WEIGHTED) {
		rc = list_read(&s, item, path, min, max, err);
	}
	if (rc == 0)
		*inout = s;
	return rc;
}

cJSON *
size_json(const struct size_spec *s)
{
	cJSON *o = cJSON_CreateObject(), *list;

	cJSON_AddStringToObject(o, "type", types[s->type].name);
	if (s->type == SIZE_FIXED)
		cJSON_AddNumberToObject(o, "bytes", s->min);
	if (s->type == SIZE_UNIFORM) {
		cJSON_AddNumberToObject(o, "min", s->min);
		cJSON_AddNumberToObject(o, "max", s->max);
	}
	if (s->type == SIZE_WEIGHTED) {
		list = cJSON_AddArrayToObject(o, "sizes");
		for (uint32_t i = 0; i < s->count; i++)
			cJSON_AddItemToArray(list, cJSON_CreateNumber(s->sizes[i]));
		cJSON_AddItemToObject(o, "weights",
			cJSON_CreateDoubleArray(s->weights, (int)s->count));
	}
	return o;
}

// The list that IMIX is; others as they are.
static void
list_fill(const struct size_spec *s, struct size_spec *ret)
{
	*ret = *s;
	if (s->type != SIZE_IMIX)
		return;
	ret->count = RTE_DIM(imix);
	for (unsigned int i = 0; i < RTE_DIM(imix); i++) {
		ret->sizes[i] = imix[i].bytes;
		ret->weights[i] = imix[i].parts;
	}
}

uint32_t
size_largest(const struct size_spec *s)
{
	struct size_spec list;
	uint32_t largest = s->max;

	list_fill(s, &list);
	for (uint32_t i = 0; i < list.count; i++)
		if (list.weights[i] > 0)
			largest = RTE_MAX(largest, list.sizes[i]);
	return largest;
}

double
size_mean(const struct size_spec *s, double (*value)(uint32_t size, const void *arg),
	const void *arg)
{
	struct size_spec list;
	double sum = 0, weight = 0;

	list_fill(s, &list);
	if (list.count == 0) {
		for (uint32_t size = s->min; size <= s->max; size++)
			sum += value(size, arg);
		return sum / (s->max - s->min + 1);
	}
	for (uint32_t i = 0; i < list.count; i++) {
		sum += list.weights[i] * value(list.sizes[i], arg);
		weight += list.weights[i];
	}
	return sum / weight;
}

int
size_model_fill(struct size_model *m, const struct size_spec *s)
{
	struct size_spec list;
	struct alias_table *t;

	list_fill(s, &list);
	*m = (struct size_model){.min = s->min};
	if (list.count == 0) {
		m->span = s->max - s->min + 1;
		return 0;
	}
	t = alias_create(list.weights, list.count);
	if (t == NULL)
		return -ENOMEM;
	m->count = list.count;
	memcpy(m->sizes, list.sizes, sizeof(m->sizes));
	memcpy(m->columns, t->columns, list.count * sizeof(m->columns[0]));
	alias_free(t);
	return 0;
}
