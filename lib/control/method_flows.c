/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"
#include "flow/flow_scan.h"

// flows.list: flows that live now; RX lcores look, the call is pending until all have.

enum call_state
handle_flows_list(struct control *c, struct control_call *call, const cJSON *params)
{
	const char *sort = method_param_string(params, "sort");
	const char *order = method_param_string(params, "order");
	const struct control_flows q = {
		.filter = method_param_string(params, "filter"),
		.order = sort == NULL ? FLOW_BY_BYTES :
			(unsigned int)param_word_index(FLOW_ORDER_NAMES, sort),
		.ascending = order != NULL && strcmp(order, "asc") == 0,
		.limit = (uint32_t)method_param_number(call->method, params, "limit"),
	};

	c->ops->flows_list(c->app, &q, call);
	return CALL_PENDING;
}
