/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/json_bson.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "store/json_string.h"

struct reader {
	const char *begin, *p, *end;
	unsigned int depth;
	json_bson_filter *filter;  // for the outermost object
	int rc;                    // first fault
	const char *fault;
};

// The key under which a value goes into its parent.
struct slot {
	bson_t *parent;
	const char *key;
	int key_len;
	bool as_double;
	bool skip;  // read it, but do not append it
};

// The keys of one object so far, to find the second of a pair.
struct keys {
	char *names[JSON_BSON_FIELDS];
	unsigned int n;
};

static void value_read(struct reader *r, const struct slot *slot);

bool
json_bson_double_field(const char *key)
{
	static const char *const names[] = {
		"share", "z", "mean", "sigma", "median", "mad", "max_z", "percent", "x",
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(names); i++) {
		if (strcmp(key, names[i]) == 0)
			return true;
	}
	return false;
}

static void
fail(struct reader *r, int rc, const char *fault)
{
	if (r->rc == 0) {
		r->rc = rc;
		r->fault = fault;
	}
}

static void
blank_skip(struct reader *r)
{
	while (r->p < r->end &&
			(*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

static bool
take(struct reader *r, char c)
{
	blank_skip(r);
	if (r->rc != 0 || r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static void
appended(struct reader *r, bool ok)
{
	if (!ok)
		fail(r, -E2BIG, "too large for BSON");
}

static const char *
digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

// The end of the number at p by RFC 8259, NULL if there is none; *ret_whole: neither fraction nor
// exponent.
static const char *
number_end(const char *p, const char *end, bool *ret_whole)
{
	const char *q;

	*ret_whole = true;
	p += p < end && *p == '-';
	q = digits(p, end);
	if (q == p || (*p == '0' && q - p > 1))
		return NULL;
	p = q;
	if (p < end && *p == '.') {
		q = digits(p + 1, end);
		if (q == p + 1)
			return NULL;
		p = q;
		*ret_whole = false;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		p += p < end && (*p == '+' || *p == '-');
		q = digits(p, end);
		if (q == p)
			return NULL;
		p = q;
		*ret_whole = false;
	}
	return p;
}

static void
number_read(struct reader *r, const struct slot *slot)
{
	char text[512];
	bool whole;
	const char *end = number_end(r->p, r->end, &whole);
	size_t n = end == NULL ? 0 : (size_t)(end - r->p);
	long long integer;
	double real;

	if (n == 0 || n >= sizeof(text)) {
		fail(r, -EINVAL, "not a number");
		return;
	}
	memcpy(text, r->p, n);
	text[n] = '\0';
	r->p = end;
	if (slot->skip)
		return;
	errno = 0;
	integer = whole ? strtoll(text, NULL, 10) : 0;
	if (whole && errno == 0 && !slot->as_double) {
		appended(r, bson_append_int64(slot->parent, slot->key, slot->key_len, integer));
		return;
	}
	real = strtod(text, NULL) + 0.0;  // + 0.0: no -0.0, which some servers change
	if (isfinite(real))
		appended(r, bson_append_double(slot->parent, slot->key, slot->key_len, real));
	else
		appended(r, bson_append_null(slot->parent, slot->key, slot->key_len));
}

static void
word_read(struct reader *r, const struct slot *slot)
{
	static const char *const words[] = {"true", "false", "null"};
	unsigned int i;

	for (i = 0; i < RTE_DIM(words); i++) {
		size_t n = strlen(words[i]);

		if ((size_t)(r->end - r->p) >= n && memcmp(r->p, words[i], n) == 0) {
			r->p += n;
			break;
		}
	}
	if (i == RTE_DIM(words))
		fail(r, -EINVAL, "not a value");
	else if (slot->skip)
		return;
	else if (i == 2)
		appended(r, bson_append_null(slot->parent, slot->key, slot->key_len));
	else
		appended(r, bson_append_bool(slot->parent, slot->key, slot->key_len, i == 0));
}

static char *
string_take(struct reader *r, size_t *ret_len)
{
	char *text;
	const char *after;

	if (!take(r, '"')) {
		fail(r, -EINVAL, "a string is missing");
		return NULL;
	}
	after = json_string_decode(r->p, r->end, &text, ret_len);
	if (after == NULL) {
		fail(r, -errno, "not a string");
		return NULL;
	}
	r->p = after;
	return text;
}

static void
string_read(struct reader *r, const struct slot *slot)
{
	size_t len;
	char *text = string_take(r, &len);

	if (text == NULL)
		return;
	if (len > INT32_MAX)
		fail(r, -E2BIG, "too large for BSON");
	else if (!slot->skip)
		appended(r, bson_append_utf8(slot->parent, slot->key, slot->key_len, text,
			(int)len));
	free(text);
}

// The key as servers take it; free() it. Takes over key.
static char *
key_escape(struct reader *r, char *key, size_t len)
{
	static const char dot[] = "\xef\xbc\x8e", dollar[] = "\xef\xbc\x84";
	char *escaped, *out;
	const char *p;

	if (key == NULL || (len > 0 && key[0] != '$' && strchr(key, '.') == NULL))
		return key;
	out = escaped = malloc(len * 3 + 2);
	if (escaped == NULL)
		fail(r, -ENOMEM, "out of memory");
	for (p = key; escaped != NULL && *p != '\0'; p++) {
		if (*p == '.' || (*p == '$' && p == key))
			out = stpcpy(out, *p == '.' ? dot : dollar);
		else
			*out++ = *p;
	}
	if (escaped != NULL)
		strcpy(out, len == 0 ? "_" : "");
	free(key);
	return escaped;
}

// Read a key and remember it in k; NULL after a fault.
static const char *
key_read(struct reader *r, struct keys *k)
{
	size_t len = 0;
	char *key = string_take(r, &len);
	unsigned int i;

	key = key_escape(r, key, len);
	if (key == NULL)
		return NULL;
	if (k->n == JSON_BSON_FIELDS)
		fail(r, -E2BIG, "too many fields in one object");
	for (i = 0; i < k->n && r->rc == 0; i++) {
		if (strcmp(k->names[i], key) == 0)
			fail(r, -EINVAL, "the same key twice");
	}
	if (r->rc != 0) {
		free(key);
		return NULL;
	}
	return k->names[k->n++] = key;
}

// After the opening brace, up to and with the closing one. skip: append nothing.
static void
members_read(struct reader *r, bson_t *into, bool skip)
{
	struct keys *k = calloc(1, sizeof(*k));
	const bool outermost = r->depth == 1;

	if (k == NULL)
		fail(r, -ENOMEM, "out of memory");
	if (k != NULL && !take(r, '}')) {
		do {
			struct slot slot = {.parent = into, .skip = skip};

			slot.key = key_read(r, k);
			if (slot.key == NULL || !take(r, ':'))
				break;
			slot.key_len = (int)strlen(slot.key);
			slot.as_double = json_bson_double_field(slot.key);
			if (outermost && r->filter != NULL && !r->filter(slot.key))
				slot.skip = true;
			value_read(r, &slot);
		} while (take(r, ','));
		if (!take(r, '}'))
			fail(r, -EINVAL, "an object is not closed");
	}
	while (k != NULL && k->n > 0)
		free(k->names[--k->n]);
	free(k);
}

static void
elements_read(struct reader *r, bson_t *into, const struct slot *array)
{
	uint32_t i = 0;

	if (take(r, ']'))
		return;
	do {
		struct slot slot = {.parent = into, .as_double = array->as_double,
			.skip = array->skip};
		char buf[16];

		slot.key_len = (int)bson_uint32_to_string(i++, &slot.key, buf, sizeof(buf));
		value_read(r, &slot);
	} while (take(r, ','));
	if (!take(r, ']'))
		fail(r, -EINVAL, "an array is not closed");
}

// An object or array; a child that was begun is always ended, so that the parent stays whole.
static void
nested_read(struct reader *r, const struct slot *slot)
{
	const bool object = *r->p++ == '{';
	bson_t child;
	bool begun = false;

	if (++r->depth > JSON_BSON_DEPTH) {
		fail(r, -E2BIG, "too many levels");
		return;
	}
	if (!slot->skip) {
		begun = object ?
			bson_append_document_begin(slot->parent, slot->key, slot->key_len, &child) :
			bson_append_array_begin(slot->parent, slot->key, slot->key_len, &child);
		appended(r, begun);
	}
	if (r->rc == 0 && object)
		members_read(r, &child, slot->skip);
	else if (r->rc == 0)
		elements_read(r, &child, slot);
	if (begun && object)
		appended(r, bson_append_document_end(slot->parent, &child));
	else if (begun)
		appended(r, bson_append_array_end(slot->parent, &child));
	r->depth--;
}

static void
value_read(struct reader *r, const struct slot *slot)
{
	blank_skip(r);
	if (r->rc != 0)
		return;
	if (r->p == r->end)
		fail(r, -EINVAL, "a value is missing");
	else if (*r->p == '{' || *r->p == '[')
		nested_read(r, slot);
	else if (*r->p == '"')
		string_read(r, slot);
	else if (*r->p == '-' || (*r->p >= '0' && *r->p <= '9'))
		number_read(r, slot);
	else
		word_read(r, slot);
}

int
json_bson_append(const char *json, size_t len, json_bson_filter *filter, bson_t *ret,
	struct error *err)
{
	struct reader r = {.begin = json, .p = json, .end = json + len, .depth = 1,
		.filter = filter};

	if (take(&r, '{'))
		members_read(&r, ret, false);
	else
		fail(&r, -EINVAL, "not an object");
	blank_skip(&r);
	if (r.rc == 0 && r.p != r.end)
		fail(&r, -EINVAL, "text after the object");
	if (r.rc != 0)
		return error_set(err, r.rc, "JSON at byte %zu: %s", (size_t)(r.p - r.begin),
			r.fault);
	return 0;
}

int
json_bson_check(const char *json, size_t len, struct error *err)
{
	bson_t doc = BSON_INITIALIZER;
	int rc = json_bson_append(json, len, NULL, &doc, err);

	bson_destroy(&doc);
	return rc;
}
