/* SPDX-License-Identifier: BSD-3-Clause */
// The local file as a source of answers. It is read through a connection of its own: in WAL mode
// readers and the writer do not wait for each other. The file may be set aside and begun anew
// while it is open here, which its inode tells.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cjson/cJSON.h>

#include "store/history_source.h"
#include "store/json_bson.h"
#include "store/sqlite_sink.h"

struct history_local {
	char *path;
	struct sink *reader;  // NULL: not open
	dev_t device;         // of the file that is open
	ino_t inode;
};

struct history_local *
history_local_create(const char *path)
{
	struct history_local *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->path = strdup(path);
	if (l->path == NULL) {
		free(l);
		return NULL;
	}
	return l;
}

static void
reader_close(struct history_local *l)
{
	sqlite_sink_close(l->reader);
	l->reader = NULL;
}

void
history_local_free(struct history_local *l)
{
	if (l == NULL)
		return;
	reader_close(l);
	free(l->path);
	free(l);
}

static int
reader_ready(struct history_local *l, struct error *err)
{
	struct stat st;
	int rc;

	if (stat(l->path, &st) != 0)
		return error_set(err, -errno, "%s: %s", l->path, strerror(errno));
	if (l->reader != NULL && (st.st_dev != l->device || st.st_ino != l->inode))
		reader_close(l);
	if (l->reader != NULL)
		return 0;
	rc = sqlite_reader_open(l->path, &l->reader, err);
	l->device = st.st_dev;
	l->inode = st.st_ino;
	return rc;
}

static int
oldest(struct history_local *l, enum sqlite_statement i, uint64_t *ret_us, struct error *err)
{
	int64_t us;
	int rc = sqlite_integer(l->reader, i, &us);

	if (rc != SQLITE_OK)
		return sqlite_fault(l->path, l->reader->db, rc, "read", err);
	*ret_us = us > 0 ? (uint64_t)us : UINT64_MAX;
	return 0;
}

int
history_local_since_result(struct history_local *l, const char *query, uint64_t *ret_us,
	struct error *err)
{
	int rc = reader_ready(l, err);

	if (rc != 0)
		return rc;
	sqlite3_bind_text(l->reader->statements[SQL_RESULT_OLDEST], 1, query, -1, SQLITE_STATIC);
	return oldest(l, SQL_RESULT_OLDEST, ret_us, err);
}

int
history_local_since_day(struct history_local *l, uint64_t *ret_us, struct error *err)
{
	int rc = reader_ready(l, err);

	return rc != 0 ? rc : oldest(l, SQL_DAILY_OLDEST, ret_us, err);
}

// What is done with a row; false: no more of them.
typedef bool row_fn(void *arg, sqlite3_stmt *st, const char *json, size_t len);

static int
rows_walk(struct history_local *l, sqlite3_stmt *st, row_fn *fn, void *arg,
	const struct history_watch *w, struct error *err)
{
	const char *json;
	size_t len;
	int rc;

	while (!history_over(w) && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		rc = sqlite_column_json(l->reader, st, 0, &json, &len);
		if (rc != SQLITE_OK || !fn(arg, st, json, len))
			break;
	}
	if (history_over(w))
		rc = error_set(err, -ETIMEDOUT, "reading the local store took too long");
	else if (rc != SQLITE_DONE && rc != SQLITE_OK)
		rc = sqlite_fault(l->path, l->reader->db, rc, "read", err);
	else
		rc = 0;
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	if (rc == -EUCLEAN || rc == -EIO)
		reader_close(l);
	return rc;
}

static bool
result_take(void *arg, sqlite3_stmt *st, const char *json, size_t len)
{
	struct history_page *p = arg;

	(void)len;
	history_page_add(p, json, (uint64_t)sqlite3_column_int64(st, 1), NULL);
	return !p->full;
}

static int
local_results(void *source, const struct store_query *q, struct history_page *p,
	const struct history_watch *w, struct error *err)
{
	struct history_local *l = source;
	int rc = reader_ready(l, err);

	return rc != 0 ? rc :
		rows_walk(l, sqlite_list_bind(l->reader, q, p->wanted), result_take, p, w, err);
}

