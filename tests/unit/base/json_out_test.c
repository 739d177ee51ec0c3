/* SPDX-License-Identifier: BSD-3-Clause */
// JSON text as a second reader (cJSON, strtod) understands it.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/json_out.h"
#include "base/json_tree.h"
#include "eal_support.h"

static const char *
str_text(struct json_out *o, const char *s)
{
	json_out_reset(o);
	json_out_str(o, s);
	assert_false(o->failed);
	return o->data;
}

static void
strings_are_escaped(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"", "\"\""},
		{"plain", "\"plain\""},
		{"a\"b\\c/", "\"a\\\"b\\\\c/\""},
		{"\n\r\t\x01\x1f\x7f", "\"\\u000a\\u000d\\u0009\\u0001\\u001f\\u007f\""},
		{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
			"\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
		{"\xed\x9f\xbf\xee\x80\x80", "\"\xed\x9f\xbf\xee\x80\x80\""},  // beside surrogates
		// the last code point
		{"\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""},
	};
	struct json_out o = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(str_text(&o, cases[i].in), cases[i].out);
	json_out_free(&o);
}

// One U+FFFD for each byte that begins no valid sequence; nothing behind the NUL is looked at.
static void
invalid_utf8_is_replaced(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"\x80", "\"\\ufffd\""},
		{"\xff" "a", "\"\\ufffda\""},
		{"\xc3", "\"\\ufffd\""},                          // cut off by the end
		{"\xe2\x82", "\"\\ufffd\\ufffd\""},
		{"\xf0\x9f\x98", "\"\\ufffd\\ufffd\\ufffd\""},
		{"\xc0\xaf", "\"\\ufffd\\ufffd\""},               // overlong
		{"\xe0\x9f\xbf", "\"\\ufffd\\ufffd\\ufffd\""},
		{"\xf0\x8f\xbf\xbf", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
		{"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},    // a surrogate
		{"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},  // beyond U+10FFFF
		{"\xc3\"", "\"\\ufffd\\\"\""},                    // the quote is not swallowed
		{"\xe2\x82\\", "\"\\ufffd\\ufffd\\\\\""},
	};
	struct json_out o = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *edge = eal_edge_alloc(cases[i].in, strlen(cases[i].in) + 1);

		assert_string_equal(str_text(&o, (const char *)edge), cases[i].out);
		eal_edge_free(edge, strlen(cases[i].in) + 1);
	}
	json_out_free(&o);
}

// Whatever bytes go in, out comes a document that cJSON reads to its end, valid as UTF-8.
static void
any_bytes_make_a_document(void **state)
{
	struct random r = {7};
	struct json_out o = {0};

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		char s[17] = {0};
		cJSON *json, *again;
		size_t n = random_below(&r, sizeof(s));

		for (size_t k = 0; k < n; k++)
			s[k] = (char)(random_below(&r, 4) == 0 ? random_below(&r, 128) :
				random_next(&r) >> 40);
		json = cJSON_ParseWithOpts(str_text(&o, s), NULL, true);
		assert_true(cJSON_IsString(json));
		// Valid now, so writing it once more replaces nothing.
		again = cJSON_ParseWithOpts(str_text(&o, json->valuestring), NULL, true);
		assert_null(strstr(o.data, "\\ufffd"));
		assert_string_equal(again->valuestring, json->valuestring);
		cJSON_Delete(again);
		cJSON_Delete(json);
	}
	json_out_free(&o);
}

static void
doubles_round_trip(void **state)
{
	static const double fixed[] = {0.1, 1.0 / 3, DBL_MAX, DBL_MIN, 5e-324, 1e21,
		123456789012345678,
		9007199254740993.0, -2.5, 1e15, 1e16, 0.3 - 0.1};
	struct random r = {11};
	struct json_out o = {0};

	(void)state;
	for (unsigned int i = 0; i < 50000; i++) {
		uint64_t bits = random_next(&r);
		double v;

		memcpy(&v, &bits, sizeof(v));
		if (i < sizeof(fixed) / sizeof(fixed[0]))
			v = fixed[i];
		json_out_reset(&o);
		json_out_f64(&o, v);
		if (!isfinite(v))
			assert_string_equal(o.data, "null");
		else
			assert_true(strtod(o.data, NULL) == v);
	}
	json_out_free(&o);
}

