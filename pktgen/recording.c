/* SPDX-License-Identifier: BSD-3-Clause */
#include "recording.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"

static void
refusals_log(const char *const *names, const uint64_t *refused, unsigned int n, const char *what)
{
	for (unsigned int i = 0; i < n; i++)
		if (refused[i] > 0)
			log_warning("pktgen", "replay: %llu %s cannot be sent (%s)",
				(unsigned long long)refused[i], what, names[i]);
}

static int
recording_fill(struct recording *r, const struct replay_spec *spec, struct error *err)
{
	if (spec->kind == REPLAY_LOGS) {
		r->log = flow_log_read(spec, err);
		if (r->log != NULL)
			refusals_log(flow_log_refusal_names, r->log->refused, FLOW_LOG_REFUSALS,
				"records");
		return r->log != NULL ? 0 : -EINVAL;
	}
	r->frames = capture_frames_read(spec, err);
	return r->frames != NULL ? 0 : -EINVAL;
}

struct recording *
recording_read(const struct replay_spec *spec, struct error *err)
{
	struct recording *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		error_field(err, -ENOMEM, "replay", "replay: no memory for it");
		return NULL;
	}
	if (recording_fill(r, spec, err) == 0)
		return r;
	recording_free(r);
	return NULL;
}

void
recording_free(struct recording *r)
{
	if (r == NULL)
		return;
	flow_log_free(r->log);
	capture_frames_free(r->frames);
	free(r);
}
