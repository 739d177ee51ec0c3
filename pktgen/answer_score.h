/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_ANSWER_SCORE_H
#define WEIR_PKTGEN_ANSWER_SCORE_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "answer_queries.h"

// Results of a built-in query held against its true answers, window by window.

struct answer_score {
	uint64_t windows;      // compared
	uint64_t expected;     // rows of the true answers
	uint64_t found;        // rows of the results
	uint64_t right;        // rows whose key is in both
	uint64_t rank_errors;  // places at which the two have different keys
	uint64_t count_error;  // largest difference in bytes of a key that is in both
	uint64_t total_error;  // largest difference in bytes of a window's total
};

/*
 * Compare one result (interfaces.md section 3) with the window as it is.
 * @return 0, or -ENOMEM with nothing counted
 */
int answer_score_add(struct answer_score *s, struct answer_window *w, const struct plan *plan,
	enum answer_query query, const struct answer_parameters *p, const cJSON *result);

double answer_score_precision(const struct answer_score *s);  // 1 where nothing was found
double answer_score_recall(const struct answer_score *s);     // 1 where nothing was expected
bool answer_score_exact(const struct answer_score *s);        // not a single difference

#endif
