/* SPDX-License-Identifier: BSD-3-Clause */
#include "plan.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include <rte_memory.h>

#include "base/mem.h"
#include "intern.h"
#include "prng.h"
#include "replay.h"
#include "timeline.h"

static uint64_t
serial_next(void)
{
	static uint64_t last;

	return __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}

static int
names_copy(struct plan *plan, const struct profile *p)
{
	plan->addresses = calloc(p->address_entries, sizeof(*plan->addresses));
	plan->address_base = calloc(p->address_entries, sizeof(*plan->address_base));
	if (plan->addresses == NULL || plan->address_base == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < p->address_entries; i++) {
		plan->addresses[i] = p->addresses[i];
		plan->address_base[i] = plan->address_total;
		plan->address_total += p->addresses[i].count;
	}
	plan->address_entries = p->address_entries;
	plan->peers4 = p->peers4;
	plan->peers6 = p->peers6;
	plan_events_fill(plan, p);
	return 0;
}

// Exponential gaps: random arrivals (Poisson). The sum over all of them is exact.
static int
gaps_fill(struct plan *plan)
{
	uint64_t sum = 0;

	plan->gaps = calloc(PLAN_GAPS, sizeof(*plan->gaps));
	if (plan->gaps == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < PLAN_GAPS; i++) {
		plan->gaps[i] = (uint32_t)lround(-log1p(-(i + 0.5) / PLAN_GAPS) * TIMELINE_PACKET);
		sum += plan->gaps[i];
	}
	plan->gaps[PLAN_GAPS - 1] += (uint32_t)(PLAN_GAPS * (uint64_t)TIMELINE_PACKET - sum);
	return 0;
}

static int
pace_fill(struct plan *plan, const struct profile *p)
{
	if (p->pace.type == PACE_BURSTS) {
		plan->on_ns = (uint64_t)llround(p->pace.on_s * 1e9);
		plan->period_ns = (uint64_t)llround((p->pace.on_s + p->pace.off_s) * 1e9);
	}
	return p->pace.type == PACE_POISSON ? gaps_fill(plan) : 0;
}

static int
plan_fill(struct plan *plan, const struct profile *p)
{
	double *masses = calloc(p->flows, sizeof(*masses));
	int rc = masses == NULL ? -ENOMEM : names_copy(plan, p);

	if (rc == 0)
		rc = pace_fill(plan, p);
	plan->flow_count = p->flows;
	plan->flow_bytes = p->flows * sizeof(*plan->flows);
	plan->flows = mem_table_alloc("generator flows", plan->flow_bytes, SOCKET_ID_ANY);
	plan->labels = calloc(p->flows, sizeof(*plan->labels));
	if (plan->flows == NULL || plan->labels == NULL)
		rc = -ENOMEM;
	if (rc == 0) {
		popularity_masses(&p->popularity, p->flows, masses);
		rc = plan_flows_fill(plan, p, masses);
	}
	if (rc == 0)
		rc = plan_segments_fill(plan, p, masses);
	free(masses);
	return rc;
}

// A plan of packets that are drawn.
static int
plan_draws_fill(struct plan *plan, const struct profile *p, struct error *err)
{
	plan->rate_pps = p->rate_pps;
	plan->rate_bound = p->lifetime.unit == LIFETIME_SECONDS;
	plan->flow_stream = prng_stream(p->seed, PRNG_FLOW);
	plan->gap_stream = prng_stream(p->seed, PRNG_GAP);
	plan->shape_stream = prng_stream(p->seed, PRNG_SHAPE);
	encap_fill(&plan->encap, &p->encap);
	if (conversation_rules_fill(&plan->rules, p, plan->names, plan->encap.extra) == 0 &&
			plan_fill(plan, p) == 0)
		return 0;
	return error_field(err, -ENOMEM, "flows", "flows: no memory for %u flows", p->flows);
}

struct plan *
plan_create(const struct profile *p, const struct plan_parts *parts, struct error *err)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	int rc;

	if (plan == NULL) {
		error_set(err, -ENOMEM, "no memory for the generator's plan");
		return NULL;
	}
	plan->serial = serial_next();
	plan->names = parts->names;
	plan->packets = p->packets != 0 ? p->packets : UINT64_MAX;
	plan->duration_ns = p->duration_s > 0 ? (uint64_t)llround(p->duration_s * 1e9) : UINT64_MAX;
	frame_templates_fill(&plan->templates);
	rc = p->replay.kind != REPLAY_NONE ? plan_replay_fill(plan, p, parts, err) :
		plan_draws_fill(plan, p, err);
	if (rc == 0)
		return plan;
	plan_free(plan);
	return NULL;
}

void
plan_free(struct plan *p)
{
	if (p == NULL)
		return;
	replay_free(p->replay);
	for (uint32_t i = 0; i < p->table_count; i++)
		alias_free(p->tables[i]);
	mem_table_free(p->flows, p->flow_bytes);
	free(p->labels);
	free(p->gaps);
	free(p->addresses);
	free(p->address_base);
	if (p->recorded != NULL)
		intern_fini(p->recorded);
	free(p->recorded);
	free(p);
}

uint32_t
plan_address_count(const struct plan *p)
{
	uint32_t n = p->address_total + p->peers4.count + p->peers6.count;

	if (p->recorded != NULL)
		return p->recorded->count;
	for (uint32_t i = 0; i < p->source_count; i++)
		n += p->sources[i].count;
	return n;
}

// The entry of a label below address_total: the last one that begins at or before it.
static uint32_t
entry_find(const struct plan *p, uint32_t label)
{
	uint32_t low = 0, high = p->address_entries;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (p->address_base[middle] <= label)
			low = middle;
		else
			high = middle;
	}
	return low;
}

struct address
plan_address(const struct plan *p, uint32_t label)
{
	uint32_t entry, i = 0;

	if (p->recorded != NULL)
		return *(const struct address *)intern_item(p->recorded, label);
	if (label < p->address_total) {
		entry = entry_find(p, label);
		return address_range_at(&p->addresses[entry], label - p->address_base[entry]);
	}
	label -= p->address_total;
	if (label < p->peers4.count)
		return address_range_at(&p->peers4, label);
	label -= p->peers4.count;
	if (label < p->peers6.count)
		return address_range_at(&p->peers6, label);
	label -= p->peers6.count;
	while (label >= p->sources[i].count)
		label -= p->sources[i++].count;
	return address_range_at(&p->sources[i], label);
}
