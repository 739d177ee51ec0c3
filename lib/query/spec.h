/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_SPEC_H
#define WEIR_QUERY_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/document.h"
#include "base/error_list.h"
#include "base/json_out.h"
#include "query/compare_spec.h"
#include "query/dimension_spec.h"
#include "query/metric.h"
#include "query/networks.h"
#include "query/operator.h"
#include "query/parameters.h"

// A query as data (interfaces.md section 2). Pure functions, any thread.

#define QUERY_WINDOW_US_MAX (QUERY_T_MAX * UINT64_C(1000000))

struct query_spec {
	char name[DOCUMENT_NAME_LEN];
	struct dimension_spec dimension;
	enum query_metric metric;
	struct query_op op;
	uint64_t window_us;  // 0: cumulative
	uint64_t slide_us;
	struct query_compare compare;
	bool paused;
	bool builtin;        // made from the parameters, and follows them
};

// What queries are checked against and made from.
struct query_context {
	uint64_t pane_us;
	struct query_parameters parameters;
	const struct network_set *networks;  // local ones
	uint32_t builtins_off;               // bits of built-in queries that are not wanted
};

#define QUERY_BUILTINS 6

// Built-in query i < QUERY_BUILTINS. Its scope is external where there are local networks, else all.
struct query_spec query_spec_builtin(unsigned int i, const struct query_context *c);
const char *query_builtin_name(unsigned int i);
// QUERY_BUILTINS if there is none of that name.
unsigned int query_builtin_find(const char *name);

// 1 to 63 letters, digits, '-', '_' and '.', the first one a letter or digit?
bool query_name_valid(const char *name);

/*
 * A query from its JSON. Everything that is wrong is added to errors, with the path of the field:
 * `path` ("queries[2].", or "") and its name. A filter's syntax is not looked at here.
 *
 * @return 0, or -EINVAL with *ret undefined
 */
int query_spec_parse(const cJSON *json, const char *path, const struct query_context *c,
	struct query_spec *ret, struct error_list *errors);

// The JSON of a query, as query_spec_parse() reads it.
void query_spec_write(struct json_out *o, const struct query_spec *s);
// The value of `op`: {"type": ..., ...}.
void query_op_write(struct json_out *o, const struct query_op *op);

#endif
