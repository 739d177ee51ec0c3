/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"

// generator.*: the traffic that Weir makes itself, where it was started with a generator. Each
// answers with the state after it. The fields of the profile are the generator's own affair; it
// validates them and names the field.

enum call_state
handle_generator_get(struct control *c, struct control_call *call, const cJSON *params)
{
	cJSON *state = c->ops->generator_get(c->app);

	(void)params;
	if (state == NULL)
		return call_error(call, CALL_REFUSED, "generator",
			"no generator: start with --demo");
	return call_result(call, state);
}

// generator_get tells whether there is one; asked first, so that the error is always the same.
static bool
generator_missing(struct control *c, struct control_call *call)
{
	handle_generator_get(c, call, NULL);
	if (call->code != 0)
		return true;
	cJSON_Delete(call->result);
	call->result = NULL;
	return false;
}

enum call_state
handle_generator_set(struct control *c, struct control_call *call, const cJSON *params)
{
	struct error err = {0};
	int rc;

	if (generator_missing(c, call))
		return CALL_ANSWERED;
	rc = c->ops->generator_set(c->app, params, &err);
	if (rc != 0)
		return call_refuse(call, rc, &err);
	return handle_generator_get(c, call, params);
}

static enum call_state
generator_run(struct control *c, struct control_call *call, const cJSON *params, bool run)
{
	struct error err = {0};
	int rc;

	if (generator_missing(c, call))
		return CALL_ANSWERED;
	rc = c->ops->generator_run(c->app, run, &err);
	if (rc != 0)
		return call_refuse(call, rc, &err);
	return handle_generator_get(c, call, params);
}

enum call_state
handle_generator_start(struct control *c, struct control_call *call, const cJSON *params)
{
	return generator_run(c, call, params, true);
}

enum call_state
handle_generator_stop(struct control *c, struct control_call *call, const cJSON *params)
{
	return generator_run(c, call, params, false);
}

enum call_state
handle_generator_calibrate(struct control *c, struct control_call *call, const cJSON *params)
{
	struct error err = {0};
	int rc;

	if (generator_missing(c, call))
		return CALL_ANSWERED;
	rc = c->ops->generator_calibrate(c->app,
		cJSON_GetObjectItemCaseSensitive(params, "profile"),
		(uint32_t)method_param_number(call->method, params, "seconds"), &err);
	if (rc != 0)
		return call_refuse(call, rc, &err);
	return call_result(call, c->ops->generator_calibration(c->app));
}

enum call_state
handle_generator_calibration(struct control *c, struct control_call *call, const cJSON *params)
{
	(void)params;
	if (generator_missing(c, call))
		return CALL_ANSWERED;
	return call_result(call, c->ops->generator_calibration(c->app));
}