// Totals are kept as plain text, without a checksum: one that is damaged must not spoil the page.
static bool
total_take(void *arg, sqlite3_stmt *st, const char *json, size_t len)
{
	const char *host = (const char *)sqlite3_column_text(st, 2);
	struct history_page *p = arg;

	if (host == NULL || json_bson_check(json, len, NULL) != 0)
		p->unreadable++;
	else
		history_page_add(p, json, (uint64_t)sqlite3_column_int64(st, 1), host);
	return !p->full;
}

static int
local_daily(void *source, const struct store_daily_query *q, struct history_page *p,
	const struct history_watch *w, struct error *err)
{
	struct history_local *l = source;
	int rc = reader_ready(l, err);

	return rc != 0 ? rc :
		rows_walk(l, sqlite_daily_list_bind(l->reader, q, -1), total_take, p, w, err);
}

struct series_walk {
	struct series *series;
	const char *key;
	struct json_out quoted;  // the key as results write it
};

static const cJSON *
row_find(const cJSON *result, const char *key)
{
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(result, "rows"), *row;

	cJSON_ArrayForEach(row, rows) {
		const cJSON *name = cJSON_GetObjectItemCaseSensitive(row, "key");

		if (cJSON_IsString(name) && strcmp(name->valuestring, key) == 0)
			return cJSON_GetObjectItemCaseSensitive(row, "value");
	}
	return NULL;
}

static uint64_t
number_of(const cJSON *v)
{
	if (!cJSON_IsNumber(v) || !(v->valuedouble > 0))
		return 0;
	return v->valuedouble < 1e18 ? (uint64_t)v->valuedouble : UINT64_C(1000000000000000000);
}

static void
result_describe(struct series *s, const cJSON *result, uint64_t end_us)
{
	const cJSON *window = cJSON_GetObjectItemCaseSensitive(result, "window");
	const char *metric =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(result, "metric"));
	uint64_t start_us = number_of(cJSON_GetObjectItemCaseSensitive(window, "start_us"));

	series_describe(s, end_us, end_us > start_us ? end_us - start_us : 0,
		metric != NULL ? metric : "");
}

// Most results need not be parsed: where the key's text is nowhere it is in no row. Text with
// escapes may say it in another way.
static bool
point_take(void *arg, sqlite3_stmt *st, const char *json, size_t len)
{
	const uint64_t end_us = (uint64_t)sqlite3_column_int64(st, 1);
	struct series_walk *walk = arg;
	const cJSON *found = NULL;
	cJSON *result = NULL;
	uint64_t value = 0;

	if (walk->series->newest_us == 0 || strstr(json, walk->quoted.data) != NULL ||
			memchr(json, '\\', len) != NULL)
		result = cJSON_ParseWithLength(json, len);
	if (result != NULL && walk->series->newest_us == 0)
		result_describe(walk->series, result, end_us);
	found = row_find(result, walk->key);
	value = number_of(found);
	series_add(walk->series, end_us, found != NULL ? &value : NULL);
	cJSON_Delete(result);
	return true;
}

static int
local_series(void *source, const struct store_series_query *q, struct series *s,
	const struct history_watch *w, struct error *err)
{
	struct store_query all = {.from_us = q->from_us, .to_us = q->to_us};
	struct series_walk walk = {.series = s, .key = q->key};
	struct history_local *l = source;
	int rc = reader_ready(l, err);

	if (rc != 0)
		return rc;
	memcpy(all.query, q->query, sizeof(all.query));
	json_out_str(&walk.quoted, q->key);
	if (walk.quoted.failed)
		rc = error_set(err, -ENOMEM, "out of memory");
	else
		rc = rows_walk(l, sqlite_list_bind(l->reader, &all, -1), point_take, &walk, w,
			err);
	json_out_free(&walk.quoted);
	return rc;
}

const struct history_source_ops history_local_ops = {
	.name = "local",
	.results = local_results,
	.daily = local_daily,
	.series = local_series,
};
