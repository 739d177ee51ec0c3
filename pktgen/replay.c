/* SPDX-License-Identifier: BSD-3-Clause */
#include "replay.h"

#include <stdlib.h>

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

struct replay *
replay_create(const struct replay_spec *spec, struct replay_source *source)
{
	struct replay *r = calloc(1, sizeof(*r));
	uint64_t span = source->last_ns - source->first_ns;

	if (r == NULL) {
		source->ops->free(source);
		return NULL;
	}
	r->spec = *spec;
	r->source = source;
	// The next loop follows at the mean distance of two packets.
	r->period_ns = ns_limit((unsigned __int128)span + (span == 0 || source->packets < 2 ?
		GAP_DEFAULT_NS : span / (source->packets - 1)));
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
