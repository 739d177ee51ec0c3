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

int
operator_evaluate(const struct operator_view *v, const struct query_op *op, struct rows *rows)
{
	int rc;

	rows->count = 0;
	rc = operators[op->kind]->evaluate(v, op, rows);
	if (rc == 0 && rows->count > 1)
		qsort_r(rows->row, rows->count, sizeof(*rows->row), row_compare_sort,
			(void *)(uintptr_t)v);
	return rc;
}

int
operator_filter(const struct operator_view *v, const struct query_op *op, struct rows *rows,
	bool (*pick)(const struct operator_view *v, const struct query_op *op, uint64_t value))
{
	const struct window *w = v->window;

	for (uint32_t i = 0; i < w->count; i++) {
		uint64_t value = values_get(&v->values, i);

		if (!pick(v, op, value))
			continue;
		if (rows->count == rows->capacity &&
				rows_reserve(rows, RTE_MAX(64U, rows->capacity * 2)) != 0)
			return -ENOMEM;
		rows->row[rows->count++] = (struct row){.value = value, .id = w->items[i].id};
	}
	return 0;
}
