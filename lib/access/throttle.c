/* SPDX-License-Identifier: BSD-3-Clause */
#include "access/throttle.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/clock.h"

#define ADDRESSES 512
#define FREE_FAILURES 5
#define AT_ONCE 2
#define PAUSE_MAX_US (300 * CLOCK_US_PER_S)
#define FORGET_US (900 * CLOCK_US_PER_S)
#define DECAY_US PAUSE_MAX_US  // one failure less after each of these without another

struct entry {
	struct throttle_key key;
	uint32_t failures;
	uint32_t trying;
	uint64_t until_us;  // no try before
	uint64_t seen_us;   // 0: the entry is free
	uint64_t decay_us;  // when failures were counted last
};

// Of the failures of an address, those that were against one user.
struct share {
	uint8_t of[16];     // hash of both
	uint32_t failures;
	uint64_t seen_us;   // 0: free
};

struct throttle {
	struct entry entry[ADDRESSES];
	struct share share[ADDRESSES];  // one that is pushed out is not forgiven, that is all
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

static void
failures_decay(struct entry *e, uint64_t now_us)
{
	uint64_t n = (now_us - e->decay_us) / DECAY_US;

	e->failures -= n < e->failures ? (uint32_t)n : e->failures;
	e->decay_us += n * DECAY_US;
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
			failures_decay(e, now_us);
			e->seen_us = now_us;
			return e;
		}
		if (e->seen_us < oldest->seen_us)
			oldest = e;
	}
	*oldest = (struct entry){.key = *key, .seen_us = now_us, .decay_us = now_us};
	return oldest;
}

static struct share *
share_find(struct throttle *t, const struct throttle_key *key, const char *user, uint64_t now_us)
{
	struct share *oldest = &t->share[0];
	uint8_t of[16];

	crypto_generichash(of, sizeof(of), (const unsigned char *)user, strlen(user), key->bytes,
		sizeof(key->bytes));
	for (unsigned int i = 0; i < ADDRESSES; i++) {
		struct share *s = &t->share[i];

		if (s->seen_us != 0 && memcmp(s->of, of, sizeof(of)) == 0) {
			if (now_us - s->seen_us > FORGET_US)
				s->failures = 0;
			s->seen_us = now_us;
			return s;
		}
		if (s->seen_us < oldest->seen_us)
			oldest = s;
	}
	*oldest = (struct share){.seen_us = now_us};
	memcpy(oldest->of, of, sizeof(of));
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
throttle_end(struct throttle *t, const struct throttle_key *key, const char *user,
	enum throttle_outcome outcome, uint64_t now_us)
{
	struct entry *e = entry_find(t, key, now_us);
	struct share *s;
	uint64_t pause;

	if (e->trying > 0)
		e->trying--;
	if (outcome == THROTTLE_NEITHER)
		return;
	s = share_find(t, key, user, now_us);
	if (outcome == THROTTLE_GOOD) {
		e->failures -= s->failures < e->failures ? s->failures : e->failures;
		s->failures = 0;
		return;
	}
	s->failures++;
	e->decay_us = now_us;
	if (++e->failures < FREE_FAILURES)
		return;
	pause = CLOCK_US_PER_S << (e->failures - FREE_FAILURES < 16 ?
		e->failures - FREE_FAILURES : 16);
	e->until_us = now_us + (pause < PAUSE_MAX_US ? pause : PAUSE_MAX_US);
}
