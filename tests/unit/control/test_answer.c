/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/control.h"
#include "weirctl/answer.h"

// What weirctl makes of what a server sends, which may be anything.

static void
gives(const char *message, const char *text, int code)
{
	char *found = NULL;
	int found_code = 1;

	assert_int_equal(answer_read(message, strlen(message), 7, &found, &found_code), 0);
	assert_non_null(found);
	assert_string_equal(found, text);
	assert_int_equal(found_code, code);
	free(found);
}

static void
test_texts_stay(void **state)
{
	(void)state;
	gives("{\"jsonrpc\":\"2.0\",\"result\":18446744073709551615,\"id\":7}", "18446744073709551615", 0);
	gives("{\"id\":7, \"x\": [1], \"result\": {\"a\" : 1.50e0 , \"b\":\"\\u00e9\"} }",
		"{\"a\" : 1.50e0 , \"b\":\"\\u00e9\"}", 0);
	gives("{\"result\":null,\"id\":7}", "null", 0);
	gives("{\"id\":7,\"error\":{\"code\":-32001,\"message\":\"m\"}}", "{\"code\":-32001,\"message\":\"m\"}",
		-32001);
	// An error that could be taken for success, or for a code of weirctl's own, is none of these.
	gives("{\"id\":7,\"error\":{\"code\":0}}", "{\"code\":0}", CALL_INTERNAL_ERROR);
	gives("{\"id\":7,\"error\":{\"code\":1e300}}", "{\"code\":1e300}", CALL_INTERNAL_ERROR);
	gives("{\"id\":7,\"error\":{\"code\":-3}}", "{\"code\":-3}", CALL_INTERNAL_ERROR);
	gives("{\"id\":7,\"error\":5,\"result\":1}", "5", CALL_INTERNAL_ERROR);
}

static void
is(const char *message, int rc)
{
	char *found = NULL;
	int code = 1;

	assert_int_equal(answer_read(message, strlen(message), 7, &found, &code), rc);
	assert_null(found);
	assert_int_equal(code, 1);
}

static void
test_others(void **state)
{
	static const char *const invalid[] = {"", "{", "[]", "7", "\"id\"", "{\"id\":7}", "{\"id\":7} x",
		"{\"id\":7,\"result\":01}", "{\"id\":7,\"result\":\"\xff\"}"};

	(void)state;
	is("{\"jsonrpc\":\"2.0\",\"method\":\"result\",\"params\":{}}", 0);
	is("{\"result\":1,\"id\":6}", 0);
	is("{\"result\":1,\"id\":\"7\"}", 0);
	is("{\"error\":{\"code\":-32700},\"id\":null}", 0);
	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
		is(invalid[i], -EINVAL);
}

static void
test_notifications(void **state)
{
	static const char message[] = "{\"jsonrpc\":\"2.0\", \"method\":\"result\",\"params\": "
		"{\"bytes\": 18446744073709551615} }";
	static const char *const others[] = {"", "{", "[]", "7", "{\"method\":\"result\"}",
		"{\"method\":7,\"params\":{}}", "{\"params\":{}}", "{\"method\":\"x\",\"params\":{},\"id\":1}",
		"{\"method\":\"x\",\"params\":{}} x"};
	char method[6], *params = NULL;

	(void)state;
	assert_int_equal(notification_read(message, sizeof(message) - 1, method, sizeof(method),
		&params), 0);
	assert_string_equal(method, "resul");
	assert_string_equal(params, "{\"bytes\": 18446744073709551615}");
	free(params);
	params = NULL;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(notification_read(others[i], strlen(others[i]), method,
			sizeof(method), &params), -EINVAL);
	assert_null(params);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_stay),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_notifications),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
