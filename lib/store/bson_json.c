/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/bson_json.h"

#include <string.h>

#include <rte_common.h>

#define DEPTH_MOST 64  // a document of ours has at most JSON_BSON_DEPTH

bool
bson_json_added(const char *key)
{
	static const char *const added[] = {"_id", "appliance", "start", "end"};
	unsigned int i;

	for (i = 0; i < RTE_DIM(added); i++) {
		if (strcmp(key, added[i]) == 0)
			return true;
	}
	return false;
}

static bool fields_write(struct json_out *o, bson_iter_t *it, bool keys, unsigned int depth);

static bool
nested_write(struct json_out *o, const bson_iter_t *parent, bool object, unsigned int depth)
{
	bson_iter_t it;
	bool ok;

	if (depth >= DEPTH_MOST) {
		json_out_null(o);
		return true;
	}
	if (!bson_iter_recurse(parent, &it))
		return false;
	json_out_open(o, object ? '{' : '[');
	ok = fields_write(o, &it, object, depth + 1);
	json_out_close(o, object ? '}' : ']');
	return ok;
}

static bool
value_write(struct json_out *o, const bson_iter_t *it, unsigned int depth)
{
	switch (bson_iter_type(it)) {
	case BSON_TYPE_UTF8:
		json_out_str(o, bson_iter_utf8(it, NULL));
		return true;
	case BSON_TYPE_INT32:
	case BSON_TYPE_INT64:
		json_out_i64(o, bson_iter_as_int64(it));
		return true;
	case BSON_TYPE_DOUBLE:
		json_out_f64(o, bson_iter_double(it));
		return true;
	case BSON_TYPE_BOOL:
		json_out_bool(o, bson_iter_bool(it));
		return true;
	case BSON_TYPE_DOCUMENT:
	case BSON_TYPE_ARRAY:
		return nested_write(o, it, BSON_ITER_HOLDS_DOCUMENT(it), depth);
	default:
		json_out_null(o);
		return true;
	}
}

static bool
fields_write(struct json_out *o, bson_iter_t *it, bool keys, unsigned int depth)
{
	while (bson_iter_next(it)) {
		const char *key = bson_iter_key(it);

		if (depth == 0 && bson_json_added(key))
			continue;
		if (keys)
			json_out_key_escaped(o, key);
		if (!value_write(o, it, depth))
			return false;
	}
	return it->err_off == 0;
}

bool
bson_json_write(struct json_out *o, const bson_t *doc)
{
	bson_iter_t it;
	bool ok;

	if (!bson_iter_init(&it, doc))
		return false;
	json_out_open(o, '{');
	ok = fields_write(o, &it, true, 0);
	json_out_close(o, '}');
	return ok;
}
