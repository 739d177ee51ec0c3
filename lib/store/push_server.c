/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/push_server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "base/log.h"
#include "store/push_document.h"
#include "store/push_index.h"

#define MAJORITY_MS 10000  // how long the server waits for a majority before it says so

struct push_server {
	mongoc_client_t *client;
	const mongoc_uri_t *uri;  // borrowed
	const char *appliance;    // borrowed
	char database[128];
	bson_t bulk_options;
	bson_t insert_options;
};

// A bulk in the making: which row of the batch each of its operations is.
struct bulk {
	mongoc_bulk_operation_t *op;
	uint32_t n;
	uint16_t rows[PUSH_BATCH_ROWS];
};

static void
scrub(char *text, const char *secret)
{
	size_t n = secret == NULL ? 0 : strlen(secret);
	char *at;

	while (n > 0 && (at = strstr(text, secret)) != NULL) {
		memset(at, '*', n);
		if (strspn(secret, "*") == n)
			return;
	}
}

// libmongoc's messages hold no secrets that we know of; servers' messages are anybody's.
int
push_server_fault(const struct push_server *s, const bson_error_t *e, struct error *err)
{
	char text[sizeof(e->message)];

	snprintf(text, sizeof(text), "%s", e->message[0] != '\0' ? e->message : "unknown fault");
	scrub(text, mongoc_uri_get_password(s->uri));
	scrub(text, mongoc_uri_get_option_as_utf8(s->uri,
		MONGOC_URI_TLSCERTIFICATEKEYFILEPASSWORD, NULL));
	return error_set(err, -EIO, "%.400s", text);
}

