/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/openmetrics.h"

static void
text_is(const char *openmetrics, const char *expected)
{
	char *text = openmetrics_to_text(openmetrics);

	assert_string_equal(text, expected);
	free(text);
}

static void
families(void **state)
{
	(void)state;
	text_is("# TYPE a_bytes counter\n# HELP a_bytes All a counter.\n# UNIT a_bytes bytes\n"
		"a_bytes_total{x=\"# TYPE\"} 5\n# TYPE b gauge\n# HELP b Now.\nb 1.5\n"
		"# TYPE c_seconds summary\n# HELP c_seconds C.\nc_seconds{quantile=\"0.5\"} 1\n"
		"c_seconds_count 2\n# EOF\n",
		"# TYPE a_bytes_total counter\n# HELP a_bytes_total All a counter.\n"
		"a_bytes_total{x=\"# TYPE\"} 5\n# TYPE b gauge\n# HELP b Now.\nb 1.5\n"
		"# TYPE c_seconds summary\n# HELP c_seconds C.\nc_seconds{quantile=\"0.5\"} 1\n"
		"c_seconds_count 2\n");
}

static void
odd_texts(void **state)
{
	(void)state;
	text_is("", "");
	text_is("# EOF", "");
	text_is("a 1", "a 1\n");
	text_is("# TYPE a", "# TYPE a\n");
	text_is("# HELP ", "# HELP \n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families),
		cmocka_unit_test(odd_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
