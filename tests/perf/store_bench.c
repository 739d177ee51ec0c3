/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How many results a second the store takes, as documents of the demo's kind (ten rows).
 *
 *   store_bench sqlite FOLDER N         N results through the store into an SQLite file
 *   store_bench mongodb URI N [ROUNDS]  a bare libmongoc loop (the same documents, the same bulks of
 *                                       1,000, unordered, majority) and then the store, in turns
 *                                       against the same server; each into collections of its own
 *
 * One JSON object on stdout. The bare loop encodes beforehand, so that it is the server's limit.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mongoc/mongoc.h>

#include "base/clock.h"
#include "base/json_out.h"
#include "store/push_document.h"
#include "store/store.h"

#define BULK 1000
#define ROUNDS 3
#define QUEUE 65536

static struct document *
result_make(uint64_t n, struct json_out *o)
{
	const uint64_t end_us = UINT64_C(1700000000000000) + n * CLOCK_US_PER_S;
	unsigned int i;

	json_out_reset(o);
	json_out_open(o, '{');
	json_out_key_str(o, "type", "result");
	json_out_key_str(o, "query", "ip-topk");
	json_out_key_u64(o, "seq", n);
	json_out_key_str(o, "key", "ip");
	json_out_key_str(o, "metric", "bytes");
	json_out_key(o, "op");
	json_out_raw(o, "{\"type\":\"topk\",\"k\":10}");
	json_out_key(o, "window");
	json_out_open(o, '{');
	json_out_key_u64(o, "start_us", end_us - 10 * CLOCK_US_PER_S);
	json_out_key_u64(o, "end_us", end_us);
	json_out_close(o, '}');
	json_out_key_bool(o, "exact", true);
	json_out_key(o, "rows");
	json_out_open(o, '[');
	for (i = 0; i < 10; i++) {
		char key[32];

		snprintf(key, sizeof(key), "10.%u.%u.%u", i, (unsigned int)(n % 200),
			(unsigned int)(n * 7 % 250));
		json_out_open(o, '{');
		json_out_key_str(o, "key", key);
		json_out_key_u64(o, "value", 114767048 / (i + 1) + n * 977);
		json_out_key_f64(o, "share", 0.16 / (i + 1) + 1e-9 * (double)n);
		json_out_key_u64(o, "error", 0);
		json_out_key_f64(o, "z", 58.09 / (i + 1) + 1e-9 * (double)n);
		json_out_close(o, '}');
	}
	json_out_close(o, ']');
	json_out_close(o, '}');
	return document_create(DOCUMENT_RESULT, "ip-topk", end_us - 10 * CLOCK_US_PER_S, end_us,
		o->data, o->len);
}

static struct document **
results_make(uint64_t n)
{
	struct document **docs = calloc(n, sizeof(*docs));
	struct json_out o = {0};
	uint64_t i;

	for (i = 0; docs != NULL && i < n; i++) {
		docs[i] = result_make(i, &o);
		if (docs[i] == NULL)
			exit(1);
	}
	json_out_free(&o);
	return docs;
}

static double
seconds_since(uint64_t began_us)
{
	return (double)(clock_monotonic_us() - began_us) / CLOCK_US_PER_S;
}

// Seconds from the first document to the last one committed, or acknowledged by the server.
static double
store_run(const struct store_params *p, struct document **docs, uint64_t n)
{
	struct error err = {0};
	struct store *s = store_open(p, &err);
	struct store_stats st = {0};
	uint64_t began_us = clock_monotonic_us(), i;
	double took;

	if (s == NULL) {
		fprintf(stderr, "store_bench: %s\n", err.text);
		exit(1);
	}
	for (i = 0; i < n; i++) {
		while (store_put(s, docs[i]) != 0)
			usleep(200);
	}
	while ((p->push_uri != NULL ? st.pushed : st.stored) < n) {
		usleep(1000);
		store_stats_get(s, &st);
		if (st.push_rejected > 0 || seconds_since(began_us) > 200) {
			fprintf(stderr, "store_bench: not delivered: %s\n", st.push_state);
			exit(1);
		}
	}
	took = seconds_since(began_us);
	store_close(s, 0);
	return took;
}

