/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_REPLAY_CAPTURE_H
#define WEIR_PKTGEN_REPLAY_CAPTURE_H

#include "base/error.h"
#include "replay_source.h"
#include "replay_spec.h"

// The packets of capture files, all in memory: Ethernet frames as they were recorded. A frame of
// which only the beginning was recorded is filled up with zeros to its length on the wire.

#define REPLAY_CAPTURE_BYTES_MAX (UINT64_C(1) << 30)    // of all frames
#define REPLAY_CAPTURE_PACKETS_MAX (UINT64_C(16) << 20)

// Control thread; takes as long as reading takes. NULL with err filled.
struct replay_source *replay_capture_create(const struct replay_spec *spec, struct error *err);

#endif
