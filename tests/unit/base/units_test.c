/* SPDX-License-Identifier: BSD-3-Clause */
// Text to numbers: the whole text or nothing, and nothing written when it fails.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/units.h"

#define UNTOUCHED UINT64_C(0x5a5a5a5a5a5a5a5a)

struct number_case {
	const char *text;
	int rc;
	uint64_t value;
};

static void
u64(void **state)
{
	static const struct number_case cases[] = {
		{"10", 0, 10}, {"100", 0, 100}, {"0050", 0, 50},
		{"9", -ERANGE}, {"101", -ERANGE}, {"18446744073709551616", -ERANGE},
		{"99999999999999999999999999", -ERANGE},
		{"", -EINVAL}, {" 10", -EINVAL}, {"10 ", -EINVAL}, {"+10", -EINVAL},
		{"-10", -EINVAL},
		{"0x10", -EINVAL}, {"1e1", -EINVAL}, {"10k", -EINVAL}, {"ten", -EINVAL},
		{"99999999999999999999x", -EINVAL}, {NULL, -EINVAL},
	};
	uint64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		v = UNTOUCHED;
		assert_int_equal(units_parse_u64(cases[i].text, 10, 100, &v), cases[i].rc);
		assert_int_equal(v, cases[i].rc == 0 ? cases[i].value : UNTOUCHED);
	}
	assert_int_equal(units_parse_u64("18446744073709551615", 0, UINT64_MAX, &v), 0);
	assert_true(v == UINT64_MAX);
}

static void
seconds(void **state)
{
	static const struct number_case cases[] = {
		{"0", 0, 0}, {"60", 0, 60000000}, {"0.5", 0, 500000}, {".25", 0, 250000},
		{"0.000001", 0, 1}, {"1.0000005", 0, 1000001}, {"316224000", 0, 316224000000000},
		{"316224000.1", -ERANGE}, {"1e300", -ERANGE},
		{"-1", -EINVAL}, {"", -EINVAL}, {"1s", -EINVAL}, {"0x1", -EINVAL}, {"nan", -EINVAL},
		{"inf", -EINVAL}, {" 1", -EINVAL}, {".", -EINVAL}, {"1e999", -EINVAL},
		{NULL, -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t v = UNTOUCHED;

		assert_int_equal(units_parse_seconds(cases[i].text, &v), cases[i].rc);
		assert_int_equal(v, cases[i].rc == 0 ? cases[i].value : UNTOUCHED);
	}
}

static void
pps(void **state)
{
	static const struct number_case cases[] = {
		{"0", 0, 0}, {"1000000", 0, 1000000}, {"2mpps", 0, 2000000}, {"500kpps", 0, 500000},
		{"14.88Mpps", 0, 14880000}, {"14.88MPPS", 0, 14880000}, {"3pps", 0, 3},
		{"1.5k", 0, 1500}, {"2M", 0, 2000000}, {"0.5Gpps", 0, 500000000},
		{"1000gpps", 0, 1000000000000}, {"1000.1gpps", -ERANGE}, {"1e13", -ERANGE},
		{"2 mpps", -EINVAL}, {"mpps", -EINVAL}, {"2bps", -EINVAL}, {"2mpps ", -EINVAL},
		{"-2mpps", -EINVAL}, {"0x2k", -EINVAL}, {"", -EINVAL}, {NULL, -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t v = UNTOUCHED;

		assert_int_equal(units_parse_pps(cases[i].text, &v), cases[i].rc);
		assert_int_equal(v, cases[i].rc == 0 ? cases[i].value : UNTOUCHED);
	}
}

static void
doubles(void **state)
{
	double v = -7;

	(void)state;
	assert_int_equal(units_parse_double("0.5", 0, 1, &v), 0);
	assert_true(v == 0.5);
	assert_int_equal(units_parse_double("1", 0, 1, &v), 0);
	assert_int_equal(units_parse_double("1.0000001", 0, 1, &v), -ERANGE);
	assert_int_equal(units_parse_double("0.5x", 0, 1, &v), -EINVAL);
	assert_int_equal(units_parse_double("nan", 0, 1, &v), -EINVAL);
	assert_true(v == 1);
}

static void
si(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{0, "0 "}, {999, "999 "}, {1000, "1.00 k"}, {1234567, "1.23 M"}, {-1500, "-1.50 k"},
		{999.7, "1.00 k"}, {999999, "1.00 M"}, {999994, "999.99 k"}, {1e18, "1.00 E"},
		{5e21, "5000.00 E"},
	};
	char buf[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(units_format_si(cases[i].value, buf, sizeof(buf)),
			cases[i].text);
	assert_string_equal(units_format_si(1234567, buf, 4), "1.2");
}

static void
rfc3339(void **state)
{
	char buf[CLOCK_RFC3339_LEN];

	(void)state;
	assert_string_equal(clock_rfc3339(0, buf), "1970-01-01T00:00:00.000Z");
	assert_string_equal(clock_rfc3339(UINT64_C(1709210096123999), buf),
		"2024-02-29T12:34:56.123Z");
	assert_true(strlen(clock_rfc3339(UINT64_MAX, buf)) < sizeof(buf));
	assert_int_equal(buf[strlen(buf) - 1], 'Z');
	assert_true(clock_monotonic_us() <= clock_monotonic_us());
	assert_true(clock_wall_us() > UINT64_C(1700000000) * CLOCK_US_PER_S);
}

static void
errors(void **state)
{
	struct error err;
	char big[1000];

	(void)state;
	memset(&err, 'x', sizeof(err));
	assert_int_equal(error_set(&err, -EINVAL, "%s", "a\nb\x1b[31mc\x7f\xc3\xa9"), -EINVAL);
	assert_string_equal(err.text, "a?b?[31mc?\xc3\xa9");
	assert_string_equal(err.field, "");
	assert_int_equal(error_field(&err, -ERANGE, "generator.rate_pps", "%d", 5), -ERANGE);
	assert_string_equal(err.field, "generator.rate_pps");
	assert_string_equal(err.text, "5");
	memset(big, 'y', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(error_field(&err, -1, big, "%s", big), -1);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_int_equal(strlen(err.field), sizeof(err.field) - 1);
	assert_int_equal(error_set(NULL, -ENOMEM, "nobody listens"), -ENOMEM);
	assert_int_equal(error_field(NULL, -ENOMEM, "f", "nobody listens"), -ENOMEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(u64),
		cmocka_unit_test(seconds),
		cmocka_unit_test(pps),
		cmocka_unit_test(doubles),
		cmocka_unit_test(si),
		cmocka_unit_test(rfc3339),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
