/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/push_document.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/bson_json.h"
#include "store/json_bson.h"

#define DOCUMENT_BYTES_MAX (16 * 1024 * 1024 - 4096)  // the server's limit, with room for commands
#define INDEXED_MAX 1000  // an _id has to fit into an index entry (1,024 bytes on old servers)

const char *
push_collection(enum document_kind k)
{
	static const char *const names[DOCUMENT_KINDS] = {
		[DOCUMENT_RESULT] = "results",
		[DOCUMENT_ALERT] = "alerts",
		[DOCUMENT_FLOW] = "flows",
		[DOCUMENT_DAILY] = "daily",
	};

	return k < DOCUMENT_KINDS ? names[k] : NULL;
}

static bool
field_is_free(const char *key)
{
	return !bson_json_added(key);
}

static const char *
text_field(const bson_t *doc, const char *key)
{
	bson_iter_t it;

	if (bson_iter_init_find(&it, doc, key) && BSON_ITER_HOLDS_UTF8(&it))
		return bson_iter_utf8(&it, NULL);
	return "";
}

// FNV-1a, 64 bits (draft-eastlake-fnv).
static uint64_t
text_hash(const char *text, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	return h;
}

static int
id_print(const struct document *d, const char *appliance, const bson_t *fields, char *ret,
	size_t size)
{
	const char *limit;

	switch (d->kind) {
	case DOCUMENT_FLOW:
		return snprintf(ret, size, "%s/flow/%" PRIu64 "/%016" PRIx64, appliance, d->end_us,
			text_hash(d->json, d->len));
	case DOCUMENT_DAILY:
		return snprintf(ret, size, "%s/daily/%s/%s", appliance, text_field(fields, "day"),
			d->name);
	case DOCUMENT_ALERT:
		limit = text_field(fields, "limit_name");  // several limits may watch one key
		return snprintf(ret, size, "%s/%s/%" PRIu64 "/%s/%s%s%s", appliance, d->name,
			d->end_us, text_field(fields, "key"), text_field(fields, "state"),
			*limit != '\0' ? "/" : "", limit);
	default:
		return snprintf(ret, size, "%s/%s/%" PRIu64, appliance, d->name, d->end_us);
	}
}

static int
id_append(const struct document *d, const char *appliance, const bson_t *fields, bson_t *ret,
	struct error *err)
{
	char id[INDEXED_MAX];
	int n = id_print(d, appliance, fields, id, sizeof(id));

	if (n < 0 || (size_t)n >= sizeof(id) || !bson_utf8_validate(id, (size_t)n, false))
		return error_set(err, -EINVAL, "no _id can be made: too long or not UTF-8");
	return bson_append_utf8(ret, "_id", 3, id, n) ? 0 : -E2BIG;
}

static bool
origin_append(const struct document *d, const char *appliance, bson_t *ret)
{
	return bson_append_utf8(ret, "appliance", -1, appliance, -1) &&
		bson_append_date_time(ret, "start", -1, (int64_t)(d->start_us / 1000)) &&
		bson_append_date_time(ret, "end", -1, (int64_t)(d->end_us / 1000));
}

int
push_document_encode(const struct document *d, const char *appliance, bson_t *ret,
	struct error *err)
{
	bson_t fields = BSON_INITIALIZER;
	int rc;

	if (push_collection(d->kind) == NULL) {
		rc = error_set(err, -EINVAL, "this kind of document is not pushed");
		goto out;
	}
	rc = json_bson_append(d->json, d->len, field_is_free, &fields, err);
	if (rc == 0)
		rc = id_append(d, appliance, &fields, ret, err);
	if (rc == 0 && (!origin_append(d, appliance, ret) || !bson_concat(ret, &fields) ||
			ret->len > DOCUMENT_BYTES_MAX))
		rc = error_set(err, -E2BIG, "too large for the server (%u bytes)", ret->len);
out:
	bson_destroy(&fields);
	return rc;
}
