/* SPDX-License-Identifier: BSD-3-Clause */
// MongoDB as a source of answers: ordinary finds of this appliance's documents, on a connection
// of its own, so that a question never waits for a delivery. Any fault closes the connection; the
// next question opens it again.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "store/bson_json.h"
#include "store/history_source.h"
#include "store/push_server.h"

// A person waits for the answer: a server that is away is given up sooner than by push.
#define SELECT_MS 3000
#define SOCKET_MS 10000
#define BATCH 1000  // documents in one reply of the server, at most

struct history_mongodb {
	mongoc_uri_t *uri;
	char *appliance;
	struct push_server *server;  // NULL: not connected
	struct json_out json;
};

static void
patience_bound(mongoc_uri_t *uri, const char *option, int32_t most_ms)
{
	if (mongoc_uri_get_option_as_int32(uri, option, most_ms) >= most_ms)
		mongoc_uri_set_option_as_int32(uri, option, most_ms);
}

struct history_mongodb *
history_mongodb_create(const char *uri, const char *appliance)
{
	struct history_mongodb *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	mongoc_init();
	m->uri = push_uri_parse(uri, NULL);
	m->appliance = strdup(appliance);
	if (m->uri == NULL || m->appliance == NULL) {
		history_mongodb_free(m);
		return NULL;
	}
	patience_bound(m->uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, SELECT_MS);
	patience_bound(m->uri, MONGOC_URI_CONNECTTIMEOUTMS, SELECT_MS);
	patience_bound(m->uri, MONGOC_URI_SOCKETTIMEOUTMS, SOCKET_MS);
	return m;
}

void
history_mongodb_free(struct history_mongodb *m)
{
	if (m == NULL)
		return;
	push_server_close(m->server);
	if (m->uri != NULL)
		mongoc_uri_destroy(m->uri);
	json_out_free(&m->json);
	free(m->appliance);
	free(m);
}

// What is done with a document; false: no more of them.
typedef bool document_fn(void *arg, const bson_t *doc);

// Run a find and give out what it gives. rc as of the sources' operations.
static int
documents_walk(struct history_mongodb *m, enum document_kind kind, const bson_t *filter,
	const bson_t *options, document_fn *fn, void *arg, const struct history_watch *w,
	struct error *err)
{
	mongoc_collection_t *collection = push_server_collection(m->server, kind);
	mongoc_cursor_t *cursor =
		mongoc_collection_find_with_opts(collection, filter, options, NULL);
	const bson_t *doc;
	bson_error_t e;
	int rc = 0;

	while (!history_over(w) && mongoc_cursor_next(cursor, &doc)) {
		if (!fn(arg, doc))
			break;
	}
	if (mongoc_cursor_error(cursor, &e))
		rc = push_server_fault(m->server, &e, err);
	else if (history_over(w))
		rc = error_set(err, -ETIMEDOUT, "reading took too long");
	mongoc_cursor_destroy(cursor);
	mongoc_collection_destroy(collection);
	return rc;
}

// Takes filter and options.
static int
find_run(struct history_mongodb *m, enum document_kind kind, bson_t *filter, bson_t *options,
	document_fn *fn, void *arg, const struct history_watch *w, struct error *err)
{
	int rc = 0;

	if (m->server == NULL)
		m->server = push_server_open(m->uri, m->appliance, err);
	if (m->server == NULL)
		rc = -EIO;
	else
		rc = documents_walk(m, kind, filter, options, fn, arg, w, err);
	if (rc != 0) {
		push_server_close(m->server);
		m->server = NULL;
	}
	bson_destroy(filter);
	bson_destroy(options);
	return rc;
}

static int64_t
time_i64(uint64_t us)
{
	return us > INT64_MAX ? INT64_MAX : (int64_t)us;
}

// Results of a query whose windows end in [from, to), newest first.
static bson_t *
results_filter(const struct history_mongodb *m, const char *query, uint64_t from_us, uint64_t to_us)
{
	return BCON_NEW("appliance", BCON_UTF8(m->appliance), "query", BCON_UTF8(query),
		"window.end_us", "{", "$gte", BCON_INT64(time_i64(from_us)), "$lt",
		BCON_INT64(time_i64(to_us)), "}");
}

static bool
number_at(const bson_t *doc, const char *path, uint64_t *ret)
{
	bson_iter_t it, found;
	int64_t v;

	if (!bson_iter_init(&it, doc) || !bson_iter_find_descendant(&it, path, &found) ||
			!BSON_ITER_HOLDS_NUMBER(&found))
		return false;
	v = bson_iter_as_int64(&found);
	*ret = v > 0 ? (uint64_t)v : 0;
	return true;
}

static const char *
text_at(const bson_t *doc, const char *key)
{
	bson_iter_t it;

	return bson_iter_init_find(&it, doc, key) && BSON_ITER_HOLDS_UTF8(&it) ?
		bson_iter_utf8(&it, NULL) : NULL;
}

struct page_walk {
	struct history_mongodb *mongodb;
	struct history_page *page;
};

static void
page_take(struct page_walk *walk, const bson_t *doc, uint64_t us, const char *host)
{
	struct json_out *json = &walk->mongodb->json;

	json_out_reset(json);
	if (!bson_json_write(json, doc) || json->failed)
		walk->page->unreadable++;
	else
		history_page_add(walk->page, json->data, us, host);
}

static bool
result_take(void *arg, const bson_t *doc)
{
	struct page_walk *walk = arg;
	uint64_t end_us;

	if (number_at(doc, "window.end_us", &end_us))
		page_take(walk, doc, end_us, NULL);
	else
		walk->page->unreadable++;
	return !walk->page->full;
}

