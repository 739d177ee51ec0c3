/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_PARAM_H
#define WEIR_BASE_PARAM_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/error.h"

// What can be said about one value in JSON without knowing what it is for: type, range, unit,
// default, help. A row of these describes a parameter of a method, a field of the configuration, a
// field of a query. Validation, messages, help, the reference pages and the OpenRPC document all
// read the same rows, so they cannot disagree. Pure functions, any thread.

enum param_type {
	PARAM_NUMBER,   // finite
	PARAM_INTEGER,  // a number without a fraction; never converted from anything else
	PARAM_BOOL,
	PARAM_STRING,
	PARAM_STRINGS,  // array of strings
	PARAM_LIST,     // array of anything
	PARAM_OBJECT,
	PARAM_ANY,      // of several types: `allowed` says which, and whoever reads it checks
};

struct param {
	const char *name;  // NULL ends a list
	enum param_type type;
	double min;           // numbers: the range. Strings: length in bytes. Arrays: elements
	double max;
	bool above_min;       // min itself is outside
	bool required;
	bool nullable;        // null is allowed as well
	bool secret;          // not repeated in messages, logs or the audit log
	const char *unit;     // "s", "us", "percent", ...; NULL none
	const char *def;      // default as JSON text, NULL none
	const char *choices;  // strings: the words allowed, separated by blanks; NULL any
	const char *allowed;  // in words, where type and range do not say it all; NULL they do
	const char *help;
};

// Is v such a value? v is not NULL.
bool param_fits(const struct param *p, const cJSON *v);

// What is allowed, in words. Returns buf.
const char *param_allowed(const struct param *p, char *buf, size_t size);

// What was found, as JSON cut to a length that suits a line. Returns buf.
const char *param_found(const cJSON *v, char *buf, size_t size);

// "PATH: found X, allowed: Y", of a value that does not fit. -EINVAL.
int param_fault(const struct param *p, const char *path, const cJSON *v, struct error *err);

// Index of `word` among words separated by blanks, -1 if it is none of them.
int param_word_index(const char *words, const char *word);

// The row of that name, or NULL; list may be NULL.
const struct param *param_find(const struct param *list, const char *name);

// "H, T, k, X", or "none". list may be NULL. Returns buf.
const char *param_names(const struct param *list, char *buf, size_t size);

// "integer", "array of strings", ...
const char *param_type_name(enum param_type type);

// The row as JSON, for rpc.methods; and as a JSON schema. NULL: memory ran out.
cJSON *param_json(const struct param *p);
cJSON *param_schema(const struct param *p);

#endif
