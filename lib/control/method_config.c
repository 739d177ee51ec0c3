/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"

// config.*: the configuration as a whole document. The application knows its fields.

enum call_state
handle_config_get(struct control *c, struct control_call *call, const cJSON *params)
{
	bool waiting = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(params, "waiting"));

	return call_result(call, c->ops->config_get(c->app, waiting));
}

static enum call_state
answer(struct control_call *call, int rc, cJSON *result, const struct error_list *errors)
{
	return rc != 0 ? call_refuse_all(call, rc, errors) : call_result(call, result);
}

enum call_state
handle_config_set(struct control *c, struct control_call *call, const cJSON *params)
{
	const struct config_set_params set = {
		.replace = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(params, "replace")),
		.dry_run = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(params, "dry_run")),
		.confirm_s = method_param_number(call->method, params, "confirm_s"),
	};
	struct error_list errors = {.count = 0};
	cJSON *result = NULL;
	int rc = c->ops->config_set(c->app, cJSON_GetObjectItemCaseSensitive(params, "config"), &set,
		&result, &errors);

	return answer(call, rc, result, &errors);
}

enum call_state
handle_config_confirm(struct control *c, struct control_call *call, const cJSON *params)
{
	struct error_list errors = {.count = 0};
	cJSON *result = NULL;
	int rc = c->ops->config_confirm(c->app, &result, &errors);

	(void)params;
	return answer(call, rc, result, &errors);
}

enum call_state
handle_config_rollback(struct control *c, struct control_call *call, const cJSON *params)
{
	struct error_list errors = {.count = 0};
	cJSON *result = NULL;
	int rc = c->ops->config_rollback(c->app, &result, &errors);

	(void)params;
	return answer(call, rc, result, &errors);
}

enum call_state
handle_config_save(struct control *c, struct control_call *call, const cJSON *params)
{
	struct error_list errors = {.count = 0};
	cJSON *result = NULL;
	int rc = c->ops->config_save(c->app, &result, &errors);

	(void)params;
	return answer(call, rc, result, &errors);
}
