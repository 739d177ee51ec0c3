/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_HISTORY_ANSWER_H
#define WEIR_STORE_HISTORY_ANSWER_H

#include "store/history_source.h"

struct history_sources {
	struct history_local *local;      // NULL: nothing is kept
	struct history_mongodb *mongodb;  // NULL: nothing is pushed
};

// Is this a question that these sources can be asked? 0, -ENOTSUP or -EINVAL with err.
int history_question_check(const struct history_sources *s, const struct store_question *q,
	struct error *err);

// Append the answer to a question that was checked, one JSON object. 0 or -errno with err, and what
// was appended is not to be used.
int history_answer(const struct history_sources *s, const struct store_question *q,
	const struct history_watch *w, struct json_out *out, struct error *err);

#endif
