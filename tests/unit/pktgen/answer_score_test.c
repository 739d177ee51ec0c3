/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen_support.h"

#include <stdlib.h>

#include "answer_score.h"
#include "plan.h"

// Results, right and wrong ones, held against a window whose sums are made up: 10.0.0.1 has 60
// bytes, .2 has 30, .3 and .4 have 5.

static const struct answer_parameters parameters = {.share_percent = 10, .k = 3, .sigmas = 1.5};

struct fixture {
	struct profile *profile;
	struct plan *plan;
	struct answer_window *window;
	struct answer_sums sums;
	struct answer_score score;
};

static int
setup(void **state)
{
	static const uint64_t bytes[] = {60, 30, 5, 5};
	struct fixture *f = calloc(1, sizeof(*f));

	f->profile = profile_of("{\"addresses\": {\"net4\": \"10.0.0.0/24\", \"count\": 20},"
		" \"protocols\": [\"HTTPS\", \"DNS\"], \"flows\": 10}");
	f->plan = plan_create(f->profile, &(struct plan_parts){.names = support_names()}, NULL);
	f->window = answer_window_create(f->plan, 1);
	f->sums.protocols = calloc(protocol_count(support_names()), sizeof(struct answer_count));
	f->sums.addresses = calloc(plan_address_count(f->plan), sizeof(struct answer_count));
	for (unsigned int i = 0; i < 4; i++)
		f->sums.addresses[i].bytes = bytes[i];
	f->sums.all.bytes = 100;
	answer_window_add(f->window, 0, &f->sums);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	answer_window_free(f->window);
	plan_free(f->plan);
	profile_free(f->profile);
	free(f->sums.protocols);
	free(f->sums.addresses);
	free(f);
	return 0;
}

static void
result_add(struct fixture *f, enum answer_query query, const char *rows, unsigned int total)
{
	char text[512];
	cJSON *result;

	snprintf(text, sizeof(text), "{\"total\":{\"bytes\":%u},\"rows\":[%s]}", total, rows);
	result = json_of(text);
	assert_int_equal(answer_score_add(&f->score, f->window, f->plan, query, &parameters,
		result), 0);
	cJSON_Delete(result);
}

#define ROW(host, value) "{\"key\":\"10.0.0." #host "\",\"value\":" #value "}"

static void
equal_is_exact(void **state)
{
	struct fixture *f = *state;

	result_add(f, ANSWER_IP_TOPK, ROW(1, 60) "," ROW(2, 30) "," ROW(3, 5), 100);
	result_add(f, ANSWER_IP_SHARE, ROW(1, 60) "," ROW(2, 30), 100);
	result_add(f, ANSWER_IP_OUTLIER, ROW(1, 60), 100);
	assert_true(answer_score_exact(&f->score));
	assert_int_equal(f->score.windows, 3);
	assert_int_equal(f->score.expected, 6);
	assert_float_equal(answer_score_precision(&f->score), 1, 0);
	assert_float_equal(answer_score_recall(&f->score), 1, 0);
}

// A packet that was counted in the slice after its own.
static void
one_byte_is_an_error(void **state)
{
	struct fixture *f = *state;

	result_add(f, ANSWER_IP_SHARE, ROW(1, 60) "," ROW(2, 29), 100);
	assert_false(answer_score_exact(&f->score));
	assert_int_equal(f->score.count_error, 1);
	assert_int_equal(f->score.total_error, 0);
}

static void
totals_are_compared(void **state)
{
	struct fixture *f = *state;

	result_add(f, ANSWER_IP_SHARE, ROW(1, 60) "," ROW(2, 30), 107);
	assert_false(answer_score_exact(&f->score));
	assert_int_equal(f->score.total_error, 7);
	assert_int_equal(f->score.count_error, 0);
}

static void
missing_and_false_rows(void **state)
{
	struct fixture *f = *state;

	result_add(f, ANSWER_IP_TOPK, ROW(1, 60) "," ROW(9, 31) "," ROW(3, 5) "," ROW(4, 5), 100);
	assert_float_equal(answer_score_precision(&f->score), 0.5, 0);
	assert_float_equal(answer_score_recall(&f->score), 2.0 / 3, 1e-9);
	assert_int_equal(f->score.rank_errors, 2);  // the second and the fourth place
	assert_int_equal(f->score.count_error, 0);
	result_add(f, ANSWER_IP_TOPK, "", 100);
	assert_int_equal(f->score.rank_errors, 5);
	assert_int_equal(f->score.right, 2);
}

static void
order_is_compared(void **state)
{
	struct fixture *f = *state;

	result_add(f, ANSWER_IP_SHARE, ROW(2, 30) "," ROW(1, 60), 100);
	assert_false(answer_score_exact(&f->score));
	assert_int_equal(f->score.rank_errors, 2);
	assert_int_equal(f->score.right, 2);
	assert_int_equal(f->score.count_error, 0);
}

// The key's second and the result's are not the same one.
static void
a_shifted_key_shows(void **state)
{
	struct fixture *f = *state;

	f->sums.addresses[0].bytes = 20;
	f->sums.all.bytes = 60;
	answer_window_add(f->window, 1, &f->sums);
	result_add(f, ANSWER_IP_SHARE, ROW(1, 60) "," ROW(2, 30), 100);
	assert_false(answer_score_exact(&f->score));
	assert_int_equal(f->score.count_error, 40);
	assert_int_equal(f->score.total_error, 40);
	assert_int_equal(f->score.rank_errors, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(equal_is_exact, setup, teardown),
		cmocka_unit_test_setup_teardown(one_byte_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(totals_are_compared, setup, teardown),
		cmocka_unit_test_setup_teardown(missing_and_false_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(order_is_compared, setup, teardown),
		cmocka_unit_test_setup_teardown(a_shifted_key_shows, setup, teardown),
	};

	return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
