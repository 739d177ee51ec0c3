/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_RECORDING_H
#define WEIR_PKTGEN_RECORDING_H

#include "capture_frames.h"
#include "flow_log.h"
#include "replay_spec.h"

// What a replay sends, as it was read: once for the life of a generator, since reading takes long.
// What is sent does not change after that; plans use it and begin it anew.
struct recording {
	struct flow_log *log;           // of flow records, else NULL
	struct capture_frames *frames;  // of packets, else NULL
};

// Control thread. NULL with err filled. The spec is of a replay.
struct recording *recording_read(const struct replay_spec *spec, struct error *err);
void recording_free(struct recording *r);  // NULL is fine

#endif
