/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/push_index.h"

#include <errno.h>

#include <rte_common.h>

#include "base/log.h"
#include "store/push_document.h"

#define OPTIONS_CONFLICT 85  // IndexOptionsConflict: the same keys with another expireAfterSeconds

struct index_row {
	enum document_kind kind;
	const char *name;
	const char *first;   // ascending, NULL none
	const char *second;
	const char *last;    // the time
	int direction;       // of it
};

static const struct index_row rows[] = {
	{DOCUMENT_RESULT, "query_end", "query", NULL, "end", -1},
	// Pages and series (history_mongodb.c): exact to the microsecond, which a date is not.
	{DOCUMENT_RESULT, "appliance_query_end_us", "appliance", "query", "window.end_us", -1},
	{DOCUMENT_ALERT, "query_end", "query", NULL, "end", -1},
	{DOCUMENT_DAILY, "host_end", "host", NULL, "end", -1},
	{DOCUMENT_DAILY, "appliance_host_end", "appliance", "host", "end", -1},
	{DOCUMENT_DAILY, "appliance_end", "appliance", NULL, "end", 1},
	{DOCUMENT_FLOW, "appliance_end", "appliance", NULL, "end", -1},
};

static bool
index_create(mongoc_client_t *client, const char *database, const struct index_row *row,
	int64_t expire_s, bson_error_t *e)
{
	bson_t command = BSON_INITIALIZER, indexes, index, key;
	bool ok;

	bson_append_utf8(&command, "createIndexes", -1, push_collection(row->kind), -1);
	bson_append_array_begin(&command, "indexes", -1, &indexes);
	bson_append_document_begin(&indexes, "0", -1, &index);
	bson_append_document_begin(&index, "key", -1, &key);
	if (row->first != NULL)
		bson_append_int32(&key, row->first, -1, 1);
	if (row->second != NULL)
		bson_append_int32(&key, row->second, -1, 1);
	bson_append_int32(&key, row->last, -1, row->direction);
	bson_append_document_end(&index, &key);
	bson_append_utf8(&index, "name", -1, row->name, -1);
	if (expire_s > 0)
		bson_append_int64(&index, "expireAfterSeconds", -1, expire_s);
	bson_append_document_end(&indexes, &index);
	bson_append_array_end(&command, &indexes);
	ok = mongoc_client_write_command_with_opts(client, database, &command, NULL, NULL, e);
	bson_destroy(&command);
	return ok;
}

static bool
expiry_change(mongoc_client_t *client, const char *database, const struct index_row *row,
	int64_t expire_s, bson_error_t *e)
{
	bson_t *command = BCON_NEW("collMod", BCON_UTF8(push_collection(row->kind)), "index", "{",
		"name", BCON_UTF8(row->name), "expireAfterSeconds", BCON_INT64(expire_s), "}");
	bool ok = mongoc_client_write_command_with_opts(client, database, command, NULL, NULL, e);

	bson_destroy(command);
	return ok;
}

// An answer of the server is no reason not to deliver.
static int
refusal_tell(bool ok, const struct index_row *row, const bson_error_t *e)
{
	if (ok)
		return 0;
	if (e->domain != MONGOC_ERROR_SERVER && e->domain != MONGOC_ERROR_QUERY)
		return -EIO;
	log_warning("push", "no index \"%s\" of %s: %s", row->name, push_collection(row->kind),
		e->message);
	return 0;
}

static int
expiry_make(mongoc_client_t *client, const char *database, enum document_kind kind,
	int64_t expire_s, bson_error_t *e)
{
	const struct index_row row = {kind, "end_expires", NULL, NULL, "end", 1};
	bool ok = index_create(client, database, &row, expire_s, e);

	if (!ok && e->code == OPTIONS_CONFLICT)
		ok = expiry_change(client, database, &row, expire_s, e);
	return refusal_tell(ok, &row, e);
}

int
push_index_make(mongoc_client_t *client, const char *database, int64_t expire_s,
	bson_error_t *ret_error)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < RTE_DIM(rows) && rc == 0; i++)
		rc = refusal_tell(index_create(client, database, &rows[i], 0, ret_error), &rows[i],
			ret_error);
	for (i = 0; i < DOCUMENT_KINDS && rc == 0 && expire_s > 0; i++) {
		if (push_collection(i) != NULL)
			rc = expiry_make(client, database, i, expire_s, ret_error);
	}
	return rc;
}
