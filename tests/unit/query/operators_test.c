/* SPDX-License-Identifier: BSD-3-Clause */
// Operators and statistics on windows made by hand: ties, no key, one key, all equal, values near
// 2^64, against sorting everything and whole-number arithmetic.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "pane_build.h"
#include "query/operator.h"
#include "sigma_ties.h"

#define KEYS_MAX 600

struct fixture {
	struct dimension *dimension;
	struct dimension_names names;
	struct window *window;
	struct operator_view view;
	struct rows rows;
};

static void
fixture_begin(struct fixture *f)
{
	*f = (struct fixture){0};
	f->dimension = dimension_create(&(struct dimension_spec){.kind = DIMENSION_IP}, &f->names,
		10, KEY_BUDGET_DEFAULT);
	assert_non_null(f->dimension);
	f->window = dimension_window(f->dimension, 10, 0);
	assert_non_null(f->window);
	for (uint32_t i = 0; i < KEYS_MAX; i++) {
		struct flow_key key;
		struct query_key k = {0};

		address_set(&key, 0, i);
		memcpy(k.addr[0], key.addr[0], 16);
		k.form = key.version;
		assert_int_equal(key_table_insert(&f->dimension->keys, &k,
			key_table_hash(&f->dimension->keys, &k)), i + 1);
	}
}

static void
fixture_end(struct fixture *f)
{
	rows_free(&f->rows);
	dimension_free(f->dimension);
}

// The window's keys are addresses 0 ... n - 1 with these values.
static void
fixture_fill(struct fixture *f, const uint64_t *values, uint32_t n)
{
	struct window *w = f->window;

	w->count = n;
	w->total = (struct query_counts){0};
	for (uint32_t i = 0; i < n; i++) {
		w->items[i] = (struct window_item){
			.id = i + 1, .counts.of[QUERY_METRIC_PACKETS] = values[i],
		};
		w->total.of[QUERY_METRIC_PACKETS] += values[i];
	}
	f->view = (struct operator_view){
		.dimension = f->dimension, .window = w, .metric = QUERY_METRIC_PACKETS,
		.values = values_of_window(w, QUERY_METRIC_PACKETS),
		.total = w->total.of[QUERY_METRIC_PACKETS],
	};
	distribution_moments(&f->view.distribution, &f->view.values);
	assert_int_equal(distribution_order(&f->view.distribution, &f->view.values), 0);
}

static const struct row *
evaluate(struct fixture *f, const struct query_op *op)
{
	assert_int_equal(operator_evaluate(&f->view, op, &f->rows), 0);
	return f->rows.row;
}

// What result rows sort by, written down independently: value, IP version, number.
static int
expected_order(const void *x, const void *y)
{
	const struct row *a = x, *b = y;
	uint32_t i = a->id - 1, j = b->id - 1;
	// addresses i % 3: IPv4, IPv6 ::ffff:0:0/96, IPv6 2001:db8::/32; i / 3 is the number
	if (a->value != b->value)
		return a->value < b->value ? 1 : -1;
	if (i % 3 != j % 3)
		return i % 3 < j % 3 ? -1 : 1;
	return i < j ? -1 : i > j;
}

static void
values_random(struct random *r, uint64_t *values, uint32_t n)
{
	uint64_t base = random_below(r, 2) ? 0 : UINT64_C(1) << 63;
	uint64_t range = random_below(r, 2) ? 3 : UINT64_C(1) << random_below(r, 63);

	for (uint32_t i = 0; i < n; i++)
		values[i] = base + random_below(r, range);
}

static void
topk_equals_sorting(void **state)
{
	struct random r = {77};
	uint64_t values[KEYS_MAX];
	struct row all[KEYS_MAX];
	struct fixture f;

	(void)state;
	fixture_begin(&f);
	for (unsigned int round = 0; round < 300; round++) {
		uint32_t n = (uint32_t)random_below(&r, KEYS_MAX + 1);
		struct query_op op = {OPERATOR_TOPK, .k = 1 + (uint32_t)random_below(&r, 1000)};

		values_random(&r, values, n);
		fixture_fill(&f, values, n);
		for (uint32_t i = 0; i < n; i++)
			all[i] = (struct row){.value = values[i], .id = i + 1};
		qsort(all, n, sizeof(all[0]), expected_order);
		while (n > 0 && all[n - 1].value == 0)
			n--;
		evaluate(&f, &op);
		assert_int_equal(f.rows.count, n < op.k ? n : op.k);
		for (uint32_t i = 0; i < f.rows.count; i++) {
			assert_int_equal(f.rows.row[i].id, all[i].id);
			assert_true(f.rows.row[i].value == all[i].value);
		}
	}
	fixture_end(&f);
}

