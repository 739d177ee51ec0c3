/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as the JSON of a document on its way to MongoDB, and as a packed text of the local store.
 * Beyond not crashing and not leaking, these must hold: what json_bson_check() takes is encoded, and
 * no other; the BSON is valid, its keys are UTF-8 that servers take, and it has the fields that the
 * server's documents have, whatever the text says; a text that is packed comes back as it was, and
 * what is unpacked from any bytes has the length that is told.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <bson/bson.h>

#include "store/json_bson.h"
#include "store/push_document.h"
#include "store/sqlite_text.h"

#define APPLIANCE "fuzz"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
claim(bool holds)
{
	if (!holds)
		abort();
}

static void
field_is_text(const bson_t *doc, const char *key, const char *expected)
{
	bson_iter_t it;

	claim(bson_iter_init_find(&it, doc, key) && BSON_ITER_HOLDS_UTF8(&it));
	if (expected != NULL)
		claim(strcmp(bson_iter_utf8(&it, NULL), expected) == 0);
}

static void
document_try(enum document_kind kind, const char *text, size_t size, bool taken)
{
	struct document *d = document_create(kind, "q", 1000000, 2000000, text, size);
	bson_t doc = BSON_INITIALIZER;
	struct error err;
	bson_iter_t it;
	int rc;

	if (d == NULL)
		return;
	rc = push_document_encode(d, APPLIANCE, &doc, &err);
	claim(taken || rc != 0);
	if (rc == 0) {
		claim(bson_validate(&doc, BSON_VALIDATE_UTF8 | BSON_VALIDATE_DOLLAR_KEYS |
			BSON_VALIDATE_DOT_KEYS | BSON_VALIDATE_EMPTY_KEYS, NULL));
		field_is_text(&doc, "_id", kind == DOCUMENT_RESULT ? APPLIANCE "/q/2000000" : NULL);
		field_is_text(&doc, "appliance", APPLIANCE);
		claim(bson_iter_init_find(&it, &doc, "end") && BSON_ITER_HOLDS_DATE_TIME(&it) &&
			bson_iter_date_time(&it) == 2000);
	}
	bson_destroy(&doc);
	document_put(d);
}

static void
text_try(const uint8_t *data, size_t size)
{
	struct text_codec *c = text_codec_create();
	const char *text;
	const void *blob;
	size_t len, n;

	if (c == NULL)
		return;
	if (text_unpack(c, data, size, &text, &len) == 0)
		claim(text[len] == '\0');
	if (text_pack(c, (const char *)data, size, &blob, &n) == 0) {
		void *copy = malloc(n);

		if (copy != NULL) {
			memcpy(copy, blob, n);
			claim(text_unpack(c, copy, n, &text, &len) == 0 && len == size &&
				(size == 0 || memcmp(text, data, size) == 0));
		}
		free(copy);
	}
	text_codec_free(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct error err;
	bool taken = json_bson_check(text, size, &err) == 0;

	document_try(DOCUMENT_RESULT, text, size, taken);
	document_try(DOCUMENT_ALERT, text, size, taken);
	document_try(DOCUMENT_FLOW, text, size, taken);
	if (size < 4096)
		text_try(data, size);
	return 0;
}
