/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/operator.h"

#include "base/sigmas.h"

// Keys far above the others.
//
// sigma: value > mean + X sigma. With few keys nothing can exceed X: can_fire says so.
//
// mad: value - median > X 1.4826 MAD, robust against outliers that raise sigma themselves. 1.4826
// makes the median absolute deviation of a normal distribution its sigma. Two values lie one MAD
// from their median; from three on, one can be as far away as it likes.

#define MAD_SIGMA 1.4826

static bool
sigma_can_fire(uint64_t keys, const struct query_op *op)
{
	return sigmas_can_exceed(keys, op->x);
}

// n (value - mean) > X n sigma: both sides from exact integers.
static bool
sigma_pick(const struct operator_view *v, const struct query_op *op, uint64_t value)
{
	const struct distribution *d = &v->distribution;

	return sigmas_exceed(d->count, distribution_deviation(d, value), d->root, op->x);
}

static int
sigma_evaluate(const struct operator_view *v, const struct query_op *op, struct rows *rows)
{
	if (!sigma_can_fire(v->window->count, op))
		return operator_pick_none(v, rows);
	return operator_filter(v, op, rows, sigma_pick);
}

static void
sigma_write(struct json_out *o, const struct query_op *op)
{
	json_out_key_f64(o, "x", op->x);
	json_out_key_str(o, "method", "sigma");
}

static bool
mad_can_fire(uint64_t keys, const struct query_op *op)
{
	return keys >= 3 || (keys == 2 && op->x * MAD_SIGMA < 1);
}

static bool
mad_pick(const struct operator_view *v, const struct query_op *op, uint64_t value)
{
	return distribution_above_median(&v->distribution, value) >
		op->x * MAD_SIGMA * v->distribution.mad;
}

static int
mad_evaluate(const struct operator_view *v, const struct query_op *op, struct rows *rows)
{
	if (!mad_can_fire(v->window->count, op))
		return operator_pick_none(v, rows);
	return operator_filter(v, op, rows, mad_pick);
}

static void
mad_write(struct json_out *o, const struct query_op *op)
{
	json_out_key_f64(o, "x", op->x);
	json_out_key_str(o, "method", "mad");
}

const struct operator_ops operator_outlier_sigma = {
	.type = "outlier",
	.stats = true,
	.evaluate = sigma_evaluate,
	.can_fire = sigma_can_fire,
	.write = sigma_write,
};

const struct operator_ops operator_outlier_mad = {
	.type = "outlier",
	.stats = true,
	.evaluate = mad_evaluate,
	.can_fire = mad_can_fire,
	.write = mad_write,
};
