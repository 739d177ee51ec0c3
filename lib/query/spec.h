/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_SPEC_H
#define WEIR_QUERY_SPEC_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/document.h"
#include "base/error.h"
#include "base/json_out.h"
#include "query/counts.h"
#include "query/dimension.h"
#include "query/operator.h"

// What is asked: the parameters of the built-in queries, and a query as data (interfaces.md
// section 2). Pure functions, any thread.

struct query_parameters {
	double H;    // percent of the total that a share row exceeds, 0 < H <= 100
	uint32_t T;  // seconds of the window, 1 ... 3600
	uint32_t k;  // rows of a top-k result, 1 ... 1000
	double X;    // standard deviations that an outlier exceeds, 0 < X <= 1000
};

#define QUERY_T_MAX 3600
#define QUERY_K_MAX 1000
#define QUERY_X_MAX 1000.0
#define QUERY_PARAMETERS_DEFAULT ((struct query_parameters){.H = 10, .T = 10, .k = 10, .X = 2})

// 0, or -EINVAL with err->field "H", "T", "k" or "X". err may be NULL.
int query_parameters_check(const struct query_parameters *p, struct error *err);

// As above, and T must be whole panes of pane_us microseconds.
int query_parameters_check_pane(const struct query_parameters *p, uint64_t pane_us,
	struct error *err);

struct query_spec {
	char name[DOCUMENT_NAME_LEN];
	enum dimension_kind key;
	enum query_metric metric;
	struct query_op op;
	uint64_t window_us;
	const char *scope;  // static text
};

#define QUERY_BUILTINS 6

// Query i < QUERY_BUILTINS, in the order in which results are emitted.
struct query_spec query_spec_builtin(unsigned int i, const struct query_parameters *p);
const char *query_builtin_name(unsigned int i);

const char *query_metric_name(enum query_metric m);

// The value of `op`: {"type": ..., ...}.
void query_op_write(struct json_out *o, const struct query_op *op);

// All queries as `query.list` shows them: name, key, metric, op, window_s, slide_s, scope. An
// array owned by the caller; NULL if memory ran out.
cJSON *query_list(const struct query_parameters *p, uint64_t pane_us);

#endif
