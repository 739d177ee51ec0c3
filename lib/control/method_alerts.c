/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"

// alerts.list: what was raised and cleared, also before anybody looked. The application knows whether
// the store or its memory answers.

enum call_state
handle_alerts_list(struct control *c, struct control_call *call, const cJSON *params)
{
	const struct control_alerts q = {
		.query = method_param_string(params, "query"),
		.from_us = (uint64_t)method_param_number(call->method, params, "from_us"),
		.to_us = (uint64_t)method_param_number(call->method, params, "to_us"),
		.limit = (uint32_t)method_param_number(call->method, params, "limit"),
	};

	if (method_range_refused(call, q.from_us, q.to_us))
		return CALL_ANSWERED;
	c->ops->alerts_list(c->app, &q, call);
	return CALL_PENDING;
}
