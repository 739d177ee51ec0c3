/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/budget.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "access/bucket.h"
#include "base/clock.h"
#include "control/internal.h"
#include "control/session_internal.h"

void
budget_waiting_add(struct control *c, int64_t bytes)
{
	c->waiting_bytes += (uint64_t)bytes;
}

bool
budget_waiting_room(const struct control *c, size_t own, size_t bytes)
{
	return own + bytes <= CONTROL_WAITING_SMALL ||
		c->waiting_bytes + bytes <= c->params.waiting_bytes;
}

bool
budget_call(struct control *c, const struct caller *caller)
{
	const struct throttle_key *from = &caller->client.address;
	char address[2 * sizeof(from->bytes) + 1], name[USER_NAME_LEN + 16];
	bool known = caller->kind == CALLER_USER || caller->kind == CALLER_TOKEN;

	// Without users there is nobody to tell apart.
	if (c->users == NULL || caller->peer == NULL)
		return true;
	sodium_bin2hex(address, sizeof(address), from->bytes, sizeof(from->bytes));
	snprintf(name, sizeof(name), "%d %s", (int)caller->kind, known ? caller->name : address);
	return bucket_take(known ? c->calls : c->calls_of_nobody, name, clock_monotonic_us()) == 0;
}

bool
budget_websocket(const struct control *c, const struct caller *caller)
{
	const struct session *s;
	unsigned int n = 0;

	if (caller->kind != CALLER_USER && caller->kind != CALLER_TOKEN)
		return true;
	TAILQ_FOREACH(s, &c->sessions, link)
		n += s->caller.kind == caller->kind && strcmp(s->caller.name, caller->name) == 0;
	return n < CONTROL_WEBSOCKETS_OF_CALLER;
}
