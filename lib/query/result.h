/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_RESULT_H
#define WEIR_QUERY_RESULT_H

#include <stdint.h>

#include "base/document.h"
#include "base/json_out.h"
#include "query/compare.h"
#include "query/key_label.h"
#include "query/operator.h"
#include "query/spec.h"

// A result document, interfaces.md section 3.

struct query_result {
	const struct query_spec *spec;
	uint64_t seq;
	int64_t start_us;  // of the window; captures may start near the epoch and windows before it
	uint64_t end_us;   // at most INT64_MAX
	const struct operator_view *view;
	const struct rows *rows;
	const struct key_names *names;
	const struct compare *compare;  // what query_spec.compare asks for
	const uint64_t *retained_from_us;  // of previews: since when all is retained, else NULL
};

/*
 * @param o is emptied and used for the text, so that it can be kept from result to result
 * @return a document with one reference; NULL if memory ran out
 */
struct document *query_result_document(const struct query_result *r, struct json_out *o);

#endif
