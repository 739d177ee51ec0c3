/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"
#include "query/spec.h"
#include "query/spec_fields.h"

// limits.*: the limits table. Rows are checked by the application, which answers with everything that
// is wrong.

enum call_state
handle_limits_list(struct control *c, struct control_call *call, const cJSON *params)
{
	(void)params;
	return call_result(call, c->ops->limits_list(c->app));
}

enum call_state
handle_limits_set(struct control *c, struct control_call *call, const cJSON *params)
{
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(params, "rows");
	struct error_list errors = {.count = 0};
	cJSON *result = NULL;
	int rc = c->ops->limits_set(c->app, rows, &result, &errors);

	return rc != 0 ? call_refuse_all(call, rc, &errors) : call_result(call, result);
}

enum call_state
handle_limits_remove(struct control *c, struct control_call *call, const cJSON *params)
{
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(params, "limit_name");
	struct error_list errors = {.count = 0};
	cJSON *result = NULL;
	struct error fault;
	int rc;

	if (!query_name_valid(name->valuestring)) {
		// Limits have names like queries.
		param_fault(param_find(query_fields, "name"), "limit_name", name, &fault);
		return call_error(call, CALL_INVALID_PARAMS, "limit_name", "%s", fault.text);
	}
	rc = c->ops->limits_remove(c->app, name->valuestring,
		method_param_string(params, "effective_date"), &result, &errors);
	if (rc == -ENOENT)
		return call_error(call, CALL_NOT_FOUND, errors.error[0].field, "%s",
			errors.error[0].text);
	return rc != 0 ? call_refuse_all(call, rc, &errors) : call_result(call, result);
}

enum call_state
handle_limits_dry_run(struct control *c, struct control_call *call, const cJSON *params)
{
	c->ops->limits_dry_run(c->app, params, call);
	return CALL_PENDING;
}
