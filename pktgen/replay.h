/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_REPLAY_H
#define WEIR_PKTGEN_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json_out.h"
#include "replay_source.h"
#include "replay_spec.h"

// Recorded packets at a pace, once or several times. Made by the control thread, then used by one
// generator lcore.

struct replay;

// Takes over the source, also on failure. NULL: no memory.
struct replay *replay_create(const struct replay_spec *spec, struct replay_source *source);
void replay_free(struct replay *r);
// Control thread: what is in it, as a JSON object.
void replay_report(const struct replay *r, struct json_out *out);

/*
 * Loops of a replay of which at most so many packets are sent, and none at duration_ns or later.
 * @param packets at least 1; UINT64_MAX: no limit. Likewise duration_ns
 * @return at least as many as there will be; UINT64_MAX: no end
 */
uint64_t replay_loops_most(const struct replay_spec *spec, const struct replay_source *s,
	uint64_t packets, uint64_t duration_ns);

// As fast as the port takes them: no packet is due before another.
bool replay_unpaced(const struct replay *r);
double replay_mean_pps(const struct replay *r);  // over a loop

// Latest packet time, 146 years: what would be later is due then. Sums with clocks do not overflow.
#define REPLAY_NS_MAX (UINT64_MAX / 4)

// Packet time of the next packet by the pace, the first one's is 0. False: there is none.
bool replay_next_ns(const struct replay *r, uint64_t *ret_ns);

// Write that packet, which has to be there, to `to`, which has room for the spec's max_bytes and for
// FRAME_HEADERS_MAX, and go on to the next. Gives back its bytes; *ret_flow gets its flow of the
// plan.
uint32_t replay_write(struct replay *r, uint8_t *to, uint32_t *ret_flow);

#endif
