/* SPDX-License-Identifier: BSD-3-Clause */
#include "access/attempts.h"

#include <stdio.h>
#include <stdlib.h>

#include "access/bucket.h"
#include "access/device.h"
#include "base/clock.h"

#define NAMES_OF_NOBODY 512

struct attempts {
	struct throttle *sources;
	struct bucket_table *users, *nobodies;
};

struct attempts *
attempts_create(void)
{
	static const struct bucket_rate of_users = {
		.places = USERS_MAX, .burst = ATTEMPTS_OF_USER, .refill_us = ATTEMPT_AGAIN_US,
	};
	static const struct bucket_rate of_nobodies = {
		.places = NAMES_OF_NOBODY, .burst = ATTEMPTS_OF_USER, .refill_us = ATTEMPT_AGAIN_US,
	};
	struct attempts *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->sources = throttle_create();
	a->users = bucket_table_create(&of_users);
	a->nobodies = bucket_table_create(&of_nobodies);
	if (a->sources != NULL && a->users != NULL && a->nobodies != NULL)
		return a;
	attempts_free(a);
	return NULL;
}

void
attempts_free(struct attempts *a)
{
	if (a == NULL)
		return;
	throttle_free(a->sources);
	bucket_table_free(a->users);
	bucket_table_free(a->nobodies);
	free(a);
}

static struct bucket_table *
table_of(struct attempts *a, const struct attempt *t)
{
	return t->exists ? a->users : a->nobodies;
}

unsigned int
attempt_begin(struct attempts *a, const char *name, const struct user *user,
	const struct throttle_key *address, bool local, const char *device, uint64_t now_us,
	struct attempt *ret, bool *ret_of_user)
{
	struct attempt t = {.source = *address, .exists = user != NULL};
	unsigned int seconds;
	uint64_t wait_us;

	snprintf(t.user, sizeof(t.user), "%s", name);
	t.vouched = (user != NULL && device_check(user, device, &t.source)) || local;
	*ret_of_user = false;
	seconds = throttle_begin(a->sources, &t.source, now_us);
	if (seconds > 0)
		return seconds;
	wait_us = t.vouched ? 0 : bucket_take(table_of(a, &t), t.user, now_us);
	if (wait_us == 0) {
		*ret = t;
		return 0;
	}
	throttle_end(a->sources, &t.source, t.user, THROTTLE_NEITHER, now_us);
	*ret_of_user = true;
	return (unsigned int)((wait_us + CLOCK_US_PER_S - 1) / CLOCK_US_PER_S);
}

void
attempt_end(struct attempts *a, const struct attempt *t, enum throttle_outcome outcome,
	uint64_t now_us)
{
	throttle_end(a->sources, &t->source, t->user, outcome, now_us);
	if (outcome != THROTTLE_WRONG && !t->vouched)
		bucket_give(table_of(a, t), t->user, now_us);
}
