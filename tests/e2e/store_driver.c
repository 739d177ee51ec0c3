/* SPDX-License-Identifier: BSD-3-Clause */
// Drives lib/store for tests/e2e/test_mongodb.py, and looks at what arrived on the server.
//
//   store_driver run STORE_URI PUSH_URI APPLIANCE   commands on stdin, one answer line each:
//     put FROM TO          store results FROM .. TO - 1, and an alert for every tenth
//     hostile              store a result whose keys servers and drivers dislike
//     nested               store a result with arrays in arrays, which some servers refuse
//     wait FIELD N S       until pushed, failures, rejected >= N or outbox <= N, at most S seconds
//     state                the two states
//     list                 how long a list of the newest result takes, in ms
//     quit MS              close the store, waiting for the server at most MS
//   store_driver check URI APPLIANCE N              results 0 .. N - 1 are there, once, well typed
//   store_driver drop URI                           delete the database
#include <inttypes.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mongoc/mongoc.h>

#include "base/clock.h"
#include "base/json_out.h"
#include "store/store.h"

#define QUERY "ip-topk"
#define EPOCH_US UINT64_C(1700000000000000)
#define BEYOND_DOUBLE UINT64_C(9007199254740993)  // 2^53 + 1: no double holds it
#define DATABASE "weir"

static void
rows_write(struct json_out *o, uint64_t seq)
{
	json_out_key(o, "rows");
	json_out_open(o, '[');
	json_out_open(o, '{');
	json_out_key_str(o, "key", "10.1.2.3");
	json_out_key_u64(o, "value", seq);
	json_out_key_f64(o, "share", (double)(seq % 3) / 2);  // 0, 0.5 and 1
	json_out_key_f64(o, "z", (double)seq);
	json_out_close(o, '}');
	json_out_close(o, ']');
}

static void
result_write(struct json_out *o, uint64_t seq, uint64_t end_us)
{
	json_out_open(o, '{');
	json_out_key_str(o, "type", "result");
	json_out_key_str(o, "query", QUERY);
	json_out_key_u64(o, "seq", seq);
	json_out_key(o, "window");
	json_out_open(o, '{');
	json_out_key_u64(o, "start_us", end_us - CLOCK_US_PER_S);
	json_out_key_u64(o, "end_us", end_us);
	json_out_close(o, '}');
	json_out_key(o, "total");
	json_out_open(o, '{');
	json_out_key_u64(o, "bytes", BEYOND_DOUBLE + seq);
	json_out_key_u64(o, "packets", 0);
	json_out_close(o, '}');
	json_out_key(o, "stats");
	json_out_open(o, '{');
	json_out_key_f64(o, "mean", 2);
	json_out_key_f64(o, "sigma", 0);
	json_out_close(o, '}');
	rows_write(o, seq);
	json_out_close(o, '}');
}

static void
put(struct store *s, enum document_kind kind, const char *query, uint64_t end_us, const char *json)
{
	struct document *d = document_create(kind, query,
		kind == DOCUMENT_ALERT ? end_us : end_us - CLOCK_US_PER_S, end_us, json,
		strlen(json));

	while (d != NULL && store_put(s, d) != 0)
		usleep(1000);
	document_put(d);
}

static void
put_range(struct store *s, uint64_t from, uint64_t to)
{
	struct json_out o = {0};

	for (; from < to; from++) {
		uint64_t end_us = EPOCH_US + from * CLOCK_US_PER_S;
		char alert[128];

		json_out_reset(&o);
		result_write(&o, from, end_us);
		put(s, DOCUMENT_RESULT, QUERY, end_us, o.data);
		if (from % 10 != 0)
			continue;
		snprintf(alert, sizeof(alert), "{\"type\":\"alert\",\"query\":\"" QUERY "\","
			"\"key\":\"10.0.0.1\",\"value\":%" PRIu64 ",\"state\":\"raised\"}", from);
		put(s, DOCUMENT_ALERT, QUERY, end_us, alert);
	}
	json_out_free(&o);
	printf("ok\n");
}

static void
put_hostile(struct store *s)
{
	put(s, DOCUMENT_RESULT, "hostile", EPOCH_US, "{\"$where\":\"sleep(1000)\","
		"\"a.b\":{\"$oid\":\"x\"},\"\":1,\"_id\":{\"$ne\":1},"
		"\"n\":1e999,\"m\":-0.0,\"nul\":\"a\\u0000b\","
		"\"deep\":{\"a\":{\"b\":[{}]}},\"$set\":{\"x\":{\"$inc\":1}}}");
	printf("ok\n");
}

static void
put_nested(struct store *s)
{
	put(s, DOCUMENT_RESULT, "nested", EPOCH_US, "{\"a\":[[1],[2]]}");
	printf("ok\n");
}

