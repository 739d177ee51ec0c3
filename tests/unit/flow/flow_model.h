/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_FLOW_MODEL_H
#define WEIR_TEST_FLOW_MODEL_H

#include "flow_support.h"

/*
 * Flows by the simplest means: a list of flows, each a list of its packets; every question is
 * answered by going through all of them. Its numbers are plain and wide, and none of them lies in a
 * struct of lib/flow.
 *
 * The rules: at its next packet (and at the flush) a flow is over if on the clock, or else on the
 * packets' own time, idle, active or FIN timeout has passed; the earliest one names the end.
 */
struct model_packet {
	struct packet p;
	uint64_t clock_us;
	unsigned int dir;
};

struct model_flow {
	struct model_packet *packet;
	size_t count, cap;
	int fin[2];            // index of the first FIN packet of each direction, -1 for none
	enum flow_end end;
};

struct model {
	struct flow_limits limits;
	uint64_t clock_us;
	struct model_flow *flow;  // all that ever were, in order of their beginning
	size_t count, cap;
};

void model_free(struct model *m);
void model_packet(struct model *m, const struct packet *p);
void model_flush(struct model *m);

enum { MODEL_FWD, MODEL_REV, MODEL_BOTH, MODEL_PARTS };

// What is to be said of the packets of one direction, or of both. Minima and maxima are 0 where
// there is nothing.
struct model_part {
	uint64_t packets, bytes, l3_bytes;
	uint64_t first_us, last_us;
	uint64_t size_min, size_max;
	unsigned __int128 size_squares;
	uint64_t gaps;         // number of them
	__int128 gap_min, gap_max, gap_sum;
	unsigned __int128 gap_squares;
	unsigned int tcp_flags, ttl_min, ttl_max;
};

struct model_answer {
	struct model_part part[MODEL_PARTS];
	uint64_t born_us, seen_us;
	enum flow_end end;
};

void model_answer(const struct model_flow *mf, struct model_answer *ret);

#endif
