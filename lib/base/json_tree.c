/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/json_tree.h"

#include <math.h>

#define WHOLE_MOST 9.2e18  // fits int64_t

static void
number_write(struct json_out *o, double v)
{
	if (floor(v) == v && fabs(v) < WHOLE_MOST)
		json_out_i64(o, (int64_t)v);
	else
		json_out_f64(o, v);
}

static void
members_write(struct json_out *o, const cJSON *parent)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, parent) {
		if (cJSON_IsObject(parent))
			json_out_key_escaped(o, v->string);
		json_tree_write(o, v);
	}
}

void
json_tree_write(struct json_out *o, const cJSON *v)
{
	if (cJSON_IsObject(v)) {
		json_out_open(o, '{');
		members_write(o, v);
		json_out_close(o, '}');
	} else if (cJSON_IsArray(v)) {
		json_out_open(o, '[');
		members_write(o, v);
		json_out_close(o, ']');
	} else if (cJSON_IsString(v)) {
		json_out_str(o, v->valuestring);
	} else if (cJSON_IsNumber(v)) {
		number_write(o, v->valuedouble);
	} else if (cJSON_IsBool(v)) {
		json_out_bool(o, cJSON_IsTrue(v));
	} else if (cJSON_IsRaw(v)) {
		json_out_raw(o, v->valuestring);
	} else {
		json_out_null(o);
	}
}