struct push_server *
push_server_open(const mongoc_uri_t *uri, const char *appliance, struct error *err)
{
	const char *database = mongoc_uri_get_database(uri);
	struct push_server *s = calloc(1, sizeof(*s));
	bson_error_t e = {0};

	if (s == NULL) {
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	s->uri = uri;
	s->appliance = appliance;
	snprintf(s->database, sizeof(s->database), "%s",
		database == NULL || database[0] == '\0' ? PUSH_DATABASE : database);
	s->client = mongoc_client_new_from_uri_with_error(uri, &e);
	if (s->client == NULL) {
		push_server_fault(s, &e, err);
		free(s);
		return NULL;
	}
	mongoc_client_set_error_api(s->client, MONGOC_ERROR_API_VERSION_2);
	mongoc_client_set_appname(s->client, "weir");
	bson_init(&s->bulk_options);
	BCON_APPEND(&s->bulk_options, "ordered", BCON_BOOL(false), "writeConcern", "{", "w",
		BCON_UTF8("majority"), "wtimeout", BCON_INT32(MAJORITY_MS), "}");
	bson_init(&s->insert_options);
	// Keys and UTF-8 were seen to by json_bson.c.
	BCON_APPEND(&s->insert_options, "validate", BCON_BOOL(false));
	return s;
}

void
push_server_close(struct push_server *s)
{
	if (s == NULL)
		return;
	mongoc_client_destroy(s->client);
	bson_destroy(&s->bulk_options);
	bson_destroy(&s->insert_options);
	free(s);
}

mongoc_collection_t *
push_server_collection(struct push_server *s, enum document_kind k)
{
	return mongoc_client_get_collection(s->client, s->database, push_collection(k));
}

int
push_server_ping(struct push_server *s, struct error *err)
{
	bson_t *ping = BCON_NEW("ping", BCON_INT32(1));
	bson_error_t e = {0};
	bool ok = mongoc_client_command_simple(s->client, s->database, ping, NULL, NULL, &e);

	bson_destroy(ping);
	return ok ? 0 : push_server_fault(s, &e, err);
}

int
push_server_index(struct push_server *s, int64_t expire_s, struct error *err)
{
	bson_error_t e = {0};

	return push_index_make(s->client, s->database, expire_s, &e) == 0 ? 0 :
		push_server_fault(s, &e, err);
}

// Codes by which a server says that this document is at fault; for any other the same document may
// be taken later.
static bool
code_rejects(int32_t code)
{
	static const int32_t codes[] = {
		2,      // BadValue
		9,      // FailedToParse
		14,     // TypeMismatch
		15,     // Overflow (nested too deep)
		22,     // InvalidBSON
		52,     // DollarPrefixedFieldName
		53,     // InvalidIdField
		57,     // DottedFieldName
		121,    // DocumentValidationFailure
		10334,  // BSONObjectTooLarge
		17280,  // KeyTooLong
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(codes) && codes[i] != code; i++)
		;
	return i < RTE_DIM(codes);
}

static void
row_reject(struct push_batch *b, uint32_t row, const char *reason)
{
	const struct document *d = b->rows[row].document;

	b->outcomes[row] = PUSH_REJECTED;
	log_warning("push", "a document of query \"%s\" cannot be delivered: %s", d->name, reason);
}

// Absolute values: the newest document of an _id takes the place of the one before. A sharded
// collection wants its shard key in the selector (config/mongodb/shard.js); the _id says the
// same.
static bool
selector_append(bson_t *selector, const bson_t *doc)
{
	static const char *const names[] = {"_id", "appliance", "host", "end"};
	bson_iter_t it;
	unsigned int i;

	for (i = 0; i < RTE_DIM(names); i++) {
		if (!bson_iter_init_find(&it, doc, names[i]) ||
				!bson_append_iter(selector, NULL, 0, &it))
			return false;
	}
	return true;
}

static bool
replace_append(struct bulk *k, const bson_t *doc, bson_error_t *e)
{
	bson_t selector = BSON_INITIALIZER, options = BSON_INITIALIZER;
	bool ok = selector_append(&selector, doc) &&
		bson_append_bool(&options, "upsert", -1, true) &&
		mongoc_bulk_operation_replace_one_with_opts(k->op, &selector, doc, &options, e);

	bson_destroy(&options);
	bson_destroy(&selector);
	return ok;
}

// The order within an unordered bulk is the server's: of several versions only the newest may go.
static bool
row_is_superseded(const struct push_batch *b, uint32_t most, uint32_t i)
{
	const struct document *d = b->rows[i].document;
	uint32_t j;

	for (j = i + 1; d->kind == DOCUMENT_DAILY && j < most; j++) {
		const struct document *next = b->rows[j].document;

		if (next->kind == d->kind && next->start_us == d->start_us &&
				strcmp(next->name, d->name) == 0)
			return true;
	}
	return false;
}

// Append row i; false where it could not be and is rejected.
static bool
bulk_append(struct push_server *s, struct bulk *k, struct push_batch *b, uint32_t i)
{
	bson_t doc = BSON_INITIALIZER;
	struct error fault = {0};
	bson_error_t e = {0};
	bool ok = false;

	if (push_document_encode(b->rows[i].document, s->appliance, &doc, &fault) != 0) {
		row_reject(b, i, fault.text);
		goto out;
	}
	if (b->rows[i].document->kind == DOCUMENT_DAILY)
		ok = replace_append(k, &doc, &e);
	else
		ok = mongoc_bulk_operation_insert_with_opts(k->op, &doc, &s->insert_options, &e);
	if (ok)
		k->rows[k->n++] = (uint16_t)i;
	else
		row_reject(b, i, e.message);
out:
	bson_destroy(&doc);
	return ok;
}

static int64_t
reply_count(const bson_t *reply, const char *key)
{
	bson_iter_t it;

	return bson_iter_init_find(&it, reply, key) ? bson_iter_as_int64(&it) : 0;
}

static uint32_t
reply_array_length(const bson_t *reply, const char *key)
{
	bson_iter_t it, item;
	uint32_t n = 0;

	if (!bson_iter_init_find(&it, reply, key) || !BSON_ITER_HOLDS_ARRAY(&it) ||
			!bson_iter_recurse(&it, &item))
		return 0;
	while (bson_iter_next(&item))
		n++;
	return n;
}

// One entry of writeErrors: {index, code, errmsg}.
static void
write_error_settle(const struct bulk *k, struct push_batch *b, bson_iter_t *entry)
{
	const char *reason = "no reason given";
	int64_t index = -1, code = 0;
	bson_iter_t it;

	if (!BSON_ITER_HOLDS_DOCUMENT(entry) || !bson_iter_recurse(entry, &it))
		return;
	while (bson_iter_next(&it)) {
		if (strcmp(bson_iter_key(&it), "index") == 0)
			index = bson_iter_as_int64(&it);
		else if (strcmp(bson_iter_key(&it), "code") == 0)
			code = bson_iter_as_int64(&it);
		else if (strcmp(bson_iter_key(&it), "errmsg") == 0 && BSON_ITER_HOLDS_UTF8(&it))
			reason = bson_iter_utf8(&it, NULL);
	}
	if (index < 0 || index >= k->n)
		return;
	if (code == 11000)  // DuplicateKey: an earlier attempt delivered it
		return;
	if (code_rejects((int32_t)code))
		row_reject(b, k->rows[index], reason);
	else
		b->outcomes[k->rows[index]] = PUSH_WAITING;
}

/*
 * After a failed bulk: a row counts as delivered only where the server accounted for every
 * operation and a majority has them; anything less leaves all of them waiting, and writing them
 * again changes nothing.
 */
static void
failure_settle(const struct bulk *k, struct push_batch *b, const bson_t *reply)
{
	const uint32_t errors = reply_array_length(reply, "writeErrors");
	bson_iter_t it, entry;
	uint32_t i;

	if (reply_count(reply, "nInserted") + reply_count(reply, "nMatched") +
			reply_count(reply, "nUpserted") + errors != k->n ||
			reply_array_length(reply, "writeConcernErrors") > 0)
		return;
	for (i = 0; i < k->n; i++)
		b->outcomes[k->rows[i]] = PUSH_DELIVERED;
	if (errors == 0 || !bson_iter_init_find(&it, reply, "writeErrors") ||
			!bson_iter_recurse(&it, &entry))
		return;
	while (bson_iter_next(&entry))
		write_error_settle(k, b, &entry);
}

static bool
bulk_is_settled(const struct bulk *k, const struct push_batch *b)
{
	uint32_t i;

	for (i = 0; i < k->n && b->outcomes[k->rows[i]] != PUSH_WAITING; i++)
		;
	return i == k->n;
}

static int
bulk_execute(struct push_server *s, struct bulk *k, struct push_batch *b, struct error *err)
{
	bson_error_t e = {0};
	bson_t reply;
	int rc = 0;
	uint32_t i;

	if (mongoc_bulk_operation_execute(k->op, &reply, &e) != 0) {
		for (i = 0; i < k->n; i++)
			b->outcomes[k->rows[i]] = PUSH_DELIVERED;
	} else {
		failure_settle(k, b, &reply);
		if (!bulk_is_settled(k, b))
			rc = push_server_fault(s, &e, err);
	}
	bson_destroy(&reply);
	return rc;
}

static int
kind_write(struct push_server *s, struct push_batch *b, uint32_t most, enum document_kind kind,
	struct error *err)
{
	mongoc_collection_t *collection = push_server_collection(s, kind);
	struct bulk k = {.n = 0};
	uint32_t i;
	int rc = 0;

	k.op = mongoc_collection_create_bulk_operation_with_opts(collection, &s->bulk_options);
	for (i = 0; i < most; i++) {
		if (b->rows[i].document->kind != kind)
			continue;
		if (row_is_superseded(b, most, i))
			b->outcomes[i] = PUSH_DELIVERED;  // by the one that follows, which waits
		else
			bulk_append(s, &k, b, i);
	}
	if (k.n > 0)
		rc = bulk_execute(s, &k, b, err);
	mongoc_bulk_operation_destroy(k.op);
	mongoc_collection_destroy(collection);
	return rc;
}

static void
outcomes_count(struct push_batch *b, uint32_t most)
{
	uint32_t i;

	b->delivered = b->rejected = 0;
	for (i = 0; i < most; i++) {
		b->delivered += b->outcomes[i] == PUSH_DELIVERED;
		b->rejected += b->outcomes[i] == PUSH_REJECTED;
	}
}

int
push_server_write(struct push_server *s, struct push_batch *b, uint32_t most, struct error *err)
{
	int rc = 0, k;
	uint32_t i;

	most = RTE_MIN(most, b->n);
	for (i = 0; i < b->n; i++) {
		b->outcomes[i] = PUSH_WAITING;
		if (i < most && push_collection(b->rows[i].document->kind) == NULL)
			row_reject(b, i, "this kind is not pushed");
	}
	for (k = 0; k < DOCUMENT_KINDS && rc == 0; k++) {
		if (push_collection(k) != NULL)
			rc = kind_write(s, b, most, k, err);
	}
	outcomes_count(b, most);
	return rc;
}
