/* SPDX-License-Identifier: BSD-3-Clause */
#include "replay.h"

#include <stdlib.h>

#include <rte_common.h>

#define NS_PER_S_U64 UINT64_C(1000000000)
#define GAP_DEFAULT_NS 1000  // between two loops of packets that are all at one time

struct replay {
	struct replay_spec spec;
	struct replay_source *source;
	uint64_t loop;
	uint64_t position;   // packets written
	uint64_t period_ns;  // of a loop, in recorded time
};

// Recorded times are whatever the file says, and there may be many loops.
static uint64_t
ns_limit(unsigned __int128 ns)
{
	return ns < REPLAY_NS_MAX ? (uint64_t)ns : REPLAY_NS_MAX;
}

// In recorded time. The next loop follows at the mean distance of two packets.
static uint64_t
period_of(const struct replay_source *s)
{
	uint64_t span = s->last_ns - s->first_ns;

	return ns_limit((unsigned __int128)span + (span == 0 || s->packets < 2 ?
		GAP_DEFAULT_NS : span / (s->packets - 1)));
}

struct replay *
replay_create(const struct replay_spec *spec, struct replay_source *source)
{
	struct replay *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		source->ops->free(source);
		return NULL;
	}
	r->spec = *spec;
	r->source = source;
	r->period_ns = period_of(source);
	return r;
}

void
replay_free(struct replay *r)
{
	if (r == NULL)
		return;
	r->source->ops->free(r->source);
	free(r);
}

void
replay_report(const struct replay *r, struct json_out *out)
{
	json_out_open(out, '{');
	r->source->ops->report(r->source, out);
	json_out_close(out, '}');
}

// Loops that begin before a packet time, one more where that is not sure.
static uint64_t
loops_until(const struct replay_spec *spec, const struct replay_source *s, uint64_t duration_ns)
{
	double loops = (double)duration_ns / (double)period_of(s);

	if (spec->pace == REPLAY_MULTIPLE)
		loops *= spec->multiple;
	if (spec->pace == REPLAY_RATE)
		loops = (double)duration_ns / 1e9 * (double)spec->rate_pps / (double)s->packets;
	return loops < (double)REPLAY_NS_MAX ? (uint64_t)loops + 2 : REPLAY_NS_MAX;
}

uint64_t
replay_loops_most(const struct replay_spec *spec, const struct replay_source *s, uint64_t packets,
	uint64_t duration_ns)
{
	uint64_t loops = spec->loops != 0 ? spec->loops : UINT64_MAX;

	if (packets != UINT64_MAX)
		loops = RTE_MIN(loops, (packets - 1) / s->packets + 1);
	if (duration_ns != UINT64_MAX)
		loops = RTE_MIN(loops, loops_until(spec, s, duration_ns));
	return loops;
}

bool
replay_unpaced(const struct replay *r)
{
	return r->spec.pace == REPLAY_ASAP;
}

double
replay_mean_pps(const struct replay *r)
{
	double pps = (double)r->source->packets * 1e9 / (double)r->period_ns;

	return r->spec.pace == REPLAY_RATE ? (double)r->spec.rate_pps :
		r->spec.pace == REPLAY_MULTIPLE ? pps * r->spec.multiple : pps;
}

bool
replay_next_ns(const struct replay *r, uint64_t *ret_ns)
{
	uint64_t recorded;
	double scaled;

	if (!r->source->ops->next_ns(r->source, &recorded))
		return false;
	*ret_ns = ns_limit((unsigned __int128)r->loop * r->period_ns +
		(recorded - r->source->first_ns));
	if (r->spec.pace == REPLAY_MULTIPLE) {
		scaled = (double)*ret_ns / r->spec.multiple;
		*ret_ns = scaled < (double)REPLAY_NS_MAX ? (uint64_t)scaled : REPLAY_NS_MAX;
	}
	if (r->spec.pace == REPLAY_RATE)
		*ret_ns = ns_limit((unsigned __int128)r->position * NS_PER_S_U64 /
			r->spec.rate_pps);
	return true;
}

uint32_t
replay_write(struct replay *r, uint8_t *to, uint32_t *ret_flow)
{
	const struct replay_source_ops *ops = r->source->ops;
	uint32_t bytes = ops->write(r->source, r->loop, to, ret_flow);
	uint64_t ns;

	r->position++;
	if (!ops->next_ns(r->source, &ns)) {
		r->loop++;
		if (r->spec.loops == 0 || r->loop < r->spec.loops)
			ops->rewind(r->source);
	}
	return bytes;
}
