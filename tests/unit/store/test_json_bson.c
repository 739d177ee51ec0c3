/* SPDX-License-Identifier: BSD-3-Clause */
// Documents as they go to the server: one type for each field, and nothing from outside breaks it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/bson_json.h"
#include "store/json_bson.h"
#include "store/push_document.h"

static int
convert(const char *json, bson_t *ret)
{
	struct error err = {0};
	int rc;

	bson_init(ret);
	rc = json_bson_append(json, strlen(json), NULL, ret, &err);
	assert_true(rc == 0 || err.text[0] != '\0');
	return rc;
}

static bson_iter_t
field(const bson_t *doc, const char *path)
{
	bson_iter_t it, found;

	assert_true(bson_iter_init(&it, doc));
	if (!bson_iter_find_descendant(&it, path, &found))
		fail_msg("%s is missing", path);
	return found;
}

static void
numbers_keep_one_type(void **state)
{
	static const char json[] =
		"{\"seq\":0,\"big\":9223372036854775807,\"small\":-9223372036854775808,"
		"\"past\":9007199254740993,\"over\":18446744073709551615,\"plain\":1.5,"
		"\"whole\":2.0,\"exp\":1e3,\"share\":0,\"z\":-3,"
		"\"stats\":{\"mean\":7,\"sigma\":0,\"median\":1,\"mad\":2,\"max_z\":9},"
		"\"op\":{\"percent\":10,\"x\":2,\"k\":10},"
		"\"rows\":[{\"value\":5,\"share\":1,\"z\":0},"
		"{\"value\":6,\"share\":0.5,\"z\":1.5}]}";
	static const char *const doubles[] = {"plain", "whole", "exp", "over", "share", "z",
		"stats.mean", "stats.sigma", "stats.median", "stats.mad", "stats.max_z",
		"op.percent", "op.x", "rows.0.share", "rows.1.share", "rows.0.z", "rows.1.z"};
	static const char *const integers[] = {"seq", "big", "small", "past", "op.k",
		"rows.0.value", "rows.1.value"};
	bson_iter_t it;
	unsigned int i;
	bson_t doc;

	(void)state;
	assert_int_equal(convert(json, &doc), 0);
	for (i = 0; i < sizeof(doubles) / sizeof(doubles[0]); i++) {
		it = field(&doc, doubles[i]);
		if (bson_iter_type(&it) != BSON_TYPE_DOUBLE)
			fail_msg("%s is no double", doubles[i]);
	}
	for (i = 0; i < sizeof(integers) / sizeof(integers[0]); i++) {
		it = field(&doc, integers[i]);
		if (bson_iter_type(&it) != BSON_TYPE_INT64)
			fail_msg("%s is no int64", integers[i]);
	}
	it = field(&doc, "big");
	assert_true(bson_iter_int64(&it) == INT64_MAX);
	it = field(&doc, "small");
	assert_true(bson_iter_int64(&it) == INT64_MIN);
	it = field(&doc, "past");
	assert_true(bson_iter_int64(&it) == INT64_C(9007199254740993));
	it = field(&doc, "z");
	assert_true(bson_iter_double(&it) == -3.0);
	bson_destroy(&doc);
}

static void
other_values(void **state)
{
	bson_iter_t it;
	bson_t doc;

	(void)state;
	assert_int_equal(convert(" { \"t\" : true , \"f\":false,\"n\":null,\"a\":[],\"o\":{},"
		"\"s\":\"a\\u00e4\\ud83d\\ude00\\n\\/\" } ", &doc), 0);
	it = field(&doc, "t");
	assert_true(bson_iter_bool(&it));
	it = field(&doc, "n");
	assert_int_equal(bson_iter_type(&it), BSON_TYPE_NULL);
	it = field(&doc, "a");
	assert_int_equal(bson_iter_type(&it), BSON_TYPE_ARRAY);
	it = field(&doc, "s");
	assert_string_equal(bson_iter_utf8(&it, NULL), "a\xc3\xa4\xf0\x9f\x98\x80\n/");
	bson_destroy(&doc);
}

// Extended JSON means nothing here, and servers get no key that they refuse.
static void
hostile_keys_are_only_names(void **state)
{
	bson_t doc;

	(void)state;
	assert_int_equal(convert("{\"o\":{\"$oid\":\"507f1f77bcf86cd799439011\"},"
		"\"$where\":\"x\",\"a.b\":1,\"\":2,\"n\\u0000ul\":3,\"d\":{\"$date\":0},"
		"\"l\":{\"$numberLong\":\"x\"}}", &doc), 0);
	assert_true(bson_validate(&doc, BSON_VALIDATE_UTF8 | BSON_VALIDATE_DOLLAR_KEYS |
		BSON_VALIDATE_DOT_KEYS | BSON_VALIDATE_EMPTY_KEYS, NULL));
	field(&doc, "o.\xef\xbc\x84oid");
	field(&doc, "a\xef\xbc\x8e" "b");
	field(&doc, "_");
	field(&doc, "n\xef\xbf\xbdul");
	bson_destroy(&doc);
}

