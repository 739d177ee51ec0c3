/* SPDX-License-Identifier: BSD-3-Clause */
// Buckets without gaps or overlaps, and quantiles against sorted numbers.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/histogram.h"
#include "eal_support.h"

#define NUMBERS 10000

static void
buckets_cover_everything(void **state)
{
	(void)state;
	assert_int_equal(histogram_bucket(0), 0);
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t end = histogram_bucket_end(i);

		assert_int_equal(histogram_bucket(end), i);
		if (i + 1 < HISTOGRAM_BUCKETS)
			assert_int_equal(histogram_bucket(end + 1), i + 1);
		else
			assert_true(end == UINT64_MAX);
	}
}

static int
number_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

// Not below the true quantile (nearest rank), and above it by a sixteenth at most.
static void
quantile_check(uint64_t found, uint64_t truth)
{
	assert_true(found >= truth);
	assert_true(found - truth <= truth / 16);
}

static void
quantiles_are_close(void **state)
{
	static uint64_t sorted[NUMBERS];
	struct random r = {7};
	struct histogram_summary s;

	(void)state;
	for (unsigned int shift = 1; shift < 64; shift += 9) {
		struct histogram h = {0};

		for (unsigned int i = 0; i < NUMBERS; i++) {
			sorted[i] = random_next(&r) >> random_below(&r, shift);
			histogram_add(&h, sorted[i]);
		}
		qsort(sorted, NUMBERS, sizeof(sorted[0]), number_compare);
		histogram_summarize(&h, &s);
		assert_int_equal(s.count, NUMBERS);
		quantile_check(s.p50, sorted[NUMBERS / 2 - 1]);
		quantile_check(s.p99, sorted[NUMBERS - NUMBERS / 100 - 1]);
		quantile_check(s.p999, sorted[NUMBERS - NUMBERS / 1000 - 1]);
		assert_true(s.max == sorted[NUMBERS - 1]);
	}
}

static void
few_numbers(void **state)
{
	struct histogram h = {0}, sum = {0};
	struct histogram_summary s;

	(void)state;
	histogram_summarize(&h, &s);
	assert_int_equal(s.count + s.p50 + s.p99 + s.max, 0);
	histogram_add(&h, 1000);
	histogram_summarize(&h, &s);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.p50, 1000);
	assert_int_equal(s.p99, 1000);
	histogram_add(&h, 5);
	histogram_add(&h, 3);
	histogram_sum(&sum, &h);
	histogram_sum(&sum, &h);
	histogram_summarize(&sum, &s);
	assert_int_equal(s.count, 6);
	assert_int_equal(s.p50, 5);
	assert_int_equal(s.max, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_cover_everything),
		cmocka_unit_test(quantiles_are_close),
		cmocka_unit_test(few_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
