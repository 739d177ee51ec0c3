/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_JSON_BSON_H
#define WEIR_STORE_JSON_BSON_H

#include <stdbool.h>
#include <stddef.h>

#include <bson/bson.h>

#include "base/error.h"

// JSON text to BSON in which a field has one type in every document, whatever its value is:
//
//   number without fraction and exponent   int64, always (double only beyond 64 bits)
//   any other number                       double
//   the fields of json_bson_double_field() double, also where the text says 0 or 1
//
// bson_new_from_json() does not do that (1 is int32, 5000000000 is int64), and gives keys such as
// "$oid" a meaning, which text from outside could use. Here keys are only names; those that
// servers refuse are changed: '.' and a leading '$' become their full-width forms (U+FF0E, U+FF04),
// U+0000 becomes U+FFFD, an empty key "_". Bytes that are not UTF-8 become U+FFFD.
//
// Refused: text that is not one JSON object by RFC 8259, more than 32 levels, more than 256
// fields in one object, the same key twice in one object.

#define JSON_BSON_DEPTH 32
#define JSON_BSON_FIELDS 256

// May this key of the outermost object be copied? NULL: all of them.
typedef bool json_bson_filter(const char *key);

bool json_bson_double_field(const char *key);

// Append the fields of the object to the document *ret, which the caller has initialised and
// destroys, also after an error (it may hold a part then). 0, -EINVAL, -E2BIG or -ENOMEM with err.
int json_bson_append(const char *json, size_t len, json_bson_filter *filter, bson_t *ret,
	struct error *err);

// Would json_bson_append() take it?
int json_bson_check(const char *json, size_t len, struct error *err);

#endif
