/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"

// names.*: what keys of results are called. Changes answer with all names as they are then.

static enum call_state
names_answer(struct control *c, struct control_call *call, int rc, const struct error_list *errors)
{
	return rc != 0 ? call_refuse_all(call, rc, errors) :
		call_result(call, c->ops->names_list(c->app));
}

enum call_state
handle_names_list(struct control *c, struct control_call *call, const cJSON *params)
{
	(void)params;
	return call_result(call, c->ops->names_list(c->app));
}

enum call_state
handle_names_set(struct control *c, struct control_call *call, const cJSON *params)
{
	const cJSON *names = cJSON_GetObjectItemCaseSensitive(params, "names");
	struct error_list errors = {.count = 0};

	return names_answer(c, call, c->ops->names_change(c->app, names, NULL, &errors), &errors);
}

enum call_state
handle_names_remove(struct control *c, struct control_call *call, const cJSON *params)
{
	const cJSON *keys = cJSON_GetObjectItemCaseSensitive(params, "keys");
	struct error_list errors = {.count = 0};

	return names_answer(c, call, c->ops->names_change(c->app, NULL, keys, &errors), &errors);
}

enum call_state
handle_names_reload(struct control *c, struct control_call *call, const cJSON *params)
{
	struct error_list errors = {.count = 0};

	(void)params;
	return names_answer(c, call, c->ops->names_reload(c->app, &errors), &errors);
}
