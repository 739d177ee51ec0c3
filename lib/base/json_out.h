/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_JSON_OUT_H
#define WEIR_BASE_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Appends JSON text to a growing buffer. It exists beside cJSON for the two places that write
// many documents of known shape (flow records, results) and because cJSON holds every number as
// a double: 64-bit counters and microseconds would come out rounded or with an exponent.
// Reading JSON is cJSON's work everywhere. Not thread safe; commas are put in by itself.

struct json_out {
	char *data;   // NUL terminated once anything was written; owned, freed by json_out_free()
	size_t len;
	size_t cap;
	bool failed;  // memory ran out: data is not to be used
};

void json_out_reset(struct json_out *o);  // empty, memory kept
void json_out_free(struct json_out *o);
char *json_out_take(struct json_out *o);  // hands data to the caller (free()); NULL if failed

void json_out_open(struct json_out *o, char bracket);   // '{' or '['
void json_out_close(struct json_out *o, char bracket);  // '}' or ']'
void json_out_key(struct json_out *o, const char *key);  // plain ASCII key, no escapes needed
void json_out_key_escaped(struct json_out *o, const char *key);  // any key
void json_out_u64(struct json_out *o, uint64_t v);
void json_out_i64(struct json_out *o, int64_t v);
void json_out_f64(struct json_out *o, double v);  // shortest of 15 or 17 digits; null if not finite
void json_out_bool(struct json_out *o, bool v);
void json_out_null(struct json_out *o);
void json_out_str(struct json_out *o, const char *s);  // escaped; invalid UTF-8 bytes become U+FFFD
void json_out_raw(struct json_out *o, const char *json);  // a complete JSON value
void json_out_newline(struct json_out *o);  // ends a line of JSON lines

// key and value in one call
void json_out_key_u64(struct json_out *o, const char *key, uint64_t v);
void json_out_key_i64(struct json_out *o, const char *key, int64_t v);
void json_out_key_f64(struct json_out *o, const char *key, double v);
void json_out_key_bool(struct json_out *o, const char *key, bool v);
void json_out_key_str(struct json_out *o, const char *key, const char *s);

#endif
