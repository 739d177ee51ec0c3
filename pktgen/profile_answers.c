/* SPDX-License-Identifier: BSD-3-Clause */
#include "fields.h"
#include "profile.h"

// `answer_key` and what belongs to it.

#define FIELD "answer_key_queries"
// The processor's own limits and defaults.
#define SHARE_DEFAULT 10
#define SECONDS_DEFAULT 10
#define SECONDS_MAX 3600
#define ROWS_DEFAULT 10
#define ROWS_MAX 1000
#define SIGMAS_DEFAULT 2
#define SIGMAS_MAX 1000

static const char *const query_members[] = {"H", "T", "k", "X", NULL};

static int
queries_read(struct profile_answers *a, const cJSON *item, struct error *err)
{
	uint64_t seconds = SECONDS_DEFAULT, rows = ROWS_DEFAULT;
	int rc = fields_check(item, FIELD, query_members, err);

	a->queries = true;
	a->share_percent = SHARE_DEFAULT;
	a->sigmas = SIGMAS_DEFAULT;
	if (rc == 0)
		rc = field_number(item, FIELD, "H", 0, 100, &a->share_percent, err);
	if (rc == 0)
		rc = field_whole(item, FIELD, "T", 1, SECONDS_MAX, &seconds, err);
	if (rc == 0)
		rc = field_whole(item, FIELD, "k", 1, ROWS_MAX, &rows, err);
	if (rc == 0)
		rc = field_number(item, FIELD, "X", 0, SIGMAS_MAX, &a->sigmas, err);
	a->seconds = (uint32_t)seconds;
	a->rows = (uint32_t)rows;
	return rc;
}

int
profile_answers_read(struct profile *p, const cJSON *json, struct error *err)
{
	const cJSON *queries = field_item(json, FIELD);
	int rc = field_text(json, "", "answer_key", p->answer_key, sizeof(p->answer_key), err);

	if (rc == 0)
		rc = field_bool(json, "", "answer_key_flows", &p->answers.flows, err);
	return rc == 0 && queries != NULL ? queries_read(&p->answers, queries, err) : rc;
}

static cJSON *
queries_json(const struct profile_answers *a)
{
	cJSON *o;

	if (!a->queries)
		return cJSON_CreateNull();
	o = cJSON_CreateObject();
	cJSON_AddNumberToObject(o, "H", a->share_percent);
	cJSON_AddNumberToObject(o, "T", a->seconds);
	cJSON_AddNumberToObject(o, "k", a->rows);
	cJSON_AddNumberToObject(o, "X", a->sigmas);
	return o;
}

void
profile_answers_json(const struct profile *p, cJSON *o)
{
	cJSON_AddItemToObject(o, "answer_key", p->answer_key[0] != '\0' ?
		cJSON_CreateString(p->answer_key) : cJSON_CreateNull());
	cJSON_AddBoolToObject(o, "answer_key_flows", p->answers.flows);
	cJSON_AddItemToObject(o, FIELD, queries_json(&p->answers));
}
