/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_REPLAY_SOURCE_H
#define WEIR_PKTGEN_REPLAY_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json_out.h"

// Where the packets of a replay come from. replay.c adds pace and loops. Made by the control
// thread, then used by one generator lcore.

struct replay_source;

struct replay_source_ops {
	void (*free)(struct replay_source *s);
	// The first packet of the next loop is next.
	void (*rewind)(struct replay_source *s);
	// Recorded time of the next packet, never before the last one's. False: the loop is over.
	bool (*next_ns)(const struct replay_source *s, uint64_t *ret_ns);
	// Write the next packet, which has to be there, of loop number `loop`, and go on. Gives back
	// its bytes; *ret_flow gets its flow of the plan.
	uint32_t (*write)(struct replay_source *s, uint64_t loop, uint8_t *to, uint32_t *ret_flow);
	// Control thread: what is in it and what cannot be sent, as members of an open object.
	void (*report)(const struct replay_source *s, struct json_out *out);
};

// The head of every source.
struct replay_source {
	const struct replay_source_ops *ops;
	uint64_t packets;   // of a loop
	uint64_t first_ns;  // recorded times of the first and the last packet
	uint64_t last_ns;
};

#endif