static bool
reached(const struct store_stats *st, const char *field, uint64_t n)
{
	if (strcmp(field, "pushed") == 0)
		return st->pushed >= n;
	if (strcmp(field, "failures") == 0)
		return st->push_failures >= n;
	if (strcmp(field, "rejected") == 0)
		return st->push_rejected >= n;
	if (strcmp(field, "outbox") == 0)
		return st->queued == 0 && st->outbox <= n;
	return false;
}

static void
wait_for(struct store *s, const char *field, uint64_t n, uint64_t seconds)
{
	const uint64_t end_us = clock_monotonic_us() + seconds * CLOCK_US_PER_S;
	struct store_stats st;

	do {
		store_stats_get(s, &st);
		if (reached(&st, field, n)) {
			printf("ok stored %" PRIu64 " pushed %" PRIu64 " outbox %" PRIu64
				" failures %" PRIu64 " rejected %" PRIu64 " lost %" PRIu64
				" dropped %" PRIu64 " connected %d\n", st.stored,
				st.pushed, st.outbox, st.push_failures,
				st.push_rejected, st.outbox_lost, st.dropped,
				st.push_connected);
			return;
		}
		usleep(10000);
	} while (clock_monotonic_us() < end_us);
	printf("timeout: stored %" PRIu64 " pushed %" PRIu64 " outbox %" PRIu64 " failures %" PRIu64
		" state %s push %s\n", st.stored, st.pushed, st.outbox, st.push_failures, st.state,
		st.push_state);
}

static void
replied(void *arg, int rc, const char *json)
{
	(void)rc, (void)json;
	sem_post(arg);
}

static void
list_time(struct store *s)
{
	const struct store_query q = {.to_us = UINT64_MAX, .limit = 1};
	uint64_t began_us = clock_monotonic_us();
	sem_t done;

	sem_init(&done, 0, 0);
	if (store_results_list(s, &q, replied, &done) == 0) {
		while (sem_wait(&done) != 0)
			;
		printf("ok %.1f\n", (double)(clock_monotonic_us() - began_us) / 1000);
	} else {
		printf("refused\n");
	}
	sem_destroy(&done);
}

static void
state_print(struct store *s)
{
	struct store_stats st;

	store_stats_get(s, &st);
	printf("ok store: %s; push: %s\n", st.state, st.push_state);
}

static int
run(const char *store_uri, const char *push_uri, const char *appliance)
{
	const struct store_params p = {.uri = store_uri, .push_uri = push_uri,
		.appliance = appliance, .queue_size = 4096};
	struct error err = {0};
	struct store *s = store_open(&p, &err);
	uint64_t a, b, began_us;
	char line[128], field[32];

	if (s == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (sscanf(line, "put %" SCNu64 " %" SCNu64, &a, &b) == 2)
			put_range(s, a, b);
		else if (strcmp(line, "hostile\n") == 0)
			put_hostile(s);
		else if (strcmp(line, "nested\n") == 0)
			put_nested(s);
		else if (sscanf(line, "wait %31s %" SCNu64 " %" SCNu64, field, &a, &b) == 3)
			wait_for(s, field, a, b);
		else if (strcmp(line, "list\n") == 0)
			list_time(s);
		else if (strcmp(line, "state\n") == 0)
			state_print(s);
		else if (sscanf(line, "quit %" SCNu64, &a) == 1)
			break;
		else
			printf("what?\n");
		fflush(stdout);
	}
	began_us = clock_monotonic_us();
	store_close(s, (unsigned int)a);
	printf("ok %.1f\n", (double)(clock_monotonic_us() - began_us) / 1000);
	return 0;
}

static bool
typed(const bson_t *doc, const char *path, bson_type_t type)
{
	bson_iter_t it, found;

	if (bson_iter_init(&it, doc) && bson_iter_find_descendant(&it, path, &found) &&
			bson_iter_type(&found) == type)
		return true;
	fprintf(stderr, "%s is missing or not of BSON type 0x%02x\n", path, type);
	return false;
}

static int64_t
integer(const bson_t *doc, const char *path)
{
	bson_iter_t it, found;

	return bson_iter_init(&it, doc) && bson_iter_find_descendant(&it, path, &found) ?
		bson_iter_as_int64(&found) : -1;
}

