/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_FLOW_MODEL_H
#define WEIR_TEST_FLOW_MODEL_H

#include "flow_support.h"

/*
 * Flows by the simplest means: a list of flows, each a list of its packets; every question is
 * answered by going through all of them. Shares nothing with lib/flow but the struct in which the
 * answers are compared.
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

// Write into f what a record of the flow has to say (key ends and TTL are the test's affair).
void model_record(const struct model_flow *mf, struct flow *f);

#endif
