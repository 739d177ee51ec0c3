/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/operator.h"

#include <math.h>

// More than H percent of the total, strictly: 100 value > H total. The left side is an exact
// integer, and so is the right one for whole H; else it is rounded once, which is what makes
// 0.3 percent of 1000 the 3 that a person expects and not a hair less.
static bool
share_pick(const struct operator_view *v, const struct query_op *op, uint64_t value)
{
	unsigned __int128 limit;

	if (floor(op->percent) == op->percent)
		limit = (unsigned __int128)(uint64_t)op->percent * v->total;
	else
		limit = (unsigned __int128)(op->percent * (double)v->total);
	return (unsigned __int128)value * 100 > limit;
}

static int
share_evaluate(const struct operator_view *v, const struct query_op *op, struct rows *rows)
{
	return operator_filter(v, op, rows, share_pick);
}

static void
share_write(struct json_out *o, const struct query_op *op)
{
	json_out_key_f64(o, "percent", op->percent);
}

const struct operator_ops operator_share = {
	.type = "share",
	.evaluate = share_evaluate,
	.write = share_write,
};
