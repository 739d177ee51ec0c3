/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/live_clock.h"

#define GIVE_BACK 10  // one part of so many

void
live_clock_init(struct live_clock *c, uint64_t wall_us, uint64_t monotonic_us)
{
	c->offset_us = (int64_t)(wall_us - monotonic_us);
	c->followed_us = monotonic_us;
}

int64_t
live_clock_follow(struct live_clock *c, uint64_t wall_us, uint64_t monotonic_us)
{
	int64_t target = (int64_t)(wall_us - monotonic_us);
	int64_t difference = target - c->offset_us;
	int64_t most = (int64_t)(monotonic_us - c->followed_us) / GIVE_BACK;
	int64_t change = difference < -most ? -most : difference;

	__atomic_store_n(&c->offset_us, c->offset_us + change, __ATOMIC_RELAXED);
	c->followed_us = monotonic_us;
	return difference;
}
