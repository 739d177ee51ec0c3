/* SPDX-License-Identifier: BSD-3-Clause */
#include "stored.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "alerts_kept.h"
#include "base/json_tree.h"
#include "pipeline.h"
#include "store/series.h"

// The answer of the store (store or history thread) becomes the call's.
static void
reply_answer(void *arg, int rc, const char *json)
{
	struct control_call *call = arg;
	cJSON *result;

	if (rc != 0) {
		control_call_fail(call, CALL_STORE_FAULT, NULL, json);
		return;
	}
	result = cJSON_CreateRaw(json);
	if (result == NULL)
		control_call_fail(call, CALL_INTERNAL_ERROR, NULL, "out of memory");
	else
		control_call_complete(call, result);
}

// rc of a request that the store did not take.
static void
refusal(struct control_call *call, int rc)
{
	if (rc == -ENOTSUP)
		control_call_fail(call, CALL_NO_STORE, NULL, "there is no store: start with --store");
	else if (rc != 0)
		control_call_fail(call, CALL_STORE_FAULT, NULL, "the store is busy, try again");
}

static void
question_ask(struct pipeline *p, const struct store_question *q, struct control_call *call)
{
	int rc = p->store == NULL ? -ENOTSUP : store_history_ask(p->store, q, reply_answer, call);

	if (rc == -ENOTSUP && q->source == STORE_MONGODB)
		control_call_fail(call, CALL_NO_STORE, "source",
			"source: there is no MongoDB to ask: start with --push");
	else
		refusal(call, rc);
}

static enum store_source
source_of(enum control_source s)
{
	static const enum store_source sources[] = {
		[CONTROL_SOURCE_AUTO] = STORE_AUTO,
		[CONTROL_SOURCE_LOCAL] = STORE_LOCAL,
		[CONTROL_SOURCE_MONGODB] = STORE_MONGODB,
	};

	return sources[s];
}

void
stored_results_list(void *app, const struct control_results *q, struct control_call *call)
{
	struct pipeline *p = app;
	struct store_query query = {.from_us = q->from_us, .to_us = q->to_us, .limit = q->limit};
	uint64_t before_us;

	snprintf(query.query, sizeof(query.query), "%s", q->query);
	if (q->cursor != NULL) {
		if (!store_results_cursor_read(q->cursor, &before_us)) {
			control_call_fail(call, CALL_INVALID_PARAMS, "cursor",
				"cursor: allowed: \"newest\", or the cursor of a page");
			return;
		}
		query.to_us = RTE_MIN(query.to_us, before_us);
	}
	if (q->page)
		question_ask(p, &(struct store_question){.type = STORE_RESULTS_PAGE,
			.source = source_of(q->source), .results = query}, call);
	else
		refusal(call, p->store == NULL ? -ENOTSUP :
			store_results_list(p->store, &query, reply_answer, call));
}

// Whose newest result is looked for.
struct newest {
	struct control_call *call;
	bool exists;
	char query[DOCUMENT_NAME_LEN];
};

static void
newest_missing(const struct newest *n)
{
	char text[160];

	if (n->exists)
		snprintf(text, sizeof(text), "query: '%s' has no result yet", n->query);
	else
		snprintf(text, sizeof(text), "query: no query '%s', and no result of it is stored; "
			"query.list lists them", n->query);
	control_call_fail(n->call, CALL_NOT_FOUND, "query", text);
}

static void
newest_answer(void *arg, int rc, const char *json)
{
	struct newest *n = arg;
	size_t len = rc == 0 ? strlen(json) : 0;
	char *result = len > 2 ? strndup(json + 1, len - 2) : NULL;  // of an array of one

	if (rc == 0 && len <= 2)
		newest_missing(n);
	else
		reply_answer(n->call, rc == 0 && result == NULL ? -ENOMEM : rc,
			rc != 0 ? json : result != NULL ? result : "out of memory");
	free(result);
	free(n);
}

void
stored_results_newest(void *app, const char *query, struct control_call *call)
{
	struct store_query q = {.to_us = UINT64_MAX, .limit = 1};
	struct newest *n = calloc(1, sizeof(*n));
	struct pipeline *p = app;
	int rc = -ENOMEM;

	snprintf(q.query, sizeof(q.query), "%s", query);
	if (n != NULL) {
		n->call = call;
		n->exists = pipeline_control_ops.query_exists(p, query);
		memcpy(n->query, q.query, sizeof(n->query));
		rc = p->store == NULL ? -ENOTSUP :
			store_results_list(p->store, &q, newest_answer, n);
	}
	if (rc == -ENOTSUP)
		newest_missing(n);
	else
		refusal(call, rc);
	if (rc != 0)
		free(n);
}

void
stored_results_series(void *app, const struct control_series *q, struct control_call *call)
{
	struct store_question question = {.type = STORE_SERIES, .source = source_of(q->source),
		.series = {.from_us = q->from_us, .to_us = q->to_us, .step_us = q->step_us}};
	char text[96];

	if (q->step_us > 0 && series_steps(q->from_us, q->to_us, q->step_us) > SERIES_POINTS_MOST) {
		snprintf(text, sizeof(text), "step_s: the range would have more than %u points",
			SERIES_POINTS_MOST);
		control_call_fail(call, CALL_INVALID_PARAMS, "step_s", text);
		return;
	}
	snprintf(question.series.query, sizeof(question.series.query), "%s", q->query);
	snprintf(question.series.key, sizeof(question.series.key), "%s", q->key);
	question_ask(app, &question, call);
}

