/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"

// processor.*: the parameters of the built-in queries, and measuring on or off. Each answers with
// the state after it.

enum call_state
handle_processor_get(struct control *c, struct control_call *call, const cJSON *params)
{
	(void)params;
	return call_result(call, c->ops->processor_get(c->app));
}

enum call_state
handle_processor_set(struct control *c, struct control_call *call, const cJSON *params)
{
	struct processor_parameters p;
	struct error err = {0};
	const cJSON *v;
	int rc;

	c->ops->processor_parameters(c->app, &p);
	if ((v = cJSON_GetObjectItemCaseSensitive(params, "H")) != NULL)
		p.H = v->valuedouble;
	if ((v = cJSON_GetObjectItemCaseSensitive(params, "T")) != NULL)
		p.T = (uint32_t)v->valuedouble;
	if ((v = cJSON_GetObjectItemCaseSensitive(params, "k")) != NULL)
		p.k = (uint32_t)v->valuedouble;
	if ((v = cJSON_GetObjectItemCaseSensitive(params, "X")) != NULL)
		p.X = v->valuedouble;
	rc = c->ops->processor_set(c->app, &p, &err);
	if (rc != 0)
		return call_refuse(call, rc, &err);
	return handle_processor_get(c, call, params);
}

static enum call_state
processor_run(struct control *c, struct control_call *call, const cJSON *params, bool run)
{
	struct error err = {0};
	int rc;

	rc = c->ops->processor_run(c->app, run, &err);
	if (rc != 0)
		return call_refuse(call, rc, &err);
	return handle_processor_get(c, call, params);
}

enum call_state
handle_processor_start(struct control *c, struct control_call *call, const cJSON *params)
{
	return processor_run(c, call, params, true);
}

enum call_state
handle_processor_stop(struct control *c, struct control_call *call, const cJSON *params)
{
	return processor_run(c, call, params, false);
}
