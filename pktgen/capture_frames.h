/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_CAPTURE_FRAMES_H
#define WEIR_PKTGEN_CAPTURE_FRAMES_H

#include <stdint.h>

#include "base/error.h"
#include "capture_flows.h"
#include "replay_spec.h"

// The Ethernet frames of capture files, all in memory, and for an answer key the number of each
// one's flow.

#define CAPTURE_FRAMES_BYTES_MAX (UINT64_C(1) << 30)    // of all frames
#define CAPTURE_FRAMES_PACKETS_MAX (UINT64_C(16) << 20)

enum capture_refusal {
	CAPTURE_REFUSED_LINK_TYPE,  // no Ethernet
	CAPTURE_REFUSED_TOO_SHORT,  // less than an Ethernet header was recorded
	CAPTURE_REFUSED_TOO_LONG,   // longer than max_bytes
	CAPTURE_REFUSALS,
};

extern const char *const capture_refusal_names[CAPTURE_REFUSALS];

struct capture_frame {
	uint64_t ns;        // never before the last one's
	uint64_t at;        // of its bytes
	uint32_t captured;
	uint32_t bytes;     // on the wire
};

struct capture_frames {
	struct capture_frame *frames;
	uint64_t count;
	uint64_t room;
	uint8_t *bytes;
	uint64_t byte_count;
	uint64_t byte_room;
	uint32_t max_bytes;
	uint64_t refused[CAPTURE_REFUSALS];
	uint32_t *flow;     // by frame; NULL before capture_frames_describe()
	struct capture_flows flows;
};

// Control thread; takes as long as reading takes. NULL with err filled, also where no frame can be
// sent.
struct capture_frames *capture_frames_read(const struct replay_spec *spec, struct error *err);
// Control thread: number the flows of all frames, unless that was done before; it takes several
// times as long as reading them. 0 or -ENOMEM; that there are too many flows is in c->flows.
int capture_frames_describe(struct capture_frames *c);
void capture_frames_free(struct capture_frames *c);  // NULL is fine

#endif
