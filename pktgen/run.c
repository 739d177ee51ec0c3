/* SPDX-License-Identifier: BSD-3-Clause */
#include "run.h"

#include "answer_key.h"
#include "prng.h"

// When what changes. Building the packets is in run_build.c.

#define NS_PER_S_U64 UINT64_C(1000000000)

// Packet time now, or at the next packet.
static uint64_t
run_ns(const struct run *r, uint64_t now)
{
	if (r->rate != 0)
		return run_next_ns(r);
	return r->time.ns +
		(uint64_t)((unsigned __int128)(now - r->clock) * NS_PER_S_U64 / r->hz);
}

uint64_t
run_next_ns(const struct run *r)
{
	return r->time.rate != 0 ? timeline_ns(&r->time, r->at) : r->next_ns;
}

static uint64_t
run_end_ns(const struct run *r)
{
	uint64_t end = r->plan->duration_ns;

	return end == UINT64_MAX ? end : end > r->slip_ns ? end - r->slip_ns : 0;
}

static void
next_find(struct run *r)
{
	r->next_ns = run_end_ns(r);
	if (r->segment + 1 < r->plan->segment_count)
		r->next_ns = RTE_MIN(r->next_ns, r->plan->segments[r->segment + 1].from_ns);
	if (r->plan->key != NULL)
		r->next_ns = RTE_MIN(r->next_ns, (r->second + 1) * NS_PER_S_U64);
	r->next_at = r->rate != 0 ? timeline_at(&r->time, r->next_ns) : UINT64_MAX;
}

// A new stretch with the rate that the segment makes of the profile's.
static void
stretch_begin(struct run *r, uint64_t ns, uint64_t at)
{
	const struct plan *plan = r->plan;

	r->time = (struct timeline){.ns = ns, .at = at,
		.rate = plan_segment_rate(&plan->segments[r->segment], r->rate),
		.on_ns = plan->on_ns, .period_ns = plan->period_ns};
}

void
run_begin(struct run *r, struct plan *plan, uint64_t now)
{
	*r = (struct run){.plan = plan, .serial = plan->serial, .share = r->share,
		.shares = r->shares, .stamp_offset = r->stamp_offset, .hz = r->hz, .clock = now,
		.rate = __atomic_load_n(&plan->rate_pps, __ATOMIC_RELAXED),
		.draw = plan->segments[0].draw};
	stretch_begin(r, 0, 0);
	next_find(r);
}

void
run_rate_set(struct run *r, uint64_t rate, uint64_t now)
{
	uint64_t ns = run_ns(r, now);

	r->rate = rate;
	stretch_begin(r, ns, r->at);
	r->clock = now;
	next_find(r);
}

void
run_resume(struct run *r, uint64_t now)
{
	r->clock = now;
}

void
run_slip(struct run *r, uint64_t ns)
{
	r->slip_ns += ns;
	next_find(r);
}

static bool
change_due(const struct run *r, uint64_t now, uint64_t now_ns)
{
	if (r->rate == 0)
		return r->next_ns != UINT64_MAX && run_ns(r, now) >= r->next_ns;
	// Where nothing is sent no packet tells that time has passed.
	return r->at >= r->next_at && (r->time.rate != 0 || now_ns >= r->next_ns);
}

static void
segment_enter(struct run *r)
{
	const struct plan *plan = r->plan;

	r->segment++;
	r->draw = plan->segments[r->segment].draw;
	if (r->rate != 0 &&
			plan_segment_rate(&plan->segments[r->segment], r->rate) != r->time.rate)
		stretch_begin(r, r->next_ns, r->next_at);
}

// False: not now.
static bool
change_make(struct run *r)
{
	const struct plan *plan = r->plan;

	if (r->next_ns >= run_end_ns(r)) {
		r->done = true;
		return false;
	}
	if (plan->key != NULL && r->next_ns >= (r->second + 1) * NS_PER_S_U64) {
		if (!answer_key_turn(plan->key, r->share, r->second + 1))
			return false;
		r->second++;
	}
	while (r->segment + 1 < plan->segment_count &&
			plan->segments[r->segment + 1].from_ns <= r->next_ns)
		segment_enter(r);
	next_find(r);
	return true;
}

bool
run_time_over(const struct run *r, uint64_t now)
{
	return run_ns(r, now) >= run_end_ns(r);
}

// Packets from the next one on that are before the place `limit`.
static uint64_t
count_before(const struct run *r, uint64_t limit, uint64_t most)
{
	uint64_t at = r->at, n = 0;

	if (r->plan->gaps == NULL)
		return at >= limit ? 0 :
			RTE_MIN((limit - at - 1) / TIMELINE_PACKET + 1, most);
	for (; at < limit && n < most; n++)
		at += plan_gap(r->plan, r->position + n);
	return n;
}

uint64_t
run_due(const struct run *r, uint64_t now_ns, uint64_t most)
{
	if (r->time.rate == 0)
		return 0;
	return count_before(r, timeline_at(&r->time, now_ns + 1), most);
}

uint64_t
run_room(struct run *r, uint64_t now, uint64_t now_ns, uint64_t most)
{
	uint64_t limit;

	if (r->position >= r->plan->packets)
		r->done = true;
	if (r->done)
		return 0;
	while (change_due(r, now, now_ns))
		if (!change_make(r))
			return 0;
	most = RTE_MIN(r->plan->packets - r->position, most);
	if (r->plan->key != NULL && !answer_key_ready(r->plan->key, r->share))
		return 0;
	if (r->rate == 0)
		return most;
	if (r->time.rate == 0)
		return 0;
	limit = now_ns == UINT64_MAX ? now_ns : timeline_at(&r->time, now_ns + 1);
	return count_before(r, RTE_MIN(limit, r->next_at), most);
}
