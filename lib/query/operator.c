/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/operator.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>

static const struct operator_ops *const operators[OPERATORS] = {
	[OPERATOR_TOPK] = &operator_topk,
	[OPERATOR_SHARE] = &operator_share,
	[OPERATOR_OUTLIER_SIGMA] = &operator_outlier_sigma,
	[OPERATOR_OUTLIER_MAD] = &operator_outlier_mad,
	[OPERATOR_LIMIT] = &operator_limit,
};

const struct operator_ops *
operator_ops_get(enum operator_kind kind)
{
	return operators[kind];
}

int
rows_reserve(struct rows *rows, uint32_t capacity)
{
	struct row *larger;

	if (capacity <= rows->capacity)
		return 0;
	larger = realloc(rows->row, capacity * sizeof(*larger));
	if (larger == NULL)
		return -ENOMEM;
	rows->row = larger;
	rows->capacity = capacity;
	return 0;
}

int
rows_add(struct rows *rows, const struct row *row)
{
	if (rows->count == rows->capacity &&
			rows_reserve(rows, RTE_MAX(64U, rows->capacity * 2)) != 0)
		return -ENOMEM;
	rows->row[rows->count++] = *row;
	return 0;
}

void
rows_free(struct rows *rows)
{
	free(rows->row);
	*rows = (struct rows){0};
}

int
row_compare(const struct operator_view *v, const struct row *a, const struct row *b)
{
	const struct dimension *d = v->dimension;

	if (a->value != b->value)
		return a->value > b->value ? -1 : 1;
	return d->ops->compare(d, &d->keys.entries[a->id].key, &d->keys.entries[b->id].key);
}

static int
row_compare_sort(const void *a, const void *b, void *view)
{
	return row_compare(view, a, b);
}

static bool
rows_contain(const struct operator_view *v, const struct rows *rows, const struct row *row)
{
	uint32_t low = 0, high = rows->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = row_compare(v, row, &rows->row[middle]);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

// The most that a key in no row has: one whose value is known, one whose value is within bounds.
struct others {
	uint64_t known;
	uint64_t bounded;
};

static struct others
others_most(const struct operator_view *v, const struct rows *rows)
{
	struct others o = {.bounded = v->values.floor};

	for (uint32_t at = 0; at < v->window->count; at++) {
		struct row row = row_of_item(v, at);
		uint64_t *most = row.error > 0 ? &o.bounded : &o.known;

		if (row.value > *most && !rows_contain(v, rows, &row))
			*most = row.value;
	}
	return o;
}

/*
 * Rows are in the order of the most that they can be. One that may be less can fall behind the next
 * one, or behind a key that is not shown; and one is passed by others that may have been less than it
 * is, or by a key that is not shown and can be as much. A row that is exactly what it says keeps its
 * place before all that are at most that.
 */
static void
swaps_mark(const struct operator_view *v, struct rows *rows)
{
	struct others others = others_most(v, rows);
	uint64_t least_before = UINT64_MAX;

	for (uint32_t i = 0; i < rows->count; i++) {
		struct row *row = &rows->row[i];
		uint64_t behind = RTE_MAX(others.known, others.bounded);

		if (i + 1 < rows->count)
			behind = RTE_MAX(behind, rows->row[i + 1].value);
		row->swap = (row->error > 0 && behind >= row_least(row)) ||
			least_before <= row->value || others.bounded >= row->value;
		if (row->error > 0)
			least_before = RTE_MIN(least_before, row_least(row));
	}
}

int
operator_evaluate(const struct operator_view *v, const struct query_op *op, struct rows *rows)
{
	int rc;

	rows->count = 0;
	rows->left_most = 0;
	rc = operators[op->kind]->evaluate(v, op, rows);
	if (rc == 0 && rows->count > 1)
		qsort_r(rows->row, rows->count, sizeof(*rows->row), row_compare_sort,
			(void *)(uintptr_t)v);
	if (rc == 0 && v->values.credits != NULL)
		swaps_mark(v, rows);
	return rc;
}

int
operator_filter(const struct operator_view *v, const struct query_op *op, struct rows *rows,
	operator_pick_fn *pick)
{
	for (uint32_t i = 0; i < v->window->count; i++) {
		struct row row = row_of_item(v, i);

		if (!pick(v, op, row.value)) {
			rows_leave(rows, row.value);
			continue;
		}
		row.uncertain = row.error > 0 && !pick(v, op, row_least(&row));
		if (rows_add(rows, &row) != 0)
			return -ENOMEM;
	}
	return 0;
}

int
operator_pick_none(const struct operator_view *v, struct rows *rows)
{
	for (uint32_t i = 0; i < v->window->count; i++)
		rows_leave(rows, values_get(&v->values, i));
	return 0;
}
