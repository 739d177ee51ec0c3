/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_FLOW_SUPPORT_H
#define WEIR_TEST_FLOW_SUPPORT_H

#include "flow/flow_tracker.h"
#include "packet/packet.h"

#define S UINT64_C(1000000)
#define FIN_US (2 * S)  // interfaces.md: fin_timeout, two seconds

// A packet as a test says it: small numbers stand for the ends.
struct packet {
	uint64_t ts_us;
	uint16_t src, dst;    // 10.0.x.x
	uint16_t sport, dport;
	uint8_t proto;        // 0: UDP
	uint8_t flags;
	uint8_t ttl;
	uint32_t wire_bytes;  // 0: 100
	uint32_t l3_bytes;
	uint32_t seq, ack, payload;
};

// Meta data as packet_parse() would give it, hash included.
void meta_of(const struct packet *p, const struct flow_table *t, struct packet_meta *ret);

// Copies of the flows that have ended, in order.
struct record_list {
	struct flow *record;
	size_t count, cap;
};

void record_list_add(void *list, struct flow *f);  // is a flow_tracker's on_end
void record_list_free(struct record_list *l);

// One worker's tracker with its table; records of ended flows are kept.
struct bench {
	struct flow_table *table;
	struct protocol_table *protocols;
	struct flow_tracker tracker;
	struct record_list ended;
	uint64_t now_us;       // the clock: latest time stamp, or moved by the test
};

void bench_begin(struct bench *b, uint32_t capacity, struct flow_limits limits, uint64_t now_us);
void bench_end(struct bench *b);

/*
 * One packet as the RX worker treats it. The clock follows its time stamp unless that goes back.
 * Gives the flow that counted it (it may have ended with it: look at ended.count).
 */
struct flow *bench_packet(struct bench *b, const struct packet *p, bool *ret_new);

// Counters against the records and the table: created = active + sum of ended.
bool bench_adds_up(const struct bench *b);

#endif
