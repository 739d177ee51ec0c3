/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"
#include "query/spec.h"
#include "query/spec_fields.h"

// query.*: the standing queries. A query is given as its fields; the application checks them all
// and answers with everything that is wrong.

enum call_state
handle_query_list(struct control *c, struct control_call *call, const cJSON *params)
{
	(void)params;
	return call_result(call, c->ops->query_list(c->app));
}

enum call_state
handle_query_add(struct control *c, struct control_call *call, const cJSON *params)
{
	struct error_list errors = {.count = 0};
	cJSON *result = NULL;
	int rc = c->ops->query_add(c->app, params, &result, &errors);

	return rc != 0 ? call_refuse_all(call, rc, &errors) : call_result(call, result);
}

static enum call_state
update(struct control *c, struct control_call *call, const cJSON *query)
{
	struct error_list errors = {.count = 0};
	cJSON *result = NULL;
	int rc = c->ops->query_update(c->app, query, &result, &errors);

	return rc != 0 ? call_refuse_all(call, rc, &errors) : call_result(call, result);
}

// False when the call is answered: no query can have such a name, or none has it.
static bool
query_there(struct control *c, struct control_call *call, const cJSON *params)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(params, "name");
	const char *name = cJSON_GetStringValue(item);
	struct error fault;

	if (name == NULL || !query_name_valid(name)) {
		param_fault(param_find(query_fields, "name"), "name", item, &fault);
		call_error(call, CALL_INVALID_PARAMS, "name", "%s", fault.text);
		return false;
	}
	if (c->ops->query_exists(c->app, name))
		return true;
	call_error(call, CALL_NOT_FOUND, "name", "name: no query '%s'; query.list lists them", name);
	return false;
}

enum call_state
handle_query_update(struct control *c, struct control_call *call, const cJSON *params)
{
	if (cJSON_GetObjectItemCaseSensitive(params, "name") == NULL)
		return call_error(call, CALL_INVALID_PARAMS, "name", "name: missing, it says which "
			"query changes");
	return query_there(c, call, params) ? update(c, call, params) : CALL_ANSWERED;
}

enum call_state
handle_query_remove(struct control *c, struct control_call *call, const cJSON *params)
{
	const char *name = method_param_string(params, "name");
	struct error_list errors = {.count = 0};
	cJSON *result;
	int rc;

	if (!query_there(c, call, params))
		return CALL_ANSWERED;
	rc = c->ops->query_remove(c->app, name, &errors);
	if (rc != 0)
		return call_refuse_all(call, rc, &errors);
	result = cJSON_CreateObject();
	cJSON_AddStringToObject(result, "removed", name);
	return call_result(call, result);
}

static enum call_state
pause_set(struct control *c, struct control_call *call, const cJSON *params, bool paused)
{
	const char *name = method_param_string(params, "name");
	enum call_state state;
	cJSON *query;

	if (!query_there(c, call, params))
		return CALL_ANSWERED;
	query = cJSON_CreateObject();
	cJSON_AddStringToObject(query, "name", name);
	cJSON_AddBoolToObject(query, "paused", paused);
	state = update(c, call, query);
	cJSON_Delete(query);
	return state;
}

enum call_state
handle_query_pause(struct control *c, struct control_call *call, const cJSON *params)
{
	return pause_set(c, call, params, true);
}

enum call_state
handle_query_resume(struct control *c, struct control_call *call, const cJSON *params)
{
	return pause_set(c, call, params, false);
}

enum call_state
handle_query_preview(struct control *c, struct control_call *call, const cJSON *params)
{
	c->ops->query_preview(c->app, params, call);
	return CALL_PENDING;
}