static int
mongodb_results(void *source, const struct store_query *q, struct history_page *p,
	const struct history_watch *w, struct error *err)
{
	struct page_walk walk = {source, p};

	return find_run(walk.mongodb, DOCUMENT_RESULT,
		results_filter(walk.mongodb, q->query, q->from_us, q->to_us),
		BCON_NEW("sort", "{", "window.end_us", BCON_INT32(-1), "}", "limit",
			BCON_INT64(p->wanted), "batchSize", BCON_INT32(BATCH)),
		result_take, &walk, w, err);
}

static bool
total_take(void *arg, const bson_t *doc)
{
	struct page_walk *walk = arg;
	const char *host = text_at(doc, "host");
	bson_iter_t it;

	if (host == NULL || !bson_iter_init_find(&it, doc, "start") ||
			!BSON_ITER_HOLDS_DATE_TIME(&it) || bson_iter_date_time(&it) < 0)
		walk->page->unreadable++;
	else
		page_take(walk, doc, (uint64_t)bson_iter_date_time(&it) * 1000, host);
	return !walk->page->full;
}

// Days from q->from_us to q->to_us; of the first one hosts after q->after_host. `end` is indexed: a
// day ends DAY_MS after it begins.
#define DAY_MS INT64_C(86400000)

static bson_t *
daily_filter(const struct history_mongodb *m, const struct store_daily_query *q)
{
	const int64_t from_ms = time_i64(q->from_us / 1000), to_ms = time_i64(q->to_us / 1000);
	bson_t *filter = BCON_NEW("appliance", BCON_UTF8(m->appliance), "end", "{", "$gte",
		BCON_DATE_TIME(from_ms + DAY_MS), "$lte", BCON_DATE_TIME(to_ms + DAY_MS), "}");

	if (q->host[0] != '\0')
		BCON_APPEND(filter, "host", BCON_UTF8(q->host));
	if (q->after_host[0] != '\0')
		BCON_APPEND(filter, "$or", "[", "{", "end", "{", "$gt",
			BCON_DATE_TIME(from_ms + DAY_MS), "}", "}", "{", "host", "{", "$gt",
			BCON_UTF8(q->after_host), "}", "}", "]");
	return filter;
}

static int
mongodb_daily(void *source, const struct store_daily_query *q, struct history_page *p,
	const struct history_watch *w, struct error *err)
{
	struct page_walk walk = {source, p};

	return find_run(walk.mongodb, DOCUMENT_DAILY, daily_filter(walk.mongodb, q),
		BCON_NEW("sort", "{", "end", BCON_INT32(1), "host", BCON_INT32(1), "}", "limit",
			BCON_INT64(p->wanted), "batchSize", BCON_INT32(BATCH)),
		total_take, &walk, w, err);
}

struct series_walk {
	struct series *series;
	const char *key;
};

static bool
row_value(bson_iter_t *row, const char *key, uint64_t *ret)
{
	bool found = false, valued = false;
	bson_iter_t it;

	if (!BSON_ITER_HOLDS_DOCUMENT(row) || !bson_iter_recurse(row, &it))
		return false;
	while (bson_iter_next(&it)) {
		if (strcmp(bson_iter_key(&it), "key") == 0 && BSON_ITER_HOLDS_UTF8(&it))
			found = strcmp(bson_iter_utf8(&it, NULL), key) == 0;
		if (strcmp(bson_iter_key(&it), "value") == 0 && BSON_ITER_HOLDS_NUMBER(&it)) {
			*ret = (uint64_t)RTE_MAX(bson_iter_as_int64(&it), INT64_C(0));
			valued = true;
		}
	}
	return found && valued;
}

static bool
key_value(const bson_t *doc, const char *key, uint64_t *ret)
{
	bson_iter_t it, row;

	if (!bson_iter_init_find(&it, doc, "rows") || !BSON_ITER_HOLDS_ARRAY(&it) ||
			!bson_iter_recurse(&it, &row))
		return false;
	while (bson_iter_next(&row)) {
		if (row_value(&row, key, ret))
			return true;
	}
	return false;
}

static bool
point_take(void *arg, const bson_t *doc)
{
	struct series_walk *walk = arg;
	uint64_t end_us, start_us = 0, value;
	const char *metric = text_at(doc, "metric");

	if (!number_at(doc, "window.end_us", &end_us))
		return true;
	number_at(doc, "window.start_us", &start_us);
	if (walk->series->newest_us == 0)
		series_describe(walk->series, end_us, end_us > start_us ? end_us - start_us : 0,
			metric != NULL ? metric : "");
	series_add(walk->series, end_us, key_value(doc, walk->key, &value) ? &value : NULL);
	return true;
}

static int
mongodb_series(void *source, const struct store_series_query *q, struct series *s,
	const struct history_watch *w, struct error *err)
{
	struct series_walk walk = {s, q->key};
	struct history_mongodb *m = source;

	return find_run(m, DOCUMENT_RESULT, results_filter(m, q->query, q->from_us, q->to_us),
		BCON_NEW("sort", "{", "window.end_us", BCON_INT32(-1), "}", "projection", "{",
			"metric", BCON_INT32(1), "window", BCON_INT32(1), "rows.key",
			BCON_INT32(1), "rows.value", BCON_INT32(1), "}", "batchSize",
			BCON_INT32(BATCH)),
		point_take, &walk, w, err);
}

const struct history_source_ops history_mongodb_ops = {
	.name = "mongodb",
	.results = mongodb_results,
	.daily = mongodb_daily,
	.series = mongodb_series,
};
