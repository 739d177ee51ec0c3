/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include <stdlib.h>

#include "answer_queries.h"
#include "plan.h"
#include "../query/sigma_ties.h"

// Windows over sums that are made up, so that the answers are known.

struct fixture {
	struct profile *profile;
	struct plan *plan;
	struct answer_window *window;
	struct answer_sums sums;
};

static void
fixture_make(struct fixture *f, uint32_t seconds)
{
	f->profile = profile_of("{\"addresses\": {\"net4\": \"10.0.0.0/24\", \"count\": 20},"
		" \"protocols\": [\"HTTPS\", \"DNS\"], \"flows\": 10}");
	f->plan = plan_create(f->profile, &(struct plan_parts){.names = support_names()}, NULL);
	assert_non_null(f->plan);
	f->window = answer_window_create(f->plan, seconds);
	assert_non_null(f->window);
	f->sums.protocols = calloc(protocol_count(support_names()), sizeof(struct answer_count));
	f->sums.addresses = calloc(plan_address_count(f->plan), sizeof(struct answer_count));
}

static void
fixture_free(struct fixture *f)
{
	answer_window_free(f->window);
	plan_free(f->plan);
	profile_free(f->profile);
	free(f->sums.protocols);
	free(f->sums.addresses);
}

// One second in which address number i has bytes[i], and all have `all`.
static void
second_add(struct fixture *f, uint64_t second, const uint64_t *bytes, uint32_t n, uint64_t all)
{
	for (uint32_t i = 0; i < n; i++)
		f->sums.addresses[i].bytes = bytes[i];
	f->sums.all.bytes = all;
	answer_window_add(f->window, second, &f->sums);
}

static void
windows_slide(void **state)
{
	const struct answer_parameters p = {.share_percent = 10, .k = 2, .sigmas = 2};
	const struct answer_row *rows;
	struct fixture f = {0};
	uint64_t start, end;

	(void)state;
	fixture_make(&f, 2);
	second_add(&f, 0, (const uint64_t[]){100, 5, 5}, 3, 110);
	second_add(&f, 1, (const uint64_t[]){0, 50, 5}, 3, 55);
	assert_int_equal(answer_window_total(f.window), 165);
	assert_int_equal(answer_window_rows(f.window, ANSWER_IP_TOPK, &p, &rows), 2);
	assert_int_equal(rows[0].key, 0);
	assert_int_equal(rows[0].bytes, 100);
	assert_int_equal(rows[1].key, 1);
	assert_int_equal(rows[1].bytes, 55);
	second_add(&f, 2, (const uint64_t[]){0, 0, 50}, 3, 50);
	answer_window_span(f.window, &start, &end);
	assert_int_equal(start, 1);
	assert_int_equal(end, 3);
	assert_int_equal(answer_window_total(f.window), 105);
	// 55 and 50: the first second has gone. 10.0.0.1 was not seen in this window.
	assert_int_equal(answer_window_rows(f.window, ANSWER_IP_SHARE, &p, &rows), 2);
	assert_int_equal(rows[0].key, 2);
	assert_int_equal(rows[1].key, 1);
	assert_float_equal(rows[1].share, 50.0 / 105, 1e-12);
	fixture_free(&f);
}

// Ten keys of 10 and one of 110: mean 210/11, population deviation 28.748, z 3.162 = sqrt(10).
static void
outliers_are_above_x_deviations(void **state)
{
	static const uint64_t bytes[] = {10, 10, 10, 10, 10, 110, 10, 10, 10, 10, 10};
	struct answer_parameters p = {.k = 10, .sigmas = 3.16};
	const struct answer_row *rows;
	struct fixture f = {0};

	(void)state;
	fixture_make(&f, 1);
	second_add(&f, 0, bytes, 11, 210);
	assert_int_equal(answer_window_rows(f.window, ANSWER_IP_OUTLIER, &p, &rows), 1);
	assert_int_equal(rows[0].key, 5);
	assert_float_equal(rows[0].z, 3.16227766, 1e-6);
	p.sigmas = 3.17;
	assert_int_equal(answer_window_rows(f.window, ANSWER_IP_OUTLIER, &p, &rows), 0);
	assert_int_equal(answer_window_rows(f.window, ANSWER_PROTOCOL_TOPK, &p, &rows), 0);
	fixture_free(&f);
}

// Equal values come by key; exactly H percent is not more than H percent.
static void
ties_and_limits(void **state)
{
	const struct answer_parameters p = {.share_percent = 25, .k = 3};
	const struct answer_row *rows;
	struct fixture f = {0};

	(void)state;
	fixture_make(&f, 1);
	second_add(&f, 0, (const uint64_t[]){25, 30, 25, 20}, 4, 100);
	assert_int_equal(answer_window_rows(f.window, ANSWER_IP_SHARE, &p, &rows), 1);
	assert_int_equal(answer_window_rows(f.window, ANSWER_IP_TOPK, &p, &rows), 3);
	assert_int_equal(rows[1].key, 0);
	assert_int_equal(rows[2].key, 2);
	fixture_free(&f);
}

// Nor where no double is the share, or the mean: 7 of 100, and 110 beside four of 1, whose mean is 22.8 and
// sigma 43.6.
static void
limits_are_exact(void **state)
{
	static const uint64_t far[] = {1, 1, 110, 1, 1};
	struct answer_parameters p = {.k = 10, .sigmas = 2};
	const struct answer_row *rows;
	uint64_t bytes[2];
	struct fixture f = {0};

	(void)state;
	fixture_make(&f, 1);
	for (uint64_t percent = 1; percent < 50; percent++) {
		p.share_percent = (double)percent;
		bytes[0] = percent * 13;
		bytes[1] = 1300 - bytes[0];
		second_add(&f, percent, bytes, 2, 1300);
		assert_int_equal(answer_window_rows(f.window, ANSWER_IP_SHARE, &p, &rows), 1);
		p.share_percent = (double)percent / 10;  // 0.3 percent of 1000
		bytes[0] = percent;
		bytes[1] = 1000 - percent;
		second_add(&f, percent, bytes, 2, 1000);
		assert_int_equal(answer_window_rows(f.window, ANSWER_IP_SHARE, &p, &rows), 1);
	}
	second_add(&f, 50, far, 5, 114);
	assert_int_equal(answer_window_rows(f.window, ANSWER_IP_OUTLIER, &p, &rows), 0);
	p.sigmas = 1.999999;
	assert_int_equal(answer_window_rows(f.window, ANSWER_IP_OUTLIER, &p, &rows), 1);
	assert_float_equal(rows[0].z, 2, 0);
	fixture_free(&f);
}

// The row is there or not as in a query's result (operators_test.c has the same cases).
static void
ties_are_decided_as_in_queries(void **state)
{
	struct answer_parameters p = {.k = 10};
	const struct answer_row *rows;
	struct fixture f = {0};

	(void)state;
	fixture_make(&f, 1);
	for (unsigned int i = 0; i < SIGMA_TIES; i++) {
		const struct sigma_tie *t = &sigma_ties[i];

		p.sigmas = t->x;
		second_add(&f, i, t->values, 8, 100);  // those beyond the count are 0: not seen
		assert_int_equal(answer_window_rows(f.window, ANSWER_IP_OUTLIER, &p, &rows),
			t->outlier);
		if (t->outlier)
			assert_int_equal(rows[0].key, t->count - 1);
	}
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_slide),
		cmocka_unit_test(outliers_are_above_x_deviations),
		cmocka_unit_test(ties_and_limits),
		cmocka_unit_test(limits_are_exact),
		cmocka_unit_test(ties_are_decided_as_in_queries),
	};

	return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
