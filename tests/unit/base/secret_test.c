/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"

static void
hidden(const char *text, const char *expected)
{
	char *got = secret_hide_text(text);

	assert_string_equal(got, expected);
	free(got);
}

static void
passwords_in_text(void **state)
{
	(void)state;
	hidden("push: found [\"mongodb://u:PW@h/d\"], allowed: text",
		"push: found [\"mongodb://u:***@h/d\"], allowed: text");
	hidden("mongo//u:PW@h", "mongo//u:***@h");
	hidden("a://u:P W@h and b://v:X@i", "a://u:***@h and b://v:***@i");
	hidden("a://u:P@W@h", "a://u:***@h");
	hidden("a://u:123@h", "a://u:***@h");
	// Cut off before its "@".
	hidden("found \"mongodb://u:SECR", "found \"mongodb://u:***");
	hidden("mongodb://h/d?password=PW", "mongodb://h/d?password=**");
}

static void
other_text_stays(void **state)
{
	static const char *const texts[] = {"", "k: found 0, allowed: an integer 1 to 1000",
		"ws://127.0.0.1:8080/ws", "ws://[::1]:8080", "http://h:80", "a//b", "//", "x@y: z",
		"'http://h:80'", "sqlite:/var/lib/weir//weir.db"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		hidden(texts[i], texts[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_in_text),
		cmocka_unit_test(other_text_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
