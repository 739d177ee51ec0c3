/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>

#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"

// results.*: the newest result is in memory; everything else is the store's, which answers when
// it can, while the control thread goes on.

static bool
query_missing(struct control *c, struct control_call *call, const char *query)
{
	if (c->ops->query_exists(c->app, query))
		return false;
	call_error(call, CALL_NOT_FOUND, "query", "query: no query '%s'; query.list lists them",
		query);
	return true;
}

enum call_state
handle_results_latest(struct control *c, struct control_call *call, const cJSON *params)
{
	const char *query = method_param_string(params, "query");
	struct document *d;
	cJSON *result;

	if (query_missing(c, call, query))
		return CALL_ANSWERED;
	d = c->ops->result_latest(c->app, query);
	if (d == NULL)
		return call_error(call, CALL_NOT_FOUND, "query",
			"query: '%s' has no result yet", query);
	result = cJSON_CreateRaw(d->json);
	document_put(d);
	return call_result(call, result);
}

// Results may be older than today's queries, so any name may be asked for.
enum call_state
handle_results_list(struct control *c, struct control_call *call, const cJSON *params)
{
	const char *query = method_param_string(params, "query");
	uint64_t from = (uint64_t)method_param_number(call->method, params, "from_us");
	uint64_t to = (uint64_t)method_param_number(call->method, params, "to_us");
	uint32_t limit = (uint32_t)method_param_number(call->method, params, "limit");

	if (from > to)
		return call_error(call, CALL_INVALID_PARAMS, "from_us",
			"from_us: found %" PRIu64 ", allowed: at most to_us, %" PRIu64, from, to);
	c->ops->results_list(c->app, query, from, to, limit, call);
	return CALL_PENDING;
}

enum call_state
handle_results_insert(struct control *c, struct control_call *call, const cJSON *params)
{
	const cJSON *result = cJSON_GetObjectItemCaseSensitive(params, "result");

	c->ops->results_insert(c->app, result, call);
	return CALL_PENDING;
}

enum call_state
handle_results_clear(struct control *c, struct control_call *call, const cJSON *params)
{
	(void)params;
	c->ops->results_clear(c->app, call);
	return CALL_PENDING;
}
