/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "control/json_scan.h"

static int
check(const char *text)
{
	return json_scan_check(text, strlen(text), 8, NULL);
}

static void
test_accepts(void **state)
{
	static const char *const good[] = {
		"0", "-0", "12", "-1.5e+3", "1E2", "true", "false", "null", "\"\"", " [ ] ", "{}",
		"[1,2,[3]]", "{\"a\":{\"b\":[null]}}", "\"\\u00e9\\n\\\"\"", "\"\\ud83d\\ude00\"",
		"\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"", "\t{\"a\" : 1}\r\n", "[[[[[[[[]]]]]]]]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (check(good[i]) != 0)
			fail_msg("refused: %s", good[i]);
}

static void
test_refuses(void **state)
{
	static const char *const bad[] = {
		"", " ", "01", "-", "1.", ".5", "+1", "1e", "0x10", "NaN", "tru", "nul", "'a'", "\"",
		"\"\\x\"", "\"\\u12\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
		"\"\\udc00\"", "\"\x01\"", "\"\t\"", "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
		"\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "[", "]", "[1,]", "[,1]", "[1 2]", "{", "{\"a\"}",
		"{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:2}", "1 2", "{}x", "[}", "\xef\xbb\xbf{}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (check(bad[i]) != -EINVAL)
			fail_msg("accepted: %s", bad[i]);
	assert_int_equal(json_scan_check("1\0", 2, 8, NULL), -EINVAL);
}

static void
test_depth(void **state)
{
	struct error err = {0};
	char text[100001];

	(void)state;
	assert_int_equal(check("[[[[[[[[[]]]]]]]]]"), -E2BIG);
	assert_int_equal(check("[[[[[[[[]]]]]]],[[[[[[[]]]]]]]]"), 0);
	memset(text, '[', 100000);
	text[100000] = '\0';
	assert_int_equal(json_scan_check(text, 100000, 8, &err), -E2BIG);
	assert_non_null(strstr(err.text, "8"));
}

static void
walk_expect(const char *text, const char *const *values, size_t count)
{
	struct json_span all = {text, strlen(text)}, v;
	struct json_walk w;

	assert_true(json_walk_start(&w, all));
	for (size_t i = 0; i < count; i++) {
		assert_true(json_walk_next(&w, &v));
		assert_int_equal(v.len, strlen(values[i]));
		assert_memory_equal(v.start, values[i], v.len);
	}
	assert_false(json_walk_next(&w, &v));
}

static void
test_walk(void **state)
{
	static const char *const values[] = {"12345678901234567890", "[1, {\"x\":2}]", "\"a,]\""};
	struct json_walk w;

	(void)state;
	walk_expect(" [ 12345678901234567890 , [1, {\"x\":2}],\"a,]\" ] ", values, 3);
	walk_expect("{\"id\":12345678901234567890,\"b\" : [1, {\"x\":2}] , \"c\":\"a,]\"}", values, 3);
	walk_expect("[]", NULL, 0);
	assert_false(json_walk_start(&w, (struct json_span){"12", 2}));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_walk),
	};

	return cmocka_run_group_tests_name("json_scan", tests, NULL, NULL);
}
