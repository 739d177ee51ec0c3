/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_OPERATOR_H
#define WEIR_QUERY_OPERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#include "base/json_out.h"
#include "query/counts.h"
#include "query/dimension.h"
#include "query/distinct.h"
#include "query/distribution.h"
#include "query/values.h"
#include "query/window.h"

// An operator picks the rows of a result from a window. Each is a small file with one
// struct operator_ops.

enum operator_kind {
	OPERATOR_TOPK,
	OPERATOR_SHARE,
	OPERATOR_OUTLIER_SIGMA,
	OPERATOR_OUTLIER_MAD,
	OPERATOR_LIMIT,
	OPERATORS,
};

// `op` of a query; the operator reads what is its own.
struct query_op {
	enum operator_kind kind;
	uint32_t k;
	double percent;
	double x;
	uint64_t min;           // limit: 0 for none
	uint64_t max;           // limit: UINT64_MAX for none
	uint32_t clear_after;   // limit: windows inside until an alert is cleared
};

struct operator_view {
	const struct dimension *dimension;
	const struct window *window;
	enum query_metric metric;
	struct values values;  // of the metric, one for each item of the window
	uint64_t total;        // of the metric in the query's scope and filter
	struct distribution distribution;
	bool ordered;  // it has median and deviation
	const struct distinct *distinct;  // of a metric that is no sum, else NULL
	uint64_t *counted;                // its values, for engine_view_end() to free
};

// The true value lies in [value - error, value].
struct row {
	uint64_t value;
	uint64_t error;
	uint32_t id;     // key
	bool swap;       // its place among the rows may be another one
	bool uncertain;  // picked for what it may be, not for what it is at least
};

// Grows and is used again from result to result.
struct rows {
	struct row *row;
	uint32_t count;
	uint32_t capacity;
	uint64_t left_most;  // the largest value of a key of the window that is not among them
};

static inline void
rows_leave(struct rows *rows, uint64_t value)
{
	rows->left_most = RTE_MAX(rows->left_most, value);
}

static inline uint64_t
row_least(const struct row *row)
{
	return row->value - row->error;
}

struct operator_ops {
	const char *type;
	bool stats;  // results carry `stats`, so median and deviation are computed for it
	// Rows in any order, and rows_leave() of each other key; 0 or -ENOMEM.
	int (*evaluate)(const struct operator_view *v, const struct query_op *op,
		struct rows *ret_rows);
	// False where no key could be picked with so many keys. NULL without stats.
	bool (*can_fire)(uint64_t keys, const struct query_op *op);
	// The members of `op` after its type.
	void (*write)(struct json_out *o, const struct query_op *op);
};

extern const struct operator_ops operator_topk;
extern const struct operator_ops operator_share;
extern const struct operator_ops operator_outlier_sigma;
extern const struct operator_ops operator_outlier_mad;
extern const struct operator_ops operator_limit;

const struct operator_ops *operator_ops_get(enum operator_kind kind);

/*
 * The rows of a result, sorted by value descending, then by key.
 *
 * @return 0 or -ENOMEM with rows undefined
 */
int operator_evaluate(const struct operator_view *v, const struct query_op *op, struct rows *rows);

// Does a key with this value belong to the result?
typedef bool (operator_pick_fn)(const struct operator_view *v, const struct query_op *op,
	uint64_t value);

// Every key that satisfies `pick`, which is called with the same v and op, with the most that it can
// be; it is uncertain where the least does not satisfy it.
int operator_filter(const struct operator_view *v, const struct query_op *op, struct rows *rows,
	operator_pick_fn *pick);

// No key satisfies it: all are left out. 0.
int operator_pick_none(const struct operator_view *v, struct rows *rows);

// The row of item `at` of the window.
static inline struct row
row_of_item(const struct operator_view *v, uint32_t at)
{
	return (struct row){
		.value = values_get(&v->values, at),
		.error = values_error(&v->values, at),
		.id = v->window->items[at].id,
	};
}

// Append a row; 0 or -ENOMEM.
int rows_add(struct rows *rows, const struct row *row);

// A value of least to most against a limit: outside or inside whatever it is, neither if that is
// not sure; and outside of which bound.
static inline bool
operator_limit_outside(const struct query_op *op, uint64_t least, uint64_t most)
{
	return most < op->min || least > op->max;
}

static inline bool
operator_limit_inside(const struct query_op *op, uint64_t least, uint64_t most)
{
	return least >= op->min && most <= op->max;
}

static inline uint64_t
operator_limit_bound(const struct query_op *op, uint64_t value)
{
	return value < op->min ? op->min : op->max;
}

// Order of rows in results: <0 if a comes first.
int row_compare(const struct operator_view *v, const struct row *a, const struct row *b);

int rows_reserve(struct rows *rows, uint32_t capacity);  // 0 or -ENOMEM
void rows_free(struct rows *rows);

#endif
