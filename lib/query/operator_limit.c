/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/operator.h"

#include <errno.h>

// Keys whose value lies outside [min, max]. Either bound may be missing. Keys without traffic in the
// window are not looked at, but `total` is: it is 0 then. A value that is known within bounds is
// outside when all that it can be is: nobody is woken for what a bound overstates.

static int
limit_evaluate(const struct operator_view *v, const struct query_op *op, struct rows *rows)
{
	bool silent = v->dimension->spec.kind == DIMENSION_TOTAL && v->window->count == 0;

	if (silent && operator_limit_outside(op, 0, 0))
		return rows_add(rows, &(struct row){.value = 0, .id = DIMENSION_TOTAL_ID});
	for (uint32_t i = 0; i < v->window->count; i++) {
		struct row row = row_of_item(v, i);

		if (!operator_limit_outside(op, row_least(&row), row.value))
			rows_leave(rows, row.value);
		else if (rows_add(rows, &row) != 0)
			return -ENOMEM;
	}
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
