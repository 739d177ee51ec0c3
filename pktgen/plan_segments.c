/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

// Packet time cut at every begin and end of an event. Between two cuts the same events go on, and
// packets are drawn from one table; stretches with the same events share it.
//
// A surge changes the mix and not the rate; an outage takes its packets away, and a scan or a flood
// adds to the rest.

static uint64_t
ns_of(double seconds)
{
	return (uint64_t)llround(seconds * 1e9);
}

static int
ns_compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

// The events that go on at a moment, a bit each.
static uint32_t
active_at(const struct profile *p, uint64_t ns)
{
	uint32_t active = 0;

	for (uint32_t i = 0; i < p->event_count; i++)
		if (ns_of(p->events[i].at_s) <= ns &&
				ns < ns_of(p->events[i].at_s + p->events[i].for_s))
			active |= 1u << i;
	return active;
}

static bool
flow_has_key(const struct plan_label *label, const struct profile_event *e, uint32_t address)
{
	if (e->address.version != 0)
		return label->address == address;
	return e->protocol == UINT32_MAX || label->asked == e->protocol;
}

static void
masses_multiply(const struct plan *plan, const struct profile_event *e, double factor,
	double *masses)
{
	uint32_t address = e->address.version != 0 ? plan_label_find(plan, &e->address) : 0;

	for (uint32_t i = 0; i < plan->flow_count; i++)
		if (flow_has_key(&plan->labels[i], e, address))
			masses[i] *= factor;
}

static double
masses_sum(const double *masses, uint32_t n)
{
	double sum = 0;

	for (uint32_t i = n; i-- > 0;)
		sum += masses[i];
	return sum;
}

// The masses of flows and events while `active` go on; what they are parts of in *ret.
static void
masses_change(const struct plan *plan, const struct profile *p, uint32_t active, double *masses,
	struct plan_segment *ret)
{
	uint32_t extra = plan->flow_count;
	double before;

	for (uint32_t e = 0; e < p->event_count; e++)
		if ((active & (1u << e)) != 0 && p->events[e].type == EVENT_SURGE)
			masses_multiply(plan, &p->events[e], p->events[e].factor, masses);
	before = masses_sum(masses, plan->flow_count);
	for (uint32_t e = 0; e < p->event_count; e++)
		if ((active & (1u << e)) != 0 && p->events[e].type == EVENT_OUTAGE)
			masses_multiply(plan, &p->events[e], 0, masses);
	ret->keep = masses_sum(masses, plan->flow_count) / before;
	for (uint32_t e = 0; e < p->event_count; e++) {
		if (p->events[e].rate_pps == 0)
			continue;
		if (active & (1u << e)) {
			masses[extra] = before * (double)p->events[e].rate_pps /
				(double)p->rate_pps;
			ret->extra_pps += p->events[e].rate_pps;
		}
		extra++;
	}
}

static int
table_make(struct plan *plan, const struct profile *p, const double *masses, uint32_t active,
	struct plan_segment *ret)
{
	uint32_t n = plan->flow_count + plan->event_count;
	double *changed = calloc(n, sizeof(*changed));
	struct alias_table *t;

	if (changed == NULL)
		return -ENOMEM;
	memcpy(changed, masses, plan->flow_count * sizeof(*changed));
	masses_change(plan, p, active, changed, ret);
	// Where nothing is sent any table will do.
	if (ret->keep == 0 && ret->extra_pps == 0)
		changed[0] = 1;
	t = alias_create(changed, n);
	free(changed);
	if (t == NULL)
		return -ENOMEM;
	ret->draw = plan->tables[plan->table_count++] = t;
	return 0;
}

static uint32_t
cuts_find(const struct profile *p, uint64_t *cuts)
{
	uint32_t n = 0;

	cuts[n++] = 0;
	for (uint32_t i = 0; i < p->event_count; i++) {
		cuts[n++] = ns_of(p->events[i].at_s);
		cuts[n++] = ns_of(p->events[i].at_s + p->events[i].for_s);
	}
	qsort(cuts, n, sizeof(cuts[0]), ns_compare);
	return n;
}

// The segment with the same events, where there is one, at another time.
static int
segment_make(struct plan *plan, const struct profile *p, const double *masses, uint64_t from_ns,
	uint32_t *active)
{
	struct plan_segment *s = &plan->segments[plan->segment_count];
	uint32_t now = active_at(p, from_ns), same = 0;
	int rc = 0;

	while (same < plan->segment_count && active[same] != now)
		same++;
	if (same < plan->segment_count)
		*s = plan->segments[same];
	else
		rc = table_make(plan, p, masses, now, s);
	s->from_ns = from_ns;
	active[plan->segment_count++] = now;
	return rc;
}

int
plan_segments_fill(struct plan *plan, const struct profile *p, const double *masses)
{
	uint64_t cuts[PLAN_SEGMENTS_MAX];
	uint32_t active[PLAN_SEGMENTS_MAX];
	uint32_t n = cuts_find(p, cuts);
	int rc = 0;

	for (uint32_t i = 0; i < n && rc == 0; i++)
		if (i + 1 == n || cuts[i + 1] != cuts[i])
			rc = segment_make(plan, p, masses, cuts[i], active);
	return rc;
}
