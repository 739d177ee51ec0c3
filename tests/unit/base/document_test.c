/* SPDX-License-Identifier: BSD-3-Clause */
// Documents: what is put in comes out, and the last holder frees it, whoever that is.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "base/document.h"

#define HOLDERS 4
#define ROUNDS 20000

static void
kinds_have_names(void **state)
{
	(void)state;
	assert_string_equal(document_kind_name(DOCUMENT_RESULT), "result");
	assert_string_equal(document_kind_name(DOCUMENT_ALERT), "alert");
	assert_string_equal(document_kind_name(DOCUMENT_STATS), "stats");
	assert_string_equal(document_kind_name(DOCUMENT_FLOW), "flow");
	assert_null(document_kind_name(DOCUMENT_KINDS));
}

static void
text_is_copied(void **state)
{
	char text[] = "{\"a\":1}garbage", long_name[DOCUMENT_NAME_LEN * 2];
	struct document *d = document_create(DOCUMENT_RESULT, "ip-topk", 5, UINT64_MAX, text, 7);

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_string_equal(d->json, "{\"a\":1}");
	assert_int_equal(d->len, 7);
	assert_string_equal(d->name, "ip-topk");
	assert_true(d->kind == DOCUMENT_RESULT && d->start_us == 5 && d->end_us == UINT64_MAX);
	assert_int_equal(d->references, 1);
	document_put(d);
	document_put(NULL);

	memset(long_name, 'n', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	d = document_create(DOCUMENT_FLOW, long_name, 0, 0, "", 0);
	assert_int_equal(strlen(d->name), DOCUMENT_NAME_LEN - 1);
	assert_string_equal(d->json, "");
	document_put(d);
}

static void *
holder_run(void *arg)
{
	struct document *d = arg;

	for (unsigned int i = 0; i < ROUNDS; i++)
		document_put(document_get(d));
	document_put(d);
	return NULL;
}

static void
references_from_many_threads(void **state)
{
	struct document *d = document_create(DOCUMENT_STATS, "", 0, 0, "{}", 2);
	pthread_t holder[HOLDERS];

	(void)state;
	for (unsigned int i = 0; i < HOLDERS; i++)
		assert_int_equal(pthread_create(&holder[i], NULL, holder_run, document_get(d)), 0);
	for (unsigned int i = 0; i < HOLDERS; i++)
		pthread_join(holder[i], NULL);
	assert_int_equal(d->references, 1);
	assert_string_equal(d->json, "{}");
	document_put(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_have_names),
		cmocka_unit_test(text_is_copied),
		cmocka_unit_test(references_from_many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
