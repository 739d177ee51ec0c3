/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_ANSWER_INTERNAL_H
#define WEIR_PKTGEN_ANSWER_INTERNAL_H

#include <stdio.h>

#include <rte_common.h>

#include "answer_key.h"
#include "answer_queries.h"

// The inside of the answer key: counting (answer_key.c), folding (answer_fold.c), writing
// (answer_write.c).

#define ANSWER_RECORDS 65536u  // in a half

// A packet of an event (flow is flow_count and above), or a flow that ended.
struct answer_record {
	uint32_t flow;
	uint64_t word;  // of an event's packet
	struct answer_count count;
};

struct answer_half {
	struct answer_count *counts;  // of the flows of this lcore: number flow / lcores
	struct answer_record *records;
	uint32_t record_count;
	bool counted;                 // there is anything in it
};

// One lcore's.
struct answer_part {
	struct answer_half halves[2];
	uint32_t active;      // half that the lcore counts in; lcore only
	uint64_t second;      // that it counts; lcore only
	uint32_t full;        // 1: the other half waits to be folded; atomic, set by the lcore
	uint64_t full_second; // which second that is of; owned with the other half
	bool full_ends;       // it is the second's last,
	uint64_t full_next;   // and this one is counted next
} __rte_cache_aligned;

// What the folding thread keeps where flows are asked for.
struct answer_flows {
	uint32_t *pair_of;    // by flow
	uint32_t pair_count;
	uint32_t *pair_flow;  // a flow of the pair
	uint16_t *port_at;    // by flow: place of the client port of the flow that is counted
	struct answer_count *pairs;        // of this second
	struct answer_count *pair_totals;
	struct answer_count *flow_now;     // of the flow in this place, this second
	struct answer_count *flow_totals;  // and over its earlier ones
	struct json_out second_pairs;      // of events, this second
	struct json_out second_flows;
	FILE *total_pairs;    // of events; temporary files, since their number has no bound
	FILE *total_flows;
	bool any_total_pair, any_total_flow;
};

struct answer_key {
	const struct plan *plan;
	unsigned int lcores;
	bool keep_flows;
	uint16_t protocol_count;
	uint32_t address_count;
	size_t half_bytes;
	struct answer_part *parts;

	// Folding thread.
	uint64_t second;      // that is folded
	uint64_t *next;       // by lcore: what it counts when this second is complete; 0: it is not
	struct answer_sums now;
	struct answer_sums total;
	struct answer_flows flows;
	struct answer_window *window;          // NULL: the file has no queries
	struct answer_parameters parameters;
	void (*observe)(void *arg, uint64_t second, const struct answer_sums *sums);
	void *observe_arg;
	struct json_out out;
	FILE *file;           // NULL: none
	bool any_second;
	char *path;
	char *part_path;
	char *profile;
	int write_errno;
};

static inline void
answer_count_add(struct answer_count *to, const struct answer_count *c)
{
	to->packets += c->packets;
	to->bytes += c->bytes;
}

// Folding: a half into the sums of the second; and the second is complete.
void answer_half_fold(struct answer_key *k, unsigned int lcore, struct answer_half *half);
void answer_second_finish(struct answer_key *k);

// Flows, where they are asked for.
int answer_flows_create(struct answer_key *k);
void answer_flows_free(struct answer_flows *f);
void answer_flow_count(struct answer_key *k, uint32_t flow, const struct answer_count *c);
void answer_flow_end(struct answer_key *k, uint32_t flow, const struct answer_count *c);
void answer_flow_event(struct answer_key *k, const struct plan_event_packet *e,
	const struct answer_count *c);
void answer_flows_write(struct answer_key *k, struct json_out *o);        // of the second
void answer_flow_totals_write(struct answer_key *k);                      // to the file

// Queries, where they are asked for: of the window that ends with this second.
int answer_rows_create(struct answer_key *k, uint32_t seconds, struct error *err);
void answer_rows_write(struct answer_key *k, struct json_out *o);

// Writing.
int answer_file_open(struct answer_key *k, const char *path, const char *profile,
	struct error *err);
void answer_second_write(struct answer_key *k);
void answer_sums_write(const struct answer_key *k, struct json_out *o,
	const struct answer_sums *s);
void answer_out_flush(struct answer_key *k);
int answer_file_finish(struct answer_key *k, struct error *err);

#endif
