/* SPDX-License-Identifier: BSD-3-Clause */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
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

static unsigned int secrets_freed;

// Stands for free(): is the secret still in what is given back?
static void
free_look(void *block)
{
	static const char secret[] = "geheim";

	if (block != NULL && memmem(block, malloc_usable_size(block), secret, sizeof(secret) - 1) != NULL)
		secrets_freed++;
	free(block);
}

static void
nothing_is_left_of_a_document(void **state)
{
	static const char text[] = "{\"a\":[{\"password\":\"geheim, und lang\"},\"geheim\"],\"b\":\"geheim\"}";
	cJSON_Hooks hooks = {malloc, free_look};

	(void)state;
	cJSON_InitHooks(&hooks);
	cJSON_Delete(cJSON_Parse(text));
	assert_int_equal(secrets_freed, 3);
	secrets_freed = 0;
	secret_json_delete(cJSON_Parse(text));
	secret_json_delete(NULL);
	cJSON_InitHooks(NULL);
	assert_int_equal(secrets_freed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_in_text),
		cmocka_unit_test(other_text_stays),
		cmocka_unit_test(nothing_is_left_of_a_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
