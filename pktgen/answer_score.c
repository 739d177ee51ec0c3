/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer_score.h"

#include <string.h>

#include <rte_common.h>

static bool
row_is(const cJSON *row, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "key"));

	return text != NULL && strcmp(text, key) == 0;
}

static const cJSON *
row_find(const cJSON *rows, const char *key)
{
	const cJSON *row;

	cJSON_ArrayForEach(row, rows)
		if (row_is(row, key))
			return row;
	return NULL;
}

static uint64_t
difference(const cJSON *number, uint64_t truth)
{
	uint64_t found = cJSON_IsNumber(number) && number->valuedouble >= 0 ?
		(uint64_t)number->valuedouble : 0;

	return found > truth ? found - truth : truth - found;
}

static void
row_score(struct answer_score *s, const cJSON *row, uint64_t truth)
{
	uint64_t error = difference(cJSON_GetObjectItemCaseSensitive(row, "value"), truth);

	s->right++;
	s->count_error = RTE_MAX(s->count_error, error);
}

int
answer_score_add(struct answer_score *s, struct answer_window *w, const struct plan *plan,
	enum answer_query query, const struct answer_parameters *p, const cJSON *result)
{
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(result, "rows");
	const cJSON *total = cJSON_GetObjectItemCaseSensitive(result, "total");
	const cJSON *place = rows != NULL ? rows->child : NULL;
	int found = cJSON_GetArraySize(rows), expected;
	const struct answer_row *truth;
	char buf[ADDRESS_TEXT_LEN];
	uint64_t error;

	expected = answer_window_rows(w, query, p, &truth);
	if (expected < 0)
		return expected;
	for (int i = 0; i < expected; i++) {
		const char *key = answer_row_key(plan, query, truth[i].key, buf);
		bool in_place = place != NULL && row_is(place, key);
		const cJSON *row = in_place ? place : row_find(rows, key);

		s->rank_errors += !in_place;
		if (row != NULL)
			row_score(s, row, truth[i].bytes);
		place = place != NULL ? place->next : NULL;
	}
	s->rank_errors += (uint64_t)RTE_MAX(found - expected, 0);
	s->expected += (uint64_t)expected;
	s->found += (uint64_t)found;
	s->windows++;
	error = difference(cJSON_GetObjectItemCaseSensitive(total, "bytes"), answer_window_total(w));
	s->total_error = RTE_MAX(s->total_error, error);
	return 0;
}

double
answer_score_precision(const struct answer_score *s)
{
	return s->found == 0 ? 1 : (double)s->right / (double)s->found;
}

double
answer_score_recall(const struct answer_score *s)
{
	return s->expected == 0 ? 1 : (double)s->right / (double)s->expected;
}

bool
answer_score_exact(const struct answer_score *s)
{
	return s->right == s->found && s->right == s->expected && s->rank_errors == 0 &&
		s->count_error == 0 && s->total_error == 0;
}
