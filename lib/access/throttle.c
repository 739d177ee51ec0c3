/* SPDX-License-Identifier: BSD-3-Clause */
#include "access/throttle.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define ADDRESSES 512
#define FREE_FAILURES 5
#define AT_ONCE 2
#define PAUSE_MAX_US (300 * CLOCK_US_PER_S)
#define FORGET_US (900 * CLOCK_US_PER_S)

struct entry {
	struct throttle_key key;
	uint32_t failures;
	uint32_t trying;
	uint64_t until_us;  // no try before
	uint64_t seen_us;   // 0: the entry is free
};

struct throttle {
	struct entry entry[ADDRESSES];
};

struct throttle *
throttle_create(void)
{
	return calloc(1, sizeof(struct throttle));
}

void
throttle_free(struct throttle *t)
{
	free(t);
}

static struct entry *
entry_find(struct throttle *t, const struct throttle_key *key, uint64_t now_us)
{
	struct entry *oldest = &t->entry[0];

	for (unsigned int i = 0; i < ADDRESSES; i++) {
		struct entry *e = &t->entry[i];

		if (e->seen_us != 0 && memcmp(&e->key, key, sizeof(*key)) == 0) {
			if (e->trying == 0 && now_us - e->seen_us > FORGET_US)
				e->failures = 0;
			e->seen_us = now_us;
			return e;
		}
		if (e->seen_us < oldest->seen_us)
			oldest = e;
	}
	*oldest = (struct entry){.key = *key, .seen_us = now_us};
	return oldest;
}

static unsigned int
seconds_until(uint64_t until_us, uint64_t now_us)
{
	return (unsigned int)((until_us - now_us + CLOCK_US_PER_S - 1) / CLOCK_US_PER_S);
}

unsigned int
throttle_begin(struct throttle *t, const struct throttle_key *key, uint64_t now_us)
{
	struct entry *e = entry_find(t, key, now_us);

	if (e->until_us > now_us)
		return seconds_until(e->until_us, now_us);
	if (e->trying >= AT_ONCE)
		return 1;
	e->trying++;
	return 0;
}

void
throttle_end(struct throttle *t, const struct throttle_key *key, enum throttle_outcome outcome,
	uint64_t now_us)
{
	struct entry *e = entry_find(t, key, now_us);
	uint64_t pause;

	if (e->trying > 0)
		e->trying--;
	if (outcome == THROTTLE_GOOD)
		e->failures = 0;
	if (outcome != THROTTLE_WRONG || ++e->failures < FREE_FAILURES)
		return;
	pause = CLOCK_US_PER_S << (e->failures - FREE_FAILURES < 16 ?
		e->failures - FREE_FAILURES : 16);
	e->until_us = now_us + (pause < PAUSE_MAX_US ? pause : PAUSE_MAX_US);
}