static bool
result_is_right(const bson_t *doc, const char *appliance, int64_t *ret_seq)
{
	const int64_t seq = integer(doc, "seq");
	const uint64_t end_us = EPOCH_US + (uint64_t)seq * CLOCK_US_PER_S;
	bson_iter_t it;
	char id[128];

	snprintf(id, sizeof(id), "%s/" QUERY "/%" PRIu64, appliance, end_us);
	*ret_seq = seq;
	return typed(doc, "_id", BSON_TYPE_UTF8) && bson_iter_init_find(&it, doc, "_id") &&
		strcmp(bson_iter_utf8(&it, NULL), id) == 0 &&
		typed(doc, "seq", BSON_TYPE_INT64) &&
		typed(doc, "start", BSON_TYPE_DATE_TIME) &&
		typed(doc, "end", BSON_TYPE_DATE_TIME) &&
		bson_iter_init_find(&it, doc, "end") &&
		bson_iter_date_time(&it) == (int64_t)(end_us / 1000) &&
		typed(doc, "window.end_us", BSON_TYPE_INT64) &&
		integer(doc, "window.end_us") == (int64_t)end_us &&
		typed(doc, "total.packets", BSON_TYPE_INT64) &&
		typed(doc, "total.bytes", BSON_TYPE_INT64) &&
		integer(doc, "total.bytes") == (int64_t)BEYOND_DOUBLE + seq &&
		typed(doc, "stats.mean", BSON_TYPE_DOUBLE) &&
		typed(doc, "stats.sigma", BSON_TYPE_DOUBLE) &&
		typed(doc, "rows.0.share", BSON_TYPE_DOUBLE) &&
		typed(doc, "rows.0.z", BSON_TYPE_DOUBLE) &&
		typed(doc, "rows.0.value", BSON_TYPE_INT64);
}

static mongoc_client_t *
client_open(const char *uri_text, const char **ret_database)
{
	mongoc_uri_t *uri = mongoc_uri_new(uri_text);
	mongoc_client_t *client;

	if (uri == NULL)
		exit(2);
	client = mongoc_client_new_from_uri(uri);
	*ret_database = mongoc_uri_get_database(mongoc_client_get_uri(client));
	if (*ret_database == NULL)
		*ret_database = DATABASE;
	mongoc_uri_destroy(uri);
	return client;
}

// Go through a collection; results (seen != NULL) are checked, all are counted.
static int64_t
collection_count(mongoc_client_t *client, const char *database, const char *name,
	const char *appliance, const char *query, uint8_t *seen, int64_t n)
{
	mongoc_collection_t *c = mongoc_client_get_collection(client, database, name);
	bson_t *filter = BCON_NEW("appliance", BCON_UTF8(appliance), "query", BCON_UTF8(query));
	mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(c, filter, NULL, NULL);
	const bson_t *doc;
	bson_error_t e;
	int64_t count = 0, seq;

	while (mongoc_cursor_next(cursor, &doc)) {
		count++;
		if (seen == NULL)
			continue;
		if (!result_is_right(doc, appliance, &seq) || seq < 0 || seq >= n || seen[seq]++) {
			fprintf(stderr, "wrong or twice: %s\n", bson_as_relaxed_extended_json(doc,
				NULL));
			exit(1);
		}
	}
	if (mongoc_cursor_error(cursor, &e)) {
		fprintf(stderr, "%s: %s\n", name, e.message);
		exit(1);
	}
	mongoc_cursor_destroy(cursor);
	bson_destroy(filter);
	mongoc_collection_destroy(c);
	return count;
}

static int
check(const char *uri, const char *appliance, int64_t n)
{
	uint8_t *seen = calloc((size_t)n + 1, 1);
	const char *database;
	mongoc_client_t *client = client_open(uri, &database);
	int64_t results, alerts;

	if (seen == NULL)
		return 1;
	results = collection_count(client, database, "results", appliance, QUERY, seen, n);
	alerts = collection_count(client, database, "alerts", appliance, QUERY, NULL, n);
	printf("results %" PRId64 " alerts %" PRId64 "\n", results, alerts);
	mongoc_client_destroy(client);
	free(seen);
	return results == n && alerts == (n + 9) / 10 ? 0 : 1;
}

static int
drop(const char *uri)
{
	const char *name;
	mongoc_client_t *client = client_open(uri, &name);
	mongoc_database_t *database = mongoc_client_get_database(client, name);
	bson_error_t e;
	bool ok = mongoc_database_drop(database, &e);

	if (!ok)
		fprintf(stderr, "%s\n", e.message);
	mongoc_database_destroy(database);
	mongoc_client_destroy(client);
	return ok ? 0 : 1;
}

int
main(int argc, char **argv)
{
	mongoc_init();
	mongoc_log_set_handler(NULL, NULL);
	if (argc == 5 && strcmp(argv[1], "run") == 0)
		return run(argv[2], argv[3], argv[4]);
	if (argc == 5 && strcmp(argv[1], "check") == 0)
		return check(argv[2], argv[3], strtoll(argv[4], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "drop") == 0)
		return drop(argv[2]);
	fprintf(stderr, "usage: store_driver run|check|drop ...\n");
	return 2;
}