static void
share_is_strict(void **state)
{
	const uint64_t tenth[] = {1, 9}, huge[] = {UINT64_C(1) << 60, UINT64_C(9) << 60};
	const uint64_t above[] = {(UINT64_C(1) << 60) + 1, (UINT64_C(9) << 60) - 1};
	const uint64_t small[] = {3, 997};
	struct query_op op = {OPERATOR_SHARE, .percent = 10};
	struct fixture f;

	(void)state;
	fixture_begin(&f);
	fixture_fill(&f, tenth, 2);
	assert_int_equal(evaluate(&f, &op)->value, 9);
	assert_int_equal(f.rows.count, 1);
	fixture_fill(&f, huge, 2);
	evaluate(&f, &op);
	assert_int_equal(f.rows.count, 1);
	fixture_fill(&f, above, 2);  // one in 2^60 more than a tenth
	evaluate(&f, &op);
	assert_int_equal(f.rows.count, 2);
	op.percent = 0.3;
	fixture_fill(&f, small, 2);
	evaluate(&f, &op);
	assert_int_equal(f.rows.count, 1);
	op.percent = 0.29;
	evaluate(&f, &op);
	assert_int_equal(f.rows.count, 2);
	op.percent = 100;
	fixture_fill(&f, small, 1);  // all of it is not more than 100 percent
	evaluate(&f, &op);
	assert_int_equal(f.rows.count, 0);
	fixture_end(&f);
}

static void
nothing_in_the_window(void **state)
{
	struct fixture f;

	(void)state;
	fixture_begin(&f);
	fixture_fill(&f, NULL, 0);
	for (enum operator_kind kind = 0; kind < OPERATORS; kind++) {
		const struct operator_ops *ops = operator_ops_get(kind);
		struct query_op op = {kind, .k = 5, .percent = 1, .x = 0.5};

		evaluate(&f, &op);
		assert_int_equal(f.rows.count, 0);
		assert_true(!ops->stats || !ops->can_fire(0, &op));
	}
	assert_true(f.view.distribution.mean == 0 && f.view.distribution.sigma == 0);
	assert_true(f.view.distribution.median == 0 && f.view.distribution.mad == 0);
	assert_true(f.view.distribution.max_z == 0);
	fixture_end(&f);
}

static void
equal_values_are_no_outliers(void **state)
{
	const uint64_t value[] = {0, 1, 1500, UINT64_C(1) << 63, UINT64_MAX};
	uint64_t values[KEYS_MAX];
	struct fixture f;

	(void)state;
	fixture_begin(&f);
	for (unsigned int i = 0; i < 5; i++)
		for (uint32_t n = 1; n <= KEYS_MAX; n += n < 10 ? 1 : 59) {
			struct query_op sigma = {OPERATOR_OUTLIER_SIGMA, .x = 0.001};
			struct query_op mad = {OPERATOR_OUTLIER_MAD, .x = 0.001};

			for (uint32_t j = 0; j < n; j++)
				values[j] = value[i];
			fixture_fill(&f, values, n);
			assert_true(f.view.distribution.root == 0);
			assert_true(f.view.distribution.sigma == 0);
			assert_true(f.view.distribution.mean == (double)value[i]);
			assert_true(f.view.distribution.median == (double)value[i]);
			assert_true(f.view.distribution.mad == 0);
			assert_true(distribution_z(&f.view.distribution, value[i]) == 0);
			evaluate(&f, &sigma);
			assert_int_equal(f.rows.count, 0);
			evaluate(&f, &mad);
			assert_int_equal(f.rows.count, 0);
		}
	fixture_end(&f);
}

// Four equal keys and a larger one: its z is exactly 2, the largest that five keys can have.
static void
largest_z_is_not_exceeded(void **state)
{
	struct fixture f;

	(void)state;
	fixture_begin(&f);
	for (unsigned int bit = 0; bit < 63; bit++) {
		const uint64_t values[] = {5, 5, 5, 5, (UINT64_C(1) << bit) + 5};
		struct query_op op = {OPERATOR_OUTLIER_SIGMA, .x = 2};

		fixture_fill(&f, values, 5);
		assert_true(f.view.distribution.max_z == 2);
		assert_true(distribution_z(&f.view.distribution, values[4]) == 2);
		assert_false(operator_outlier_sigma.can_fire(5, &op));
		assert_true(operator_outlier_sigma.can_fire(6, &op));
		evaluate(&f, &op);
		assert_int_equal(f.rows.count, 0);
		op.x = 1.999;
		assert_true(evaluate(&f, &op)->value == values[4]);
		assert_int_equal(f.rows.count, 1);
	}
	fixture_end(&f);
}

// As in answer keys: answer_queries_test.c has the same cases.
static void
ties_are_decided_as_in_answer_keys(void **state)
{
	struct fixture f;

	(void)state;
	fixture_begin(&f);
	for (unsigned int i = 0; i < SIGMA_TIES; i++) {
		const struct sigma_tie *t = &sigma_ties[i];
		struct query_op op = {OPERATOR_OUTLIER_SIGMA, .x = t->x};

		fixture_fill(&f, t->values, t->count);
		evaluate(&f, &op);
		assert_int_equal(f.rows.count, t->outlier);
		if (t->outlier)
			assert_int_equal(f.rows.row[0].value, t->values[t->count - 1]);
	}
	fixture_end(&f);
}

