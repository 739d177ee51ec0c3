/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_REPLAY_CAPTURE_H
#define WEIR_PKTGEN_REPLAY_CAPTURE_H

#include "capture_frames.h"
#include "replay_source.h"
#include "replay_spec.h"

// The packets of capture files as they were recorded. A frame of which only the beginning was
// recorded is filled up with zeros to its length on the wire.

// The frames must outlive the source. NULL: no memory.
struct replay_source *replay_capture_create(const struct replay_spec *spec,
	const struct capture_frames *frames);

// How many loops have flows of their own in the plan (plan_capture.c); after so many the numbers of
// flows come again. 1 before it is set.
void replay_capture_copies_set(struct replay_source *s, uint32_t copies);

#endif
