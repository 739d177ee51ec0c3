/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

// Packet time cut at every begin and end of a surge. Between two cuts the same surges go on, and
// packets are drawn from one table; stretches with the same surges share it.

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

// The surges that go on at a moment, a bit each.
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

// The label of an event's address; UINT32_MAX where the key is a protocol.
static uint32_t
event_label(const struct plan *plan, const struct profile_event *e)
{
	for (uint32_t i = 0; e->address.version != 0 && i < plan->address_entries; i++) {
		const struct address_range *r = &plan->addresses[i];

		for (uint32_t k = 0; address_range_has(r, &e->address) && k < r->count; k++) {
			struct address a = address_range_at(r, k);

			if (address_compare(&a, &e->address) == 0)
				return plan->address_base[i] + k;
		}
	}
	return UINT32_MAX;
}

static void
masses_surge(const struct plan *plan, const struct profile_event *e, double *masses)
{
	uint32_t address = event_label(plan, e);

	for (uint32_t i = 0; i < plan->flow_count; i++) {
		const struct plan_label *label = &plan->labels[i];

		if (e->address.version != 0 ? label->address == address :
				label->asked == e->protocol)
			masses[i] *= e->factor;
	}
}

static struct alias_table *
table_make(const struct plan *plan, const struct profile *p, const double *masses,
	uint32_t active)
{
	double *surged = calloc(plan->flow_count, sizeof(*surged));
	struct alias_table *t;

	if (surged == NULL)
		return NULL;
	memcpy(surged, masses, plan->flow_count * sizeof(*surged));
	for (uint32_t e = 0; e < p->event_count; e++)
		if (active & (1u << e))
			masses_surge(plan, &p->events[e], surged);
	t = alias_create(surged, plan->flow_count);
	free(surged);
	return t;
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

int
plan_segments_fill(struct plan *plan, const struct profile *p, const double *masses)
{
	uint64_t cuts[PLAN_SEGMENTS_MAX];
	uint32_t active[PLAN_SEGMENTS_MAX];  // of the tables
	uint32_t n = cuts_find(p, cuts);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t now = active_at(p, cuts[i]), t = 0;

		if (i + 1 < n && cuts[i + 1] == cuts[i])
			continue;
		while (t < plan->table_count && active[t] != now)
			t++;
		if (t == plan->table_count) {
			plan->tables[t] = table_make(plan, p, masses, now);
			if (plan->tables[t] == NULL)
				return -ENOMEM;
			active[t] = now;
			plan->table_count++;
		}
		plan->segments[plan->segment_count++] =
			(struct plan_segment){cuts[i], plan->tables[t]};
	}
	return 0;
}