static void
bad_utf8_is_replaced(void **state)
{
	bson_iter_t it;
	bson_t doc;

	(void)state;
	assert_int_equal(convert("{\"s\":\"a\xff\xc0\x80\xed\xa0\x80z\\ud800x\\udc00\"}", &doc), 0);
	assert_true(bson_validate(&doc, BSON_VALIDATE_UTF8, NULL));
	it = field(&doc, "s");
	assert_non_null(strstr(bson_iter_utf8(&it, NULL), "z"));
	bson_destroy(&doc);
}

static char *
nested(unsigned int levels)
{
	char *json = malloc(levels * 6 + 8), *out = json;
	unsigned int i;

	assert_non_null(json);
	for (i = 0; i < levels; i++)
		out = stpcpy(out, "{\"a\":");
	out = stpcpy(out, "1");
	for (i = 0; i < levels; i++)
		out = stpcpy(out, "}");
	return json;
}

static void
depth_and_fields_are_bounded(void **state)
{
	char *json, *out;
	unsigned int i, n;
	bson_t doc;

	(void)state;
	json = nested(JSON_BSON_DEPTH);
	assert_int_equal(convert(json, &doc), 0);
	bson_destroy(&doc);
	free(json);
	json = nested(100000);
	assert_int_equal(convert(json, &doc), -E2BIG);
	bson_destroy(&doc);
	free(json);
	for (n = JSON_BSON_FIELDS; n <= JSON_BSON_FIELDS + 1; n++) {
		json = out = malloc(n * 16 + 16);
		assert_non_null(json);
		*out++ = '{';
		for (i = 0; i < n; i++)
			out += sprintf(out, "%s\"k%u\":1", i == 0 ? "" : ",", i);
		strcpy(out, "}");
		assert_int_equal(convert(json, &doc), n == JSON_BSON_FIELDS ? 0 : -E2BIG);
		bson_destroy(&doc);
		free(json);
	}
}

// Whatever comes: no crash, and what is accepted is whole and valid.
static void
random_damage(void **state)
{
	static const char good[] = "{\"type\":\"result\",\"rows\":[{\"key\":\"10.0.0.1\",\"share\":"
		"0.5,\"z\":-1e-3,\"v\":[1,2,{}],\"t\":true,\"u\":\"\\u00e4\\ud83d\\ude00\"}],"
		"\"n\":null}";
	static const char letters[] = "{}[]\",:\\u0129.-+eE$ntf \x80\xff\x01";
	unsigned int accepted = 0, i, k;
	bson_t doc;

	(void)state;
	srand(7);
	for (i = 0; i < 20000; i++) {
		char text[sizeof(good)];
		size_t len = sizeof(good) - 1;
		struct error err;

		memcpy(text, good, sizeof(good));
		for (k = (unsigned int)rand() % 4; k > 0; k--)
			text[(size_t)rand() % len] =
				letters[(size_t)rand() % (sizeof(letters) - 1)];
		if (i % 3 == 0)
			len = (size_t)rand() % (len + 1);
		char *exact = malloc(len + 1);  // so that a read past the end is seen
		assert_non_null(exact);
		memcpy(exact, text, len);
		exact = realloc(exact, len > 0 ? len : 1);
		bson_init(&doc);
		if (json_bson_append(exact, len, NULL, &doc, &err) == 0) {
			assert_true(bson_validate(&doc, BSON_VALIDATE_UTF8 |
				BSON_VALIDATE_DOLLAR_KEYS | BSON_VALIDATE_DOT_KEYS, NULL));
			accepted++;
		}
		bson_destroy(&doc);
		free(exact);
	}
	assert_true(accepted > 1000 && accepted < 19000);
}

static int
encode(enum document_kind kind, const char *name, const char *json, bson_t *ret)
{
	struct document *d = document_create(kind, name, 1700000000123456, 1700000001123456, json,
		strlen(json));
	struct error err;
	int rc;

	assert_non_null(d);
	bson_init(ret);
	rc = push_document_encode(d, "box", ret, &err);
	document_put(d);
	return rc;
}

