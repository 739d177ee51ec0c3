/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_METHOD_H
#define WEIR_CONTROL_METHOD_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/param.h"
#include "control/call.h"

// The method table: what can be asked of Weir, by name, with everything that can be said about a
// parameter without knowing the application. Validation, rpc.methods and the console's help all
// read the same rows, so they cannot disagree.

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
