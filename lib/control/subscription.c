/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/session.h"
#include "control/session_internal.h"

// What a session wants to be told. The number of sessions that want a kind of document is kept
// in the control, where publishers see it: what nobody wants is not even queued.

static void
topics_set(struct session *s, uint32_t topics)
{
	for (unsigned int kind = 0; kind < DOCUMENT_KINDS; kind++) {
		uint32_t *count = &s->c->subscribers[kind];
		uint32_t bit = UINT32_C(1) << kind;

		if ((topics & bit) && !(s->topics & bit))
			__atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
		if (!(topics & bit) && (s->topics & bit))
			__atomic_sub_fetch(count, 1, __ATOMIC_RELAXED);
	}
	s->topics = topics;
}

static void
queries_free(char **queries, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		free(queries[i]);
	free(queries);
}

int
session_subscribe(struct session *s, uint32_t topics, const cJSON *queries)
{
	uint32_t count = (uint32_t)cJSON_GetArraySize(queries);
	char **copy = count == 0 ? NULL : calloc(count, sizeof(*copy));
	const cJSON *name;
	uint32_t i = 0;

	if (count > 0 && copy == NULL)
		return -ENOMEM;
	cJSON_ArrayForEach(name, queries) {
		copy[i] = strdup(name->valuestring);
		if (copy[i++] == NULL) {
			queries_free(copy, count);
			return -ENOMEM;
		}
	}
	queries_free(s->queries, s->query_count);
	s->queries = copy;
	s->query_count = count;
	topics_set(s, s->topics | topics);
	return 0;
}

void
session_unsubscribe(struct session *s, uint32_t topics)
{
	topics_set(s, s->topics & ~topics);
	if (s->topics != 0)
		return;
	queries_free(s->queries, s->query_count);
	s->queries = NULL;
	s->query_count = 0;
}

bool
session_wants(const struct session *s, const struct document *d)
{
	if (!(s->topics & UINT32_C(1) << d->kind))
		return false;
	if (s->queries == NULL || (d->kind != DOCUMENT_RESULT && d->kind != DOCUMENT_ALERT))
		return true;
	for (uint32_t i = 0; i < s->query_count; i++)
		if (strcmp(s->queries[i], d->name) == 0)
			return true;
	return false;
}

cJSON *
session_subscriptions_json(const struct session *s)
{
	cJSON *o = cJSON_CreateObject();
	cJSON *topics = cJSON_AddArrayToObject(o, "topics");
	cJSON *queries = NULL;

	for (unsigned int kind = 0; kind < DOCUMENT_KINDS; kind++)
		if (s->topics & UINT32_C(1) << kind)
			cJSON_AddItemToArray(topics,
				cJSON_CreateString(document_kind_name((enum document_kind)kind)));
	if (s->queries == NULL) {
		cJSON_AddNullToObject(o, "queries");
		return o;
	}
	queries = cJSON_AddArrayToObject(o, "queries");
	for (uint32_t i = 0; i < s->query_count; i++)
		cJSON_AddItemToArray(queries, cJSON_CreateString(s->queries[i]));
	return o;
}