static void
document_form(void **state)
{
	bson_iter_t it;
	bson_t doc;

	(void)state;
	assert_int_equal(encode(DOCUMENT_RESULT, "ip-topk",
		"{\"_id\":1,\"appliance\":2,\"start\":3,"
		"\"end\":4,\"window\":{\"start\":5}}", &doc), 0);
	it = field(&doc, "_id");
	assert_string_equal(bson_iter_utf8(&it, NULL), "box/ip-topk/1700000001123456");
	it = field(&doc, "appliance");
	assert_string_equal(bson_iter_utf8(&it, NULL), "box");
	it = field(&doc, "start");
	assert_int_equal(bson_iter_type(&it), BSON_TYPE_DATE_TIME);
	assert_true(bson_iter_date_time(&it) == 1700000000123);
	it = field(&doc, "end");
	assert_true(bson_iter_date_time(&it) == 1700000001123);
	field(&doc, "window.start");
	assert_int_equal(bson_count_keys(&doc), 5);
	bson_destroy(&doc);
}

static void
alerts_of_one_window_differ(void **state)
{
	bson_iter_t it;
	bson_t doc;

	(void)state;
	assert_int_equal(encode(DOCUMENT_ALERT, "lim",
		"{\"key\":\"10.0.0.1\",\"state\":\"raised\"}", &doc), 0);
	it = field(&doc, "_id");
	assert_string_equal(bson_iter_utf8(&it, NULL),
		"box/lim/1700000001123456/10.0.0.1/raised");
	bson_destroy(&doc);
	assert_int_equal(encode(DOCUMENT_STATS, "", "{}", &doc), -EINVAL);
	bson_destroy(&doc);
	assert_int_equal(encode(DOCUMENT_RESULT, "q\xff", "{}", &doc), -EINVAL);
	bson_destroy(&doc);
}

// Flow records have no name; FNV-1a of "a" is af63dc4c8601ec8c (draft-eastlake-fnv, appendix C), so
// that of "{}" was computed by the same rule in Python.
static void
flow_records_differ_by_text(void **state)
{
	bson_iter_t it;
	bson_t doc;

	(void)state;
	assert_int_equal(encode(DOCUMENT_FLOW, "", "{}", &doc), 0);
	it = field(&doc, "_id");
	assert_string_equal(bson_iter_utf8(&it, NULL), "box/flow/1700000001123456/08f44b07b5901a25");
	bson_destroy(&doc);
}

// What push makes of a document, read back, is the text that the local store has.
static void
text_comes_back(void **state)
{
	static const char json[] = "{\"type\":\"result\",\"query\":\"ip-topk\",\"seq\":42,"
		"\"window\":{\"start_us\":1700000000123456,\"end_us\":1700000001123456},"
		"\"total\":{\"bytes\":9223372036854775807,\"packets\":0},\"stats\":{\"mean\":2,"
		"\"sigma\":0.1,\"max_z\":1e+300},\"exact\":true,\"previous\":null,\"rows\":["
		"{\"key\":\"a\\\"b\\\\c\\u0001\",\"value\":-1,\"share\":0.123456789012345,\"z\":0}],"
		"\"a\\\"b\":[],\"empty\":{}}";
	struct json_out out = {0};
	bson_t doc;

	(void)state;
	assert_int_equal(encode(DOCUMENT_RESULT, "ip-topk", json, &doc), 0);
	assert_true(bson_json_write(&out, &doc));
	assert_string_equal(out.data, json);
	json_out_free(&out);
	bson_destroy(&doc);
}

// A server may hold what it likes: types that push does not write, and deep nesting.
static void
foreign_documents_are_read(void **state)
{
	bson_t doc = BSON_INITIALIZER, deep = BSON_INITIALIZER, outer;
	struct json_out out = {0};
	unsigned int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		bson_init(&outer);
		bson_append_document(&outer, "d", 1, &deep);
		bson_destroy(&deep);
		bson_steal(&deep, &outer);
	}
	bson_append_now_utc(&doc, "when", -1);
	bson_append_maxkey(&doc, "most", -1);
	assert_true(bson_json_write(&out, &doc));
	assert_string_equal(out.data, "{\"when\":null,\"most\":null}");
	json_out_reset(&out);
	assert_true(bson_json_write(&out, &deep));
	assert_true(out.len < 64 * 6 + 16);
	json_out_free(&out);
	bson_destroy(&deep);
	bson_destroy(&doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flow_records_differ_by_text),
		cmocka_unit_test(text_comes_back),
		cmocka_unit_test(foreign_documents_are_read),
		cmocka_unit_test(numbers_keep_one_type),
		cmocka_unit_test(other_values),
		cmocka_unit_test(hostile_keys_are_only_names),
		cmocka_unit_test(bad_utf8_is_replaced),
		cmocka_unit_test(depth_and_fields_are_bounded),
		cmocka_unit_test(random_damage),
		cmocka_unit_test(document_form),
		cmocka_unit_test(alerts_of_one_window_differ),
	};

	return cmocka_run_group_tests_name("json to bson", tests, NULL, NULL);
}
