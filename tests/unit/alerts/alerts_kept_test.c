/* SPDX-License-Identifier: BSD-3-Clause */
// The newest alerts in memory: order, questions, what gave way, and that no reference is left.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_kept.h"

static struct alerts_kept kept;

// {"n": n} at n µs.
static struct document *
add(const char *query, unsigned int n)
{
	char json[32];
	struct document *d;

	snprintf(json, sizeof(json), "{\"n\":%u}", n);
	d = document_create(DOCUMENT_ALERT, query, n, n, json, strlen(json));
	assert_non_null(d);
	alerts_kept_add(&kept, d);
	return d;
}

static void
answers(const char *query, uint64_t from_us, uint64_t to_us, uint32_t limit, const char *expected)
{
	struct store_query q = {.from_us = from_us, .to_us = to_us, .limit = limit};
	struct json_out o = {0};

	snprintf(q.query, sizeof(q.query), "%s", query);
	alerts_kept_write(&kept, &q, NULL, &o);
	assert_false(o.failed);
	assert_string_equal(o.data, expected);
	json_out_free(&o);
}

static void
test_questions(void **state)
{
	(void)state;
	answers("", 0, UINT64_MAX, 10,
		"{\"alerts\":[],\"more\":false,\"source\":\"memory\",\"dropped\":0,\"fault\":null}");
	document_put(add("a", 1));
	document_put(add("limits", 2));
	document_put(add("a", 3));
	answers("", 0, UINT64_MAX, 3, "{\"alerts\":[{\"n\":3},{\"n\":2},{\"n\":1}],"
		"\"more\":false,\"source\":\"memory\",\"dropped\":0,\"fault\":null}");
	answers("a", 0, UINT64_MAX, 1, "{\"alerts\":[{\"n\":3}],"
		"\"more\":true,\"source\":\"memory\",\"dropped\":0,\"fault\":null}");
	answers("limits", 0, UINT64_MAX, 1, "{\"alerts\":[{\"n\":2}],"
		"\"more\":false,\"source\":\"memory\",\"dropped\":0,\"fault\":null}");
	answers("", 1, 3, 10, "{\"alerts\":[{\"n\":2},{\"n\":1}],"
		"\"more\":false,\"source\":\"memory\",\"dropped\":0,\"fault\":null}");
	alerts_kept_free(&kept);
}

// The oldest gave way, by count and with their references.
static void
test_bounded(void **state)
{
	const struct store_query q = {.to_us = UINT64_MAX, .limit = CONTROL_ALERTS_MAX};
	struct document *first = add("a", 0), *last = NULL;
	struct json_out o = {0};

	(void)state;
	for (unsigned int i = 1; i <= CONTROL_ALERTS_MAX + 4; i++) {
		document_put(last);
		last = add("a", i);
	}
	assert_int_equal(first->references, 1);
	assert_int_equal(last->references, 2);
	alerts_kept_write(&kept, &q, "disk is full", &o);
	assert_non_null(strstr(o.data, "{\"alerts\":[{\"n\":1004},{\"n\":1003},"));
	assert_non_null(strstr(o.data, ",{\"n\":5}],\"more\":false,\"source\":\"memory\","
		"\"dropped\":5,\"fault\":\"disk is full\"}"));
	json_out_free(&o);
	assert_int_equal(last->references, 2);
	alerts_kept_free(&kept);
	assert_int_equal(last->references, 1);
	document_put(first);
	document_put(last);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests_name("alerts kept", tests, NULL, NULL);
}
