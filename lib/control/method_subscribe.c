/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "control/handlers.h"
#include "control/internal.h"
#include "control/method.h"
#include "control/session.h"

// subscribe, unsubscribe: only a websocket can be notified. Both answer with what the client is
// subscribed to now. Each subscribe says anew which queries; without `queries` it is all.

static uint32_t
topics_read(const cJSON *topics)
{
	const cJSON *name;
	uint32_t bits = 0;

	cJSON_ArrayForEach(name, topics)
		for (unsigned int kind = 0; kind < DOCUMENT_KINDS; kind++)
			if (strcmp(name->valuestring,
				document_kind_name((enum document_kind)kind)) == 0)
				bits |= UINT32_C(1) << kind;
	return bits;
}

// true: not possible here, and the call is answered.
static bool
session_missing(struct control_call *call)
{
	if (call->session != NULL)
		return false;
	call_error(call, CALL_REFUSED, "", "%s needs a websocket, /ws", call->method->name);
	return true;
}

enum call_state
handle_subscribe(struct control *c, struct control_call *call, const cJSON *params)
{
	const cJSON *queries = cJSON_GetObjectItemCaseSensitive(params, "queries");
	const cJSON *topics = cJSON_GetObjectItemCaseSensitive(params, "topics");
	const cJSON *name;

	if (session_missing(call))
		return CALL_ANSWERED;
	cJSON_ArrayForEach(name, queries)
		if (!c->ops->query_exists(c->app, name->valuestring))
			return call_error(call, CALL_INVALID_PARAMS, "queries",
				"queries: no query '%.63s'; query.list lists them",
				name->valuestring);
	if (session_subscribe(call->session, topics_read(topics), queries) != 0)
		return call_error(call, CALL_INTERNAL_ERROR, "", "out of memory");
	return call_result(call, session_subscriptions_json(call->session));
}

enum call_state
handle_unsubscribe(struct control *c, struct control_call *call, const cJSON *params)
{
	const cJSON *topics = cJSON_GetObjectItemCaseSensitive(params, "topics");

	(void)c;
	if (session_missing(call))
		return CALL_ANSWERED;
	session_unsubscribe(call->session, topics == NULL ? UINT32_MAX : topics_read(topics));
	return call_result(call, session_subscriptions_json(call->session));
}
