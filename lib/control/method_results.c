/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"

// results.*: the newest result is in memory; everything else is the store's, which answers when
// it can, while the control thread goes on.

#define SERIES_USUAL_US (3600 * CLOCK_US_PER_S)  // without from_us: the hour before to_us

// What is in memory, else what is stored: results that were inserted may be of queries that there
// are not, and after a start the newest result is that of the run before.
enum call_state
handle_results_latest(struct control *c, struct control_call *call, const cJSON *params)
{
	const char *query = method_param_string(params, "query");
	struct document *d = c->ops->result_latest(c->app, query);
	cJSON *result;

	if (d == NULL) {
		c->ops->results_newest(c->app, query, call);
		return CALL_PENDING;
	}
	result = cJSON_CreateRaw(d->json);
	document_put(d);
	return call_result(call, result);
}

enum control_source
method_source(const cJSON *params)
{
	const char *source = method_param_string(params, "source");

	return source == NULL ? CONTROL_SOURCE_AUTO : param_word_index(METHOD_SOURCES, source);
}

bool
method_range_refused(struct control_call *call, uint64_t from_us, uint64_t to_us)
{
	if (from_us <= to_us)
		return false;
	call_error(call, CALL_INVALID_PARAMS, "from_us",
		"from_us: found %" PRIu64 ", allowed: at most to_us, %" PRIu64, from_us, to_us);
	return true;
}

// Results may be older than today's queries, so any name may be asked for.
enum call_state
handle_results_list(struct control *c, struct control_call *call, const cJSON *params)
{
	const char *cursor = method_param_string(params, "cursor");
	struct control_results q = {
		.query = method_param_string(params, "query"),
		.from_us = (uint64_t)method_param_number(call->method, params, "from_us"),
		.to_us = (uint64_t)method_param_number(call->method, params, "to_us"),
		.limit = (uint32_t)method_param_number(call->method, params, "limit"),
		.page = cursor != NULL || method_param_string(params, "source") != NULL,
		.source = method_source(params),
	};

	if (method_range_refused(call, q.from_us, q.to_us))
		return CALL_ANSWERED;
	if (cursor != NULL && strcmp(cursor, METHOD_CURSOR_FIRST) != 0)
		q.cursor = cursor;
	c->ops->results_list(c->app, &q, call);
	return CALL_PENDING;
}

enum call_state
handle_results_series(struct control *c, struct control_call *call, const cJSON *params)
{
	const bool ends = cJSON_HasObjectItem(params, "to_us");
	const bool begins = cJSON_HasObjectItem(params, "from_us");
	const double step_s = method_param_number(call->method, params, "step_s");
	struct control_series q = {
		.query = method_param_string(params, "query"),
		.key = method_param_string(params, "key"),
		.from_us = (uint64_t)method_param_number(call->method, params, "from_us"),
		.to_us = (uint64_t)method_param_number(call->method, params, "to_us"),
		.step_us = (uint64_t)(step_s * CLOCK_US_PER_S + 0.5),
		.source = method_source(params),
	};

	if (!ends)
		q.to_us = clock_wall_us();
	if (!begins)
		q.from_us = q.to_us > SERIES_USUAL_US ? q.to_us - SERIES_USUAL_US : 0;
	if (q.from_us == q.to_us)
		return call_error(call, CALL_INVALID_PARAMS, "to_us",
			"to_us: found %" PRIu64 ", allowed: later than from_us", q.to_us);
	if (method_range_refused(call, q.from_us, q.to_us))
		return CALL_ANSWERED;
	c->ops->results_series(c->app, &q, call);
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