static void
doubles_are_short(void **state)
{
	struct json_out o = {0};

	(void)state;
	json_out_open(&o, '[');
	json_out_f64(&o, 0.1);
	json_out_f64(&o, -0.0);
	json_out_f64(&o, 3);
	json_out_f64(&o, NAN);
	json_out_f64(&o, INFINITY);
	json_out_f64(&o, -INFINITY);
	json_out_close(&o, ']');
	assert_string_equal(o.data, "[0.1,0,3,null,null,null]");
	json_out_free(&o);
}

static void
integers_are_exact(void **state)
{
	struct json_out o = {0};

	(void)state;
	json_out_open(&o, '[');
	json_out_u64(&o, 0);
	json_out_u64(&o, (UINT64_C(1) << 53) + 1);
	json_out_u64(&o, UINT64_MAX);
	json_out_i64(&o, INT64_MIN);
	json_out_i64(&o, INT64_MAX);
	json_out_close(&o, ']');
	assert_string_equal(o.data, "[0,9007199254740993,18446744073709551615,"
		"-9223372036854775808,9223372036854775807]");
	json_out_free(&o);
}

static void
commas_and_nesting(void **state)
{
	struct json_out o = {0};

	(void)state;
	json_out_open(&o, '{');
	json_out_key(&o, "a");
	json_out_open(&o, '[');
	json_out_open(&o, '[');
	json_out_close(&o, ']');
	json_out_open(&o, '{');
	json_out_close(&o, '}');
	json_out_str(&o, "ends with [");
	json_out_str(&o, "{:");
	json_out_bool(&o, true);
	json_out_null(&o);
	json_out_close(&o, ']');
	json_out_key_str(&o, "b", "x:");
	json_out_key_bool(&o, "c", false);
	json_out_key_i64(&o, "d", -1);
	json_out_key_u64(&o, "e", 2);
	json_out_key_f64(&o, "f", 0.5);
	json_out_key(&o, "g");
	json_out_raw(&o, "{\"h\":[1]}");
	json_out_key(&o, "i");
	json_out_raw(&o, "0");
	json_out_close(&o, '}');
	json_out_newline(&o);
	json_out_open(&o, '[');
	json_out_close(&o, ']');
	assert_string_equal(o.data, "{\"a\":[[],{},\"ends with [\",\"{:\",true,null],\"b\":\"x:\","
		"\"c\":false,\"d\":-1,\"e\":2,\"f\":0.5,\"g\":{\"h\":[1]},\"i\":0}\n[]");
	assert_int_equal(o.len, strlen(o.data));
	json_out_free(&o);
}

// Long enough to grow many times; the text is handed over whole and the writer starts afresh.
static void
growth_and_take(void **state)
{
	struct json_out o = {0};
	char *text;
	cJSON *json;

	(void)state;
	assert_null(json_out_take(&o));
	json_out_open(&o, '[');
	for (unsigned int i = 0; i < 30000; i++)
		json_out_u64(&o, i);
	json_out_close(&o, ']');
	text = json_out_take(&o);
	assert_true(o.data == NULL && o.len == 0 && o.cap == 0);
	json = cJSON_Parse(text);
	assert_int_equal(cJSON_GetArraySize(json), 30000);
	cJSON_Delete(json);
	free(text);
	json_out_u64(&o, 1);
	json_out_reset(&o);
	assert_int_equal(o.len, 0);
	assert_string_equal(o.data, "");
	json_out_str(&o, "again");
	assert_string_equal(o.data, "\"again\"");
	json_out_free(&o);
	json_out_free(&o);  // harmless
}

// Whole numbers stay whole, whatever their size; the rest is what cJSON had read.
static void
trees_keep_whole_numbers(void **state)
{
	static const char text[] = "{\"us\":1764000059000000,\"n\":-9007199254740991,\"f\":0.1,"
		"\"big\":1e+300,\"s\":\"a\\\"\\u0001\",\"k\\\"\":[true,false,null,{},[]]}";
	struct json_out o = {0};
	cJSON *v = cJSON_Parse(text);

	(void)state;
	json_tree_write(&o, v);
	assert_string_equal(o.data, text);
	cJSON_Delete(v);
	json_out_free(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(invalid_utf8_is_replaced),
		cmocka_unit_test(any_bytes_make_a_document),
		cmocka_unit_test(doubles_round_trip),
		cmocka_unit_test(doubles_are_short),
		cmocka_unit_test(integers_are_exact),
		cmocka_unit_test(commas_and_nesting),
		cmocka_unit_test(growth_and_take),
		cmocka_unit_test(trees_keep_whole_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
