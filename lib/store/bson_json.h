/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_BSON_JSON_H
#define WEIR_STORE_BSON_JSON_H

#include <stdbool.h>

#include <bson/bson.h>

#include "base/json_out.h"

// The way back from json_bson.h: a document of the server as the JSON text that the local store has
// of it. The members that push adds (_id, appliance, start, end) are left out; 64-bit integers keep
// all their digits, doubles are written as results write them. Keys that push had to change stay
// changed. Types that push never writes become null, what is nested too deep as well.

// Append it as one JSON object. False: the document is no valid BSON, and what was appended is
// not to be used.
bool bson_json_write(struct json_out *o, const bson_t *doc);

// Does push add this member to a document?
bool bson_json_added(const char *key);

#endif
