/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_METHOD_H
#define WEIR_CONTROL_METHOD_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "access/role.h"
#include "base/error.h"
#include "base/param.h"
#include "control/call.h"
#include "control/control.h"

// The method table: what can be asked of Weir, by name, with everything that can be said about a
// parameter without knowing the application. Validation, rpc.methods and the console's help all
// read the same rows, so they cannot disagree.

enum method_flags {
	METHOD_OPEN = 1,      // the application checks the parameters, and tells all that is wrong
	METHOD_NEEDS_ONE = 2, // at least one parameter must be given
	METHOD_KEEPS = 4,     // what is not given stays as it is, instead of getting its default
	METHOD_LOOKS = 8,     // changes nothing, although viewers may not call it
	METHOD_RECORDED = 16, // goes into the audit log, although anyone may call it
};

struct method {
	const char *name;
	enum role role;
	unsigned int flags;
	const struct param *params;  // NULL: takes none
	const char *help;
	call_handler *handler;
	const char *result;    // what it is, in words
	// Names of the parameters that must be given, separated by blanks, where rows are shared and
	// do not say it; NULL: the rows say it.
	const char *required;
};

// For loops over the table: first NULL, at the end NULL again.
const struct method *method_next(const struct method *m);
// Must this parameter of m be given?
bool method_param_required(const struct method *m, const struct param *p);
const struct method *method_find(const char *name);  // NULL: no such method

// The whole table as JSON, for rpc.methods. NULL: out of memory.
cJSON *method_table_json(void);
// The same as an OpenRPC document, for /openrpc.json.
cJSON *method_openrpc_json(void);

/*
 * Check params (NULL: none given) against the method's rows. 0, or -EINVAL with err->field the
 * parameter at fault and a line that says what was found and what is allowed.
 */
int method_params_check(const struct method *m, const cJSON *params, struct error *err);

// A checked number, or its default from the table (0 without one).
double method_param_number(const struct method *m, const cJSON *params, const char *name);

// A checked string, or NULL when it was not given. Belongs to params.
const char *method_param_string(const cJSON *params, const char *name);

// The parameter `source` of questions about what is stored, in the order of enum control_source.
#define METHOD_SOURCES "auto local mongodb"
enum control_source method_source(const cJSON *params);
// True, and the call answered, where from_us is later than to_us.
bool method_range_refused(struct control_call *call, uint64_t from_us, uint64_t to_us);
// The cursor of a first page.
#define METHOD_CURSOR_FIRST "newest"

#endif
