/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"

// system.info, stats.get, ports.list, rpc.methods: looking, no parameters.

enum call_state
handle_system_info(struct control *c, struct control_call *call, const cJSON *params)
{
	(void)params;
	return call_result(call, c->ops->system_info(c->app));
}

enum call_state
handle_stats_get(struct control *c, struct control_call *call, const cJSON *params)
{
	(void)params;
	return call_result(call, c->ops->stats_get(c->app));
}

enum call_state
handle_ports_list(struct control *c, struct control_call *call, const cJSON *params)
{
	(void)params;
	return call_result(call, c->ops->ports_list(c->app));
}

enum call_state
handle_rpc_methods(struct control *c, struct control_call *call, const cJSON *params)
{
	(void)c;
	(void)params;
	return call_result(call, method_table_json());
}
