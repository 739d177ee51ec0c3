/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/json_out.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
room(struct json_out *o, size_t n)
{
	size_t cap = o->cap;
	char *data;

	if (o->failed)
		return false;
	if (o->len + n + 1 <= cap)
		return true;
	if (cap == 0)
		cap = 512;
	while (o->len + n + 1 > cap)
		cap *= 2;
	data = realloc(o->data, cap);
	if (data == NULL) {
		o->failed = true;
		return false;
	}
	o->data = data;
	o->cap = cap;
	return true;
}

static void
put(struct json_out *o, const char *s, size_t n)
{
	if (!room(o, n))
		return;
	memcpy(o->data + o->len, s, n);
	o->len += n;
	o->data[o->len] = '\0';
}

// A value that follows another one in the same array or object wants a comma.
static void
separate(struct json_out *o)
{
	char last = o->len > 0 ? o->data[o->len - 1] : '\n';

	if (last != '{' && last != '[' && last != ':' && last != '\n')
		put(o, ",", 1);
}

void
json_out_reset(struct json_out *o)
{
	o->len = 0;
	o->failed = false;
	if (o->data != NULL)
		o->data[0] = '\0';
}

void
json_out_free(struct json_out *o)
{
	free(o->data);
	*o = (struct json_out){0};
}

char *
json_out_take(struct json_out *o)
{
	char *data = o->failed ? NULL : o->data;

	if (o->failed)
		free(o->data);
	*o = (struct json_out){0};
	return data;
}

void
json_out_open(struct json_out *o, char bracket)
{
	separate(o);
	put(o, &bracket, 1);
}

void
json_out_close(struct json_out *o, char bracket)
{
	put(o, &bracket, 1);
}

void
json_out_key(struct json_out *o, const char *key)
{
	separate(o);
	put(o, "\"", 1);
	put(o, key, strlen(key));
	put(o, "\":", 2);
}

void
json_out_u64(struct json_out *o, uint64_t v)
{
	char buf[24], *p = buf + sizeof(buf);

	do
		*--p = (char)('0' + v % 10);
	while ((v /= 10) != 0);
	separate(o);
	put(o, p, (size_t)(buf + sizeof(buf) - p));
}

void
json_out_i64(struct json_out *o, int64_t v)
{
	char buf[24];

	separate(o);
	put(o, buf, (size_t)snprintf(buf, sizeof(buf), "%" PRId64, v));
}

void
json_out_f64(struct json_out *o, double v)
{
	char buf[32];
	int n;

	if (!isfinite(v)) {
		json_out_null(o);
		return;
	}
	if (v == 0)
		v = 0;  // no "-0"
	n = snprintf(buf, sizeof(buf), "%.15g", v);
	if (strtod(buf, NULL) != v)
		n = snprintf(buf, sizeof(buf), "%.17g", v);
	separate(o);
	put(o, buf, (size_t)n);
}

void
json_out_bool(struct json_out *o, bool v)
{
	separate(o);
	put(o, v ? "true" : "false", v ? 4 : 5);
}

void
json_out_null(struct json_out *o)
{
	separate(o);
	put(o, "null", 4);
}

// Length of the valid UTF-8 sequence at s (RFC 3629), 0 if there is none.
static unsigned int
utf8_sequence(const unsigned char *s)
{
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		return (s[1] & 0xc0) == 0x80 ? 2 : 0;
	if (s[0] >= 0xe0 && s[0] <= 0xef) {
		unsigned char low = s[0] == 0xe0 ? 0xa0 : 0x80, high = s[0] == 0xed ? 0x9f : 0xbf;

		return s[1] >= low && s[1] <= high && (s[2] & 0xc0) == 0x80 ? 3 : 0;
	}
	if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		unsigned char low = s[0] == 0xf0 ? 0x90 : 0x80, high = s[0] == 0xf4 ? 0x8f : 0xbf;

		return s[1] >= low && s[1] <= high && (s[2] & 0xc0) == 0x80 &&
				(s[3] & 0xc0) == 0x80 ? 4 : 0;
	}
	return 0;
}

void
json_out_str(struct json_out *o, const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	separate(o);
	put(o, "\"", 1);
	while (*p != '\0') {
		unsigned int n = utf8_sequence(p);

		if (n == 0) {
			put(o, "\\ufffd", 6);
			p++;
		} else if (*p < 0x20 || *p == '"' || *p == '\\' || *p == 0x7f) {
			char esc[8];

			put(o, esc, (size_t)snprintf(esc, sizeof(esc),
				*p == '"' || *p == '\\' ? "\\%c" : "\\u%04x", *p));
			p++;
		} else {
			put(o, (const char *)p, n);
			p += n;
		}
	}
	put(o, "\"", 1);
}

void
json_out_key_escaped(struct json_out *o, const char *key)
{
	json_out_str(o, key);
	put(o, ":", 1);
}

void
json_out_raw(struct json_out *o, const char *json)
{
	separate(o);
	put(o, json, strlen(json));
}

void
json_out_newline(struct json_out *o)
{
	put(o, "\n", 1);
}

void
json_out_key_u64(struct json_out *o, const char *key, uint64_t v)
{
	json_out_key(o, key);
	json_out_u64(o, v);
}

void
json_out_key_i64(struct json_out *o, const char *key, int64_t v)
{
	json_out_key(o, key);
	json_out_i64(o, v);
}

void
json_out_key_f64(struct json_out *o, const char *key, double v)
{
	json_out_key(o, key);
	json_out_f64(o, v);
}

void
json_out_key_bool(struct json_out *o, const char *key, bool v)
{
	json_out_key(o, key);
	json_out_bool(o, v);
}

void
json_out_key_str(struct json_out *o, const char *key, const char *s)
{
	json_out_key(o, key);
	json_out_str(o, s);
}