void
stored_results_clear(void *app, struct control_call *call)
{
	struct pipeline *p = app;

	refusal(call, p->store == NULL ? -ENOTSUP :
		store_results_clear(p->store, reply_answer, call));
}

void
stored_daily_list(void *app, const struct control_daily *q, struct control_call *call)
{
	struct pipeline *p = app;
	struct store_question question = {.type = STORE_DAILY_PAGE, .source = source_of(q->source),
		.daily = {.from_us = q->from_us, .to_us = q->to_us, .limit = q->limit}};
	struct store_daily_query *daily = &question.daily;

	snprintf(daily->host, sizeof(daily->host), "%s", q->host != NULL ? q->host : "");
	snprintf(daily->after_host, sizeof(daily->after_host), "%s",
		q->after_host != NULL ? q->after_host : "");
	if (q->page)
		question_ask(p, &question, call);
	else
		refusal(call, p->store == NULL ? -ENOTSUP :
			store_daily_list(p->store, daily, reply_answer, call));
}

// A question for alerts, for as long as the store has it.
struct alerts_question {
	struct pipeline *p;
	struct control_call *call;
	struct store_query q;
};

static void
alerts_from_memory(struct alerts_question *a, const char *fault)
{
	struct json_out o = {0};
	char *text;

	alerts_kept_write(&a->p->alerts_kept, &a->q, fault, &o);
	text = json_out_take(&o);
	reply_answer(a->call, text == NULL ? -ENOMEM : 0, text == NULL ? "out of memory" : text);
	free(text);
}

static void
alerts_answer(void *arg, int rc, const char *json)
{
	struct alerts_question *a = arg;

	if (rc != 0)
		alerts_from_memory(a, json);
	else
		reply_answer(a->call, 0, json);
	free(a);
}

void
stored_alerts_list(void *app, const struct control_alerts *q, struct control_call *call)
{
	struct alerts_question *a = calloc(1, sizeof(*a));
	struct pipeline *p = app;
	int rc;

	if (a == NULL) {
		control_call_fail(call, CALL_INTERNAL_ERROR, NULL, "out of memory");
		return;
	}
	*a = (struct alerts_question){.p = p, .call = call,
		.q = {.from_us = q->from_us, .to_us = q->to_us, .limit = q->limit}};
	snprintf(a->q.query, sizeof(a->q.query), "%s", q->query != NULL ? q->query : "");
	rc = p->store == NULL ? -ENOTSUP : store_alerts_list(p->store, &a->q, alerts_answer, a);
	if (rc == 0)
		return;
	alerts_from_memory(a, rc == -ENOTSUP ? NULL : "the store is busy");
	free(a);
}

// Microseconds in result.window.<name>; false if it is not there or no such number.
static bool
window_time(const cJSON *result, const char *name, uint64_t *ret_us)
{
	const cJSON *window = cJSON_GetObjectItemCaseSensitive(result, "window");
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(window, name);

	if (!cJSON_IsNumber(v) || v->valuedouble < 0 || v->valuedouble > 9e15)
		return false;
	*ret_us = (uint64_t)v->valuedouble;
	return true;
}

// A result on its way into the store.
struct inserted {
	struct pipeline *p;
	struct control_call *call;
	struct document *document;
};

// Store thread: a result that is stored now, and whose window is newer, is what results.latest
// gives.
static void
insert_answer(void *arg, int rc, const char *json)
{
	struct inserted *i = arg;

	if (rc == 0 && strcmp(json, "{\"inserted\":1}") == 0)
		pipeline_latest_offer(i->p, i->document);
	reply_answer(i->call, rc, json);
	document_put(i->document);
	free(i);
}

static int
insert_ask(struct pipeline *p, struct document *d, struct control_call *call)
{
	struct inserted *i = d == NULL ? NULL : malloc(sizeof(*i));
	int rc;

	if (i == NULL)
		return -ENOMEM;
	*i = (struct inserted){p, call, document_get(d)};
	rc = store_results_insert(p->store, d, insert_answer, i);
	if (rc != 0) {
		document_put(d);
		free(i);
	}
	return rc;
}

void
stored_results_insert(void *app, const cJSON *result, struct control_call *call)
{
	struct pipeline *p = app;
	const cJSON *query = cJSON_GetObjectItemCaseSensitive(result, "query");
	uint64_t start_us, end_us;
	struct json_out text = {0};
	struct document *d;

	if (!cJSON_IsString(query) || query->valuestring[0] == '\0' ||
		strlen(query->valuestring) >= DOCUMENT_NAME_LEN) {
		control_call_fail(call, CALL_INVALID_PARAMS, "query", "query: must be text of 1 to 63 bytes");
		return;
	}
	if (!window_time(result, "start_us", &start_us) || !window_time(result, "end_us", &end_us) ||
		start_us >= end_us) {
		control_call_fail(call, CALL_INVALID_PARAMS, "window",
			"window: must have start_us and end_us, start before end");
		return;
	}
	if (p->store == NULL) {
		refusal(call, -ENOTSUP);
		return;
	}
	json_tree_write(&text, result);
	d = text.failed ? NULL : document_create(DOCUMENT_RESULT, query->valuestring, start_us,
		end_us, text.data, text.len);
	json_out_free(&text);
	refusal(call, insert_ask(p, d, call));
	document_put(d);
}