// Adding 2^63 to every value changes no difference between values, so sigma, mad, z and the rows
// have to stay the same to the last bit.
static void
large_values_do_not_cancel(void **state)
{
	struct random r = {5};
	uint64_t values[KEYS_MAX];
	struct fixture f;

	(void)state;
	fixture_begin(&f);
	for (unsigned int round = 0; round < 200; round++) {
		uint32_t n = 1 + (uint32_t)random_below(&r, KEYS_MAX), count;
		struct query_op op = {round % 2 ? OPERATOR_OUTLIER_SIGMA : OPERATOR_OUTLIER_MAD,
			.x = 1 + (double)random_below(&r, 2)};
		struct distribution before;
		uint32_t ids[KEYS_MAX];

		for (uint32_t i = 0; i < n; i++)
			values[i] = random_below(&r, 1000);
		fixture_fill(&f, values, n);
		before = f.view.distribution;
		evaluate(&f, &op);
		count = f.rows.count;
		for (uint32_t i = 0; i < count; i++)
			ids[i] = f.rows.row[i].id;
		for (uint32_t i = 0; i < n; i++)
			values[i] += UINT64_C(1) << 63;
		fixture_fill(&f, values, n);
		assert_true(f.view.distribution.root == before.root);
		assert_true(f.view.distribution.sigma == before.sigma);
		assert_true(f.view.distribution.mad == before.mad);
		evaluate(&f, &op);
		assert_int_equal(f.rows.count, count);
		for (uint32_t i = 0; i < count; i++) {
			uint64_t v = f.rows.row[i].value;

			assert_int_equal(f.rows.row[i].id, ids[i]);
			assert_true(distribution_z(&f.view.distribution, v) ==
				distribution_z(&before, v - (UINT64_C(1) << 63)));
		}
	}
	fixture_end(&f);
}

static int
u64_compare(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return a < b ? -1 : a > b;
}

// With twice the median and four times the deviation, to stay with whole numbers.
static void
order_equals_sorting(void **state)
{
	struct random r = {9};
	uint64_t values[KEYS_MAX], sorted[KEYS_MAX];
	struct fixture f;

	(void)state;
	fixture_begin(&f);
	for (unsigned int round = 0; round < 300; round++) {
		uint32_t n = 1 + (uint32_t)random_below(&r, KEYS_MAX);
		uint64_t twice, mad2;

		for (uint32_t i = 0; i < n; i++)
			values[i] = random_below(&r, UINT64_C(1) << (1 + random_below(&r, 50)));
		fixture_fill(&f, values, n);
		memcpy(sorted, values, sizeof(sorted));
		qsort(sorted, n, sizeof(sorted[0]), u64_compare);
		twice = sorted[(n - 1) / 2] + sorted[n / 2];
		assert_true(f.view.distribution.median == (double)twice / 2);
		for (uint32_t i = 0; i < n; i++)
			sorted[i] = (uint64_t)llabs((long long)(2 * values[i]) - (long long)twice);
		qsort(sorted, n, sizeof(sorted[0]), u64_compare);
		mad2 = sorted[(n - 1) / 2] + sorted[n / 2];
		assert_true(f.view.distribution.mad == (double)mad2 / 4);
	}
	fixture_end(&f);
}

static void
mad_sees_what_sigma_hides(void **state)
{
	// two outliers raise sigma so far that neither exceeds 2 sigma
	const uint64_t values[] = {10, 11, 12, 13, 14, 1000, 1000};
	const uint64_t pair[] = {1, 101};
	struct query_op op = {OPERATOR_OUTLIER_SIGMA, .x = 2};
	struct fixture f;

	(void)state;
	fixture_begin(&f);
	fixture_fill(&f, values, 7);
	evaluate(&f, &op);
	assert_int_equal(f.rows.count, 0);
	op.kind = OPERATOR_OUTLIER_MAD;
	evaluate(&f, &op);
	assert_int_equal(f.rows.count, 2);
	assert_int_equal(f.rows.row[0].id, 7);  // address 6 is IPv4 and so before address 5
	assert_int_equal(f.rows.row[1].id, 6);
	fixture_fill(&f, pair, 2);  // each one MAD from the median
	evaluate(&f, &op);
	assert_int_equal(f.rows.count, 0);
	op.x = 0.67;
	assert_true(operator_outlier_mad.can_fire(2, &op));
	evaluate(&f, &op);
	assert_int_equal(f.rows.count, 1);
	op.x = 0.68;
	assert_false(operator_outlier_mad.can_fire(2, &op));
	fixture_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topk_equals_sorting),
		cmocka_unit_test(share_is_strict),
		cmocka_unit_test(nothing_in_the_window),
		cmocka_unit_test(equal_values_are_no_outliers),
		cmocka_unit_test(largest_z_is_not_exceeded),
		cmocka_unit_test(ties_are_decided_as_in_answer_keys),
		cmocka_unit_test(large_values_do_not_cancel),
		cmocka_unit_test(order_equals_sorting),
		cmocka_unit_test(mad_sees_what_sigma_hides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
