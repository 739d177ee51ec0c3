/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "query/spec_read.h"

// `op` of a query from its JSON: for each operator the fields that it takes.

// One row = operator, field, range, what is allowed in words, and where it goes.
struct op_field {
	const char *type;
	const char *name;
	bool required;
	bool whole;
	double min, max;
	const char *allowed;
	void (*apply)(struct query_op *op, double value);
};

static void
k_apply(struct query_op *op, double value)
{
	op->k = (uint32_t)value;
}

static void
percent_apply(struct query_op *op, double value)
{
	op->percent = value;
}

static void
x_apply(struct query_op *op, double value)
{
	op->x = value;
}

static void
min_apply(struct query_op *op, double value)
{
	op->min = (uint64_t)value;
}

static void
max_apply(struct query_op *op, double value)
{
	op->max = (uint64_t)value;
}

static void
clear_after_apply(struct query_op *op, double value)
{
	op->clear_after = (uint32_t)value;
}

#define EXACT_MAX 9007199254740991.0  // whole numbers that a JSON number holds exactly
#define POSITIVE 1e-300               // above 0

static const struct op_field fields[] = {
	{"topk", "k", true, true, 1, QUERY_K_MAX, "a whole number from 1 to 1000", k_apply},
	{"share", "percent", true, false, POSITIVE, 100, "a number above 0, at most 100",
		percent_apply},
	{"outlier", "x", true, false, POSITIVE, QUERY_X_MAX, "a number above 0, at most 1000",
		x_apply},
	{"limit", "min", false, true, 0, EXACT_MAX, "a whole number from 0 on", min_apply},
	{"limit", "max", false, true, 0, EXACT_MAX, "a whole number from 0 on", max_apply},
	{"limit", "clear_after", false, true, 1, 1000, "a whole number of windows from 1 to 1000",
		clear_after_apply},
};

static const char types_allowed[] = "one of topk, share, outlier, limit";

static bool
kind_find(const char *type, const char *method, enum operator_kind *ret)
{
	if (type == NULL)
		return false;
	if (strcmp(type, "topk") == 0)
		*ret = OPERATOR_TOPK;
	else if (strcmp(type, "share") == 0)
		*ret = OPERATOR_SHARE;
	else if (strcmp(type, "limit") == 0)
		*ret = OPERATOR_LIMIT;
	else if (strcmp(type, "outlier") == 0)
		*ret = method != NULL && strcmp(method, "mad") == 0 ? OPERATOR_OUTLIER_MAD :
			OPERATOR_OUTLIER_SIGMA;
	else
		return false;
	return true;
}

static const struct op_field *
field_find(const char *type, const char *name)
{
	for (unsigned int i = 0; i < RTE_DIM(fields); i++)
		if (strcmp(fields[i].type, type) == 0 && strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

static void
method_read(const struct spec_reader *r, const cJSON *item)
{
	const char *method = cJSON_GetStringValue(item);

	if (method == NULL || (strcmp(method, "sigma") != 0 && strcmp(method, "mad") != 0))
		spec_fault(r, "op.method", item, "sigma or mad");
}

static void
member_read(const struct spec_reader *r, const char *type, const cJSON *item, struct query_op *op)
{
	const struct op_field *f = field_find(type, item->string);
	char name[64];

	snprintf(name, sizeof(name), "op.%.40s", item->string);
	if (strcmp(item->string, "type") == 0)
		return;
	if (strcmp(type, "outlier") == 0 && strcmp(item->string, "method") == 0)
		method_read(r, item);
	else if (f == NULL)
		spec_fault(r, name, item, "no field of that name with this type");
	else if (!cJSON_IsNumber(item) || !(item->valuedouble >= f->min) ||
			!(item->valuedouble <= f->max) ||
			(f->whole && item->valuedouble != floor(item->valuedouble)))
		spec_fault(r, name, item, f->allowed);
	else
		f->apply(op, item->valuedouble);
}

static void
required_check(const struct spec_reader *r, const char *type, const cJSON *json,
	const struct query_op *op)
{
	char name[64];

	for (unsigned int i = 0; i < RTE_DIM(fields); i++) {
		snprintf(name, sizeof(name), "op.%s", fields[i].name);
		if (fields[i].required && strcmp(fields[i].type, type) == 0 &&
				cJSON_GetObjectItemCaseSensitive(json, fields[i].name) == NULL)
			spec_fault(r, name, NULL, fields[i].allowed);
	}
	if (op->kind != OPERATOR_LIMIT)
		return;
	if (cJSON_GetObjectItemCaseSensitive(json, "min") == NULL &&
			cJSON_GetObjectItemCaseSensitive(json, "max") == NULL)
		spec_fault(r, "op.min", NULL, "min, max, or both");
	else if (op->min > op->max)
		spec_fault(r, "op.min", cJSON_GetObjectItemCaseSensitive(json, "min"),
			"a number that is not above max");
}

void
spec_op_read(const struct spec_reader *r, const cJSON *json)
{
	struct query_op op = {.max = UINT64_MAX, .clear_after = 1};
	const cJSON *method = cJSON_GetObjectItemCaseSensitive(json, "method");
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(json, "type");
	const cJSON *item;

	if (!cJSON_IsObject(json)) {
		spec_fault(r, "op", json, "an object with a type, like {\"type\":\"topk\",\"k\":10}");
		return;
	}
	if (!kind_find(cJSON_GetStringValue(type), cJSON_GetStringValue(method), &op.kind)) {
		spec_fault(r, "op.type", type, types_allowed);
		return;
	}
	spec_twice_check(r, "op.", json);
	cJSON_ArrayForEach(item, json)
		member_read(r, type->valuestring, item, &op);
	required_check(r, type->valuestring, json, &op);
	r->spec->op = op;
}
