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
bytes_read(const cJSON *item, const char *name, uint64_t min, uint32_t *ret, struct error *err)
{
	char path[FIELD_PATH_LEN];
	uint64_t v = 0;
	int rc;

	if (field_item(item, name) == NULL)
		return field_wrong(err, field_path(path, "size", name), NULL,
			"a whole number from %u to %u", SIZE_BYTES_MIN, SIZE_BYTES_MAX);
	rc = field_whole(item, "size", name, min, SIZE_BYTES_MAX, &v, err);
	if (rc == 0)
		*ret = (uint32_t)v;
	return rc;
}

int
size_read(struct size_spec *inout, const cJSON *item, struct error *err)
{
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(item, "type");
	struct size_spec s = {0};
	int rc;

	if (!cJSON_IsObject(item))
		return field_wrong(err, "size", item, "an object with a type");
	if (type_find(type, &s.type) != 0)
		return field_wrong(err, "size.type", type, "\"fixed\", \"uniform\" or \"imix\"");
	rc = fields_check(item, "size", types[s.type].fields, err);
	if (rc == 0 && s.type == SIZE_FIXED) {
		rc = bytes_read(item, "bytes", SIZE_BYTES_MIN, &s.min, err);
		s.max = s.min;
	} else if (rc == 0 && s.type == SIZE_UNIFORM) {
		rc = bytes_read(item, "min", SIZE_BYTES_MIN, &s.min, err);
		if (rc == 0)
			rc = bytes_read(item, "max", s.min, &s.max, err);
	}
	if (rc == 0)
		*inout = s;
	return rc;
}

cJSON *
size_json(const struct size_spec *s)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "type", types[s->type].name);
	if (s->type == SIZE_FIXED)
		cJSON_AddNumberToObject(o, "bytes", s->min);
	if (s->type == SIZE_UNIFORM) {
		cJSON_AddNumberToObject(o, "min", s->min);
		cJSON_AddNumberToObject(o, "max", s->max);
	}
	return o;
}

uint32_t
size_largest(const struct size_spec *s)
{
	return s->type == SIZE_IMIX ? imix[RTE_DIM(imix) - 1].bytes : s->max;
}

struct size_model
size_model_make(const struct size_spec *s)
{
	struct size_model m = {.min = s->min, .span = s->max - s->min + 1};
	unsigned int n = 0;

	if (s->type != SIZE_IMIX)
		return m;
	m.span = 0;
	for (unsigned int i = 0; i < RTE_DIM(imix); i++)
		for (unsigned int k = 0; k < imix[i].parts; k++)
			m.choices[n++] = imix[i].bytes;
	return m;
}
