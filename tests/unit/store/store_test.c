/* SPDX-License-Identifier: BSD-3-Clause */
#include "store_test.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clock.h"

int
fixture_setup(void **state)
{
	static const struct store_limits limits = STORE_LIMITS_DEFAULT;
	static const struct store_bounds bounds = STORE_BOUNDS_DEFAULT;
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->folder, sizeof(f->folder), "/tmp/weir-store-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/weir.db", f->folder);
	snprintf(f->uri, sizeof(f->uri), "sqlite:%s", f->path);
	f->params = (struct store_params){.uri = f->uri, .appliance = "unit", .queue_size = 4096};
	f->limits = limits;
	f->bounds = bounds;
	f->params.bounds = &f->bounds;
	f->limits.retry_us = 200000;
	*state = f;
	return 0;
}

int
fixture_teardown(void **state)
{
	struct fixture *f = *state;
	DIR *folder = opendir(f->folder);
	struct dirent *e;

	while (folder != NULL && (e = readdir(folder)) != NULL) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", f->folder, e->d_name);
		if (e->d_name[0] != '.')
			unlink(path);
	}
	if (folder != NULL)
		closedir(folder);
	rmdir(f->folder);
	free(f);
	return 0;
}

void
database_run(const char *path, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

struct store *
fixture_open(struct fixture *f)
{
	struct error err = {0};
	struct store *s = store_open_limited(&f->params, &f->limits, &err);

	if (s == NULL)
		fail_msg("%s", err.text);
	return s;
}

struct document *
result_make(const char *query, uint64_t seq, unsigned int pad)
{
	char *json = malloc(pad + 64);
	struct document *d;
	int n;

	assert_non_null(json);
	n = sprintf(json, "{\"seq\":%lu,\"pad\":\"", (unsigned long)seq);
	memset(json + n, 'x', pad);
	n += (int)pad;
	n += sprintf(json + n, "\"}");
	d = document_create(DOCUMENT_RESULT, query, (seq - 1) * CLOCK_US_PER_S,
		seq * CLOCK_US_PER_S, json, (size_t)n);
	assert_non_null(d);
	free(json);
	return d;
}

void
result_put(struct store *s, const char *query, uint64_t seq)
{
	struct document *d = result_make(query, seq, 0);

	assert_int_equal(store_put(s, d), 0);
	document_put(d);
}

struct reply {
	pthread_mutex_t lock;
	pthread_cond_t came;
	unsigned int calls;
	int rc;
	char *json;
};

static void
reply_note(void *arg, int rc, const char *json)
{
	struct reply *r = arg;

	pthread_mutex_lock(&r->lock);
	r->calls++;
	r->rc = rc;
	r->json = strdup(json);
	pthread_cond_signal(&r->came);
	pthread_mutex_unlock(&r->lock);
}

static int
reply_wait(struct reply *r, int queued, char **ret_json)
{
	if (queued != 0)
		return queued;
	pthread_mutex_lock(&r->lock);
	while (r->calls == 0)
		pthread_cond_wait(&r->came, &r->lock);
	pthread_mutex_unlock(&r->lock);
	assert_int_equal(r->calls, 1);
	if (ret_json != NULL)
		*ret_json = r->json;
	else
		free(r->json);
	return r->rc;
}

#define REPLY_INIT {.lock = PTHREAD_MUTEX_INITIALIZER, .came = PTHREAD_COND_INITIALIZER}

int
list_wait(struct store *s, const struct store_query *q, char **ret_json)
{
	struct reply r = REPLY_INIT;

	return reply_wait(&r, store_results_list(s, q, reply_note, &r), ret_json);
}

int
alerts_wait(struct store *s, const struct store_query *q, char **ret_json)
{
	struct reply r = REPLY_INIT;

	return reply_wait(&r, store_alerts_list(s, q, reply_note, &r), ret_json);
}

int
clear_wait(struct store *s, char **ret_json)
{
	struct reply r = REPLY_INIT;

	return reply_wait(&r, store_results_clear(s, reply_note, &r), ret_json);
}

int
insert_wait(struct store *s, struct document *d, char **ret_json)
{
	struct reply r = REPLY_INIT;

	return reply_wait(&r, store_results_insert(s, d, reply_note, &r), ret_json);
}

int
history_wait(struct store *s, const struct store_question *q, char **ret_json)
{
	struct reply r = REPLY_INIT;

	return reply_wait(&r, store_history_ask(s, q, reply_note, &r), ret_json);
}

int
known_wait(struct store *s, const struct store_capture *c, char **ret_json)
{
	struct reply r = REPLY_INIT;

	return reply_wait(&r, store_capture_known(s, c, reply_note, &r), ret_json);
}

int
remember_wait(struct store *s, const struct store_capture *c, char **ret_json)
{
	struct reply r = REPLY_INIT;

	return reply_wait(&r, store_capture_remember(s, c, reply_note, &r), ret_json);
}

uint32_t
list_seqs(struct store *s, const char *query, uint32_t limit, uint64_t *seqs, uint32_t n)
{
	struct store_query q = {.to_us = UINT64_MAX, .limit = limit};
	char *json, *at;
	uint32_t count = 0;
	int rc;

	snprintf(q.query, sizeof(q.query), "%s", query);
	rc = list_wait(s, &q, &json);
	if (rc != 0)
		fail_msg("list: %s", json);
	for (at = json; (at = strstr(at, "\"seq\":")) != NULL; count++) {
		at += 6;
		if (count < n)
			seqs[count] = strtoull(at, NULL, 10);
	}
	free(json);
	return count;
}

void
stats_wait(struct store *s, bool (*pred)(const struct store_stats *st, uint64_t arg), uint64_t arg)
{
	const uint64_t end_us = clock_monotonic_us() + 10 * CLOCK_US_PER_S;
	struct store_stats st;

	for (;;) {
		store_stats_get(s, &st);
		if (pred(&st, arg))
			return;
		if (clock_monotonic_us() > end_us)
			fail_msg("waited 10 s: stored %lu dropped %lu queued %lu outbox %lu"
				" state %s push %s", (unsigned long)st.stored,
				(unsigned long)st.dropped, (unsigned long)st.queued,
			 (unsigned long)st.outbox, st.state,
				st.push_state);
		usleep(5000);
	}
}

bool
stored_reached(const struct store_stats *st, uint64_t arg)
{
	return st->stored >= arg;
}

bool
state_is_fault(const struct store_stats *st, uint64_t arg)
{
	(void)arg;
	return strcmp(st->state, "ok") != 0;
}

bool
state_is_ok(const struct store_stats *st, uint64_t arg)
{
	(void)arg;
	return strcmp(st->state, "ok") == 0;
}

int64_t
count_rows(const char *path, const char *sql)
{
	sqlite3_stmt *st;
	sqlite3 *db;
	int64_t n;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

void
alert_put(struct store *s, const char *key)
{
	char json[128];
	struct document *d;

	snprintf(json, sizeof(json), "{\"type\":\"alert\",\"key\":\"%s\"}", key);
	d = document_create(DOCUMENT_ALERT, "q", 5, 5, json, strlen(json));
	assert_int_equal(store_put(s, d), 0);
	document_put(d);
}
