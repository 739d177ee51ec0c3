/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/operator.h"

#include <errno.h>

// Keys whose value lies outside [min, max]. Either bound may be missing. Keys without traffic in the
// window are not looked at, but `total` is: it is 0 then.

static bool
limit_pick(const struct operator_view *v, const struct query_op *op, uint64_t value)
{
	(void)v;
	return operator_limit_outside(op, value);
}

static int
limit_evaluate(const struct operator_view *v, const struct query_op *op, struct rows *rows)
{
	bool silent = v->dimension->spec.kind == DIMENSION_TOTAL && v->window->count == 0;

	if (!silent || !operator_limit_outside(op, 0))
		return operator_filter(v, op, rows, limit_pick);
	if (rows_reserve(rows, 1) != 0)
		return -ENOMEM;
	rows->row[rows->count++] = (struct row){.value = 0, .id = DIMENSION_TOTAL_ID};
	return 0;
}

static void
limit_write(struct json_out *o, const struct query_op *op)
{
	if (op->min > 0)
		json_out_key_u64(o, "min", op->min);
	if (op->max != UINT64_MAX)
		json_out_key_u64(o, "max", op->max);
	json_out_key_u64(o, "clear_after", op->clear_after);
}

const struct operator_ops operator_limit = {
	.type = "limit",
	.evaluate = limit_evaluate,
	.write = limit_write,
};
