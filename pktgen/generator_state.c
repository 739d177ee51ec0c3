/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_log_names.h"
#include "generator_lcore.h"
#include "replay.h"

// What can be asked of a generator.

cJSON *
generator_profile(const struct generator *g)
{
	return cJSON_Duplicate(g->profile, true);
}

cJSON *
generator_names(const struct generator *g, uint32_t most, uint32_t *ret_total)
{
	const struct flow_log_names *names = g->plan->devices;
	char text[ADDRESS_TEXT_LEN];
	cJSON *o = cJSON_CreateObject();

	*ret_total = 0;
	for (uint32_t i = 0; names != NULL && i < names->device_count; i++)
		if (!names->devices[i]->is_address && (*ret_total)++ < most)
			cJSON_AddStringToObject(o,
				address_format(&names->devices[i]->address, text),
				names->devices[i]->name);
	return o;
}

void
generator_replay_write(const struct generator *g, struct json_out *out)
{
	if (g->plan->replay != NULL)
		replay_report(g->plan->replay, out);
	else
		json_out_null(out);
}

uint64_t
generator_stamp_tag(const struct generator *g)
{
	return __atomic_load_n(&g->stamp_tag, __ATOMIC_RELAXED);
}

const struct plan *
generator_plan(const struct generator *g)
{
	return g->plan;
}

bool
generator_done(const struct generator *g)
{
	uint64_t serial = __atomic_load_n(&g->serial, __ATOMIC_RELAXED);

	for (unsigned int i = 0; i < g->lcore_count; i++)
		if (__atomic_load_n(&g->lcores[i].done_serial, __ATOMIC_ACQUIRE) != serial)
			return false;
	return true;
}

void
generator_stats_get(const struct generator *g, struct generator_stats *ret)
{
	struct generator_stats s = {0};

	for (unsigned int i = 0; i < g->lcore_count; i++) {
		const struct generator_counters *c = &g->lcores[i].counters;

		s.sent += __atomic_load_n(&c->sent, __ATOMIC_RELAXED);
		s.bytes += __atomic_load_n(&c->bytes, __ATOMIC_RELAXED);
		s.dropped += __atomic_load_n(&c->dropped, __ATOMIC_RELAXED);
		// Each walks the whole sequence, so each counts the whole delay.
		s.late = RTE_MAX(s.late, __atomic_load_n(&c->late, __ATOMIC_RELAXED));
		s.achieved_pps +=
			(double)__atomic_load_n(&c->milli_pps, __ATOMIC_RELAXED) / 1000;
		s.slowest_pps +=
			(double)__atomic_load_n(&c->slowest_milli_pps, __ATOMIC_RELAXED) / 1000;
		s.fastest_pps +=
			(double)__atomic_load_n(&c->fastest_milli_pps, __ATOMIC_RELAXED) / 1000;
		s.active_s = RTE_MAX(s.active_s,
			(double)__atomic_load_n(&c->active_tsc, __ATOMIC_RELAXED) /
			(double)g->lcores[i].hz);
	}
	s.running = __atomic_load_n(&g->running, __ATOMIC_RELAXED) && !generator_done(g);
	*ret = s;
}
