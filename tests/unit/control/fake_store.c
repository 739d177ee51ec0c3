/* SPDX-License-Identifier: BSD-3-Clause */
#include "fake_app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Of the double: results, daily totals, and the thread that completes calls about them.

struct document *
fake_result(const char *query, unsigned int seq, unsigned int padding)
{
	char *text = NULL, *pad = calloc(1, padding + 1);
	struct document *d;
	int len;

	memset(pad, 'x', padding);
	len = asprintf(&text, "{\"type\":\"result\",\"query\":\"%s\",\"seq\":%u,\"key\":\"ip\","
		"\"metric\":\"bytes\",\"op\":{\"type\":\"topk\",\"k\":10},\"window\":{\"start_us\":"
		"1764169000000000,\"end_us\":1764169010000000},\"total\":{\"bytes\":9007199254740993,"
		"\"packets\":3,\"flows\":1},\"keys\":2,\"exact\":true,\"pad\":\"%s\",\"rows\":[{"
		"\"key\":\"10.1.2.3\",\"value\":123456,\"share\":0.1234,\"error\":0}]}", query, seq,
		pad);
	d = document_create(DOCUMENT_RESULT, query, 0, 0, text, (size_t)len);
	free(text);
	free(pad);
	return d;
}

static struct document *
result_latest(void *app, const char *query)
{
	(void)app;
	return strcmp(query, "ip-topk") == 0 ? fake_result(query, 42, 0) : NULL;
}

static void
job_add(struct fake_app *a, struct control_call *call, cJSON *result)
{
	struct fake_store_job *j = calloc(1, sizeof(*j));

	j->call = call;
	j->result = result;
	pthread_mutex_lock(&a->lock);
	*a->jobs_tail = j;
	a->jobs_tail = &j->next;
	pthread_cond_signal(&a->work);
	pthread_mutex_unlock(&a->lock);
}

static cJSON *
times_json(const char *query, uint64_t from_us, uint64_t to_us)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "query", query);
	cJSON_AddNumberToObject(o, "from_us", (double)from_us);
	cJSON_AddNumberToObject(o, "to_us", (double)to_us);
	return o;
}

static void
results_list(void *app, const struct control_results *q, struct control_call *call)
{
	cJSON *o = times_json(q->query, q->from_us, q->to_us);

	cJSON_AddNumberToObject(o, "limit", q->limit);
	if (q->page) {
		cJSON_AddStringToObject(o, "cursor", q->cursor != NULL ? q->cursor : "none");
		cJSON_AddNumberToObject(o, "source", q->source);
	}
	job_add(app, call, o);
}

static void
results_newest(void *app, const char *query, struct control_call *call)
{
	char text[128];

	if (strcmp(query, "stored") == 0) {
		job_add(app, call, times_json(query, 0, 0));
		return;
	}
	snprintf(text, sizeof(text), fake_ops()->query_exists(app, query) ? "query: '%s' has no result yet" :
		"query: no query '%s'; query.list lists them", query);
	control_call_fail(call, CALL_NOT_FOUND, "query", text);
}

static void
results_series(void *app, const struct control_series *q, struct control_call *call)
{
	cJSON *o = times_json(q->query, q->from_us, q->to_us);

	cJSON_AddStringToObject(o, "key", q->key);
	cJSON_AddNumberToObject(o, "step_us", (double)q->step_us);
	cJSON_AddNumberToObject(o, "source", q->source);
	job_add(app, call, o);
}

static void
results_insert(void *app, const cJSON *result, struct control_call *call)
{
	cJSON *o;

	if (!cJSON_IsString(cJSON_GetObjectItemCaseSensitive(result, "query"))) {
		// completed on the control thread itself: allowed as well
		control_call_fail(call, -32602, "query", "query: missing, it must be a string");
		return;
	}
	((struct fake_app *)app)->stored++;
	o = cJSON_CreateObject();
	cJSON_AddNumberToObject(o, "inserted", 1);
	job_add(app, call, o);
}

static void
results_clear(void *app, struct control_call *call)
{
	struct fake_app *a = app;
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(o, "deleted", a->stored);
	a->stored = 0;
	job_add(a, call, o);
}

static void
daily_list(void *app, const struct control_daily *q, struct control_call *call)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "host", q->host != NULL ? q->host : "");
	cJSON_AddNumberToObject(o, "from_us", (double)q->from_us);
	cJSON_AddNumberToObject(o, "to_us", (double)q->to_us);
	cJSON_AddStringToObject(o, "after", q->after_host != NULL ? q->after_host : "");
	cJSON_AddNumberToObject(o, "limit", q->limit);
	if (q->page)
		cJSON_AddNumberToObject(o, "source", q->source);
	job_add(app, call, o);
}

static void
alerts_list(void *app, const struct control_alerts *q, struct control_call *call)
{
	cJSON *o = times_json(q->query != NULL ? q->query : "", q->from_us, q->to_us);

	cJSON_AddNumberToObject(o, "limit", q->limit);
	// An answer from memory, in which one more has a name and one is a limit's.
	cJSON_AddItemToObject(o, "alerts", cJSON_Parse(q->limit == 1 ? "[]" : "[{\"type\":\"alert\","
		"\"query\":\"many\",\"key\":\"10.0.0.5\",\"name\":\"db1\",\"value\":7000000,"
		"\"limit\":5000000,\"state\":\"cleared\",\"at_us\":5000000},{\"type\":\"alert\","
		"\"query\":\"limits\",\"limit_name\":\"lab\",\"key\":\"10.0.0.0/8 > any\","
		"\"value\":6000000,\"limit\":5000000,\"state\":\"raised\",\"at_us\":4000000}]"));
	cJSON_AddBoolToObject(o, "more", q->limit != 1);
	cJSON_AddStringToObject(o, "source", "memory");
	cJSON_AddNumberToObject(o, "dropped", 1234);
	cJSON_AddStringToObject(o, "fault", "disk is full");
	job_add(app, call, o);
}

static void *
store_main(void *arg)
{
	struct fake_app *a = arg;
	struct fake_store_job *j;

	pthread_mutex_lock(&a->lock);
	while (true) {
		while (a->jobs == NULL && !a->store_stop)
			pthread_cond_wait(&a->work, &a->lock);
		j = a->jobs;
		if (j == NULL)
			break;
		a->jobs = j->next;
		if (a->jobs == NULL)
			a->jobs_tail = &a->jobs;
		pthread_mutex_unlock(&a->lock);
		usleep(a->store_delay_ms * 1000);
		control_call_complete(j->call, j->result);
		free(j);
		pthread_mutex_lock(&a->lock);
		a->completed++;
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

void
fake_store_start(struct fake_app *a)
{
	a->jobs_tail = &a->jobs;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->work, NULL);
	pthread_create(&a->store, NULL, store_main, a);
}

void
fake_store_stop(struct fake_app *a)
{
	pthread_mutex_lock(&a->lock);
	a->store_stop = true;
	pthread_cond_signal(&a->work);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->store, NULL);
	pthread_cond_destroy(&a->work);
	pthread_mutex_destroy(&a->lock);
}

void
fake_store_add(struct control_ops *o)
{
	o->result_latest = result_latest;
	o->results_list = results_list;
	o->results_newest = results_newest;
	o->results_series = results_series;
	o->results_insert = results_insert;
	o->results_clear = results_clear;
	o->daily_list = daily_list;
	o->alerts_list = alerts_list;
}