static double
bare_run(const char *uri, unsigned int round, struct document **docs, uint64_t n)
{
	mongoc_client_t *client = mongoc_client_new(uri);
	bson_t *encoded = calloc(n, sizeof(*encoded)), options = BSON_INITIALIZER;
	mongoc_collection_t *c;
	char name[32], appliance[32];
	struct error err;
	uint64_t i, k, began_us;
	double took;

	snprintf(name, sizeof(name), "bare_%u", round);
	snprintf(appliance, sizeof(appliance), "bare-%u", round);
	for (i = 0; i < n; i++) {
		bson_init(&encoded[i]);
		if (push_document_encode(docs[i], appliance, &encoded[i], &err) != 0)
			exit(1);
	}
	c = mongoc_client_get_collection(client, "weir_bench", name);
	BCON_APPEND(&options, "ordered", BCON_BOOL(false), "writeConcern", "{", "w",
		BCON_UTF8("majority"), "}");
	began_us = clock_monotonic_us();
	for (i = 0; i < n; i += BULK) {
		mongoc_bulk_operation_t *bulk =
			mongoc_collection_create_bulk_operation_with_opts(c, &options);
		bson_error_t e;

		for (k = i; k < i + BULK && k < n; k++)
			mongoc_bulk_operation_insert(bulk, &encoded[k]);
		if (mongoc_bulk_operation_execute(bulk, NULL, &e) == 0) {
			fprintf(stderr, "store_bench: bare loop: %s\n", e.message);
			exit(1);
		}
		mongoc_bulk_operation_destroy(bulk);
	}
	took = seconds_since(began_us);
	for (i = 0; i < n; i++)
		bson_destroy(&encoded[i]);
	free(encoded);
	bson_destroy(&options);
	mongoc_collection_destroy(c);
	mongoc_client_destroy(client);
	return took;
}

static int
mongodb_bench(const char *uri, uint64_t n, unsigned int rounds)
{
	struct document **docs = results_make(n);
	double bare = 0, weir = 0;
	unsigned int i;

	mongoc_init();
	for (i = 0; i < rounds; i++) {
		char appliance[32];
		struct store_params p = {.uri = "none", .push_uri = uri, .appliance = appliance,
			.queue_size = QUEUE};

		snprintf(appliance, sizeof(appliance), "bench-%u", i);
		bare += bare_run(uri, i, docs, n);
		weir += store_run(&p, docs, n);
	}
	printf("{\"bench\":\"mongodb\",\"documents\":%" PRIu64 ",\"rounds\":%u,\"bare_per_s\":%.0f,"
		"\"weir_per_s\":%.0f,\"ratio\":%.3f}\n", n, rounds, (double)n * rounds / bare,
		(double)n * rounds / weir, bare / weir);
	return 0;
}

static int
sqlite_bench(const char *folder, uint64_t n)
{
	struct document **docs = results_make(n);
	char uri[4096];
	const struct store_params p = {.uri = uri, .appliance = "bench", .queue_size = QUEUE};
	double took;

	snprintf(uri, sizeof(uri), "sqlite:%s/bench.db", folder);
	took = store_run(&p, docs, n);
	printf("{\"bench\":\"sqlite\",\"documents\":%" PRIu64 ",\"bytes\":%zu,\"per_s\":%.0f}\n", n,
		docs[0]->len, (double)n / took);
	return 0;
}

int
main(int argc, char **argv)
{
	uint64_t n = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;

	if (argc >= 4 && n > 0 && strcmp(argv[1], "sqlite") == 0)
		return sqlite_bench(argv[2], n);
	if (argc >= 4 && n > 0 && strcmp(argv[1], "mongodb") == 0)
		return mongodb_bench(argv[2], n, argc > 4 ? (unsigned int)atoi(argv[4]) : ROUNDS);
	fprintf(stderr, "usage: store_bench sqlite FOLDER N | mongodb URI N [ROUNDS]\n");
	return 2;
}
