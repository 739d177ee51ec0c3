/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_METHOD_H
#define WEIR_CONTROL_METHOD_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "control/call.h"

// The method table: what can be asked of Weir, by name, with everything that can be said about a
// parameter without knowing the application. Validation, rpc.methods and the console's help all
// read the same rows, so they cannot disagree.

enum param_type {
	PARAM_NUMBER,   // finite
	PARAM_INTEGER,  // a number without a fraction; never converted from anything else
	PARAM_STRING,
	PARAM_STRINGS,  // array of strings
	PARAM_OBJECT,
};

struct param {
	const char *name;  // NULL ends the list
	enum param_type type;
	double min;           // numbers: the range. Strings and arrays: length in bytes or elements
	double max;
	bool above_min;       // min itself is outside
	bool required;
	const char *unit;     // "s", "us", "percent", ...; NULL none
	const char *def;      // default as JSON text, NULL none
	const char *choices;  // strings: the words allowed, separated by blanks; NULL any
	const char *help;
};

enum method_role {
	ROLE_VIEWER,    // only looks
	ROLE_OPERATOR,  // changes what Weir does or keeps
};

enum method_flags {
	METHOD_OPEN = 1,      // further parameters are passed on; the application validates them
	METHOD_NEEDS_ONE = 2, // at least one parameter must be given
};

struct method {
	const char *name;
	enum method_role role;
	unsigned int flags;
	const struct param *params;  // NULL: takes none
	const char *help;
	call_handler *handler;
};

const struct method *method_find(const char *name);  // NULL: no such method
const struct param *method_param_find(const struct method *m, const char *name);  // or NULL

// The whole table as JSON, for rpc.methods. NULL: out of memory.
cJSON *method_table_json(void);

/*
 * Check params (NULL: none given) against the method's rows. 0, or -EINVAL with err->field the
 * parameter at fault and a line that says what was found and what is allowed.
 */
int method_params_check(const struct method *m, const cJSON *params, struct error *err);

// A checked number, or its default from the table (0 without one).
double method_param_number(const struct method *m, const cJSON *params, const char *name);

// A checked string, or NULL when it was not given. Belongs to params.
const char *method_param_string(const cJSON *params, const char *name);

#endif
