/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_PLAN_H
#define WEIR_PKTGEN_PLAN_H

#include <stdint.h>

#include "alias.h"
#include "flow_frame.h"
#include "profile.h"
#include "size.h"

// A profile made ready to send: its flows, and the tables that packets are drawn from. Made by the
// control thread and then immutable, but for what flow_frame.h says the lcore writes, and the
// rate, which the control thread may change.

// A stretch of packet time with one set of surges going on.
struct plan_segment {
	uint64_t from_ns;
	const struct alias_table *draw;
};

struct answer_key;

#define PLAN_SEGMENTS_MAX (2 * PROFILE_EVENTS_MAX + 1)

// What the answer key says a flow is. Addresses are numbered over the profile's entries, then the
// IPv4 peers, then the IPv6 peers.
struct plan_label {
	uint32_t address;
	uint32_t peer;
	uint16_t protocol;  // id of the protocol table, as Weir will find it
	uint16_t asked;     // index in the profile's protocols
};

struct plan {
	uint64_t serial;    // differs between any two plans of a process
	uint64_t rate_pps;  // written by the control thread, read by the lcore: atomic

	uint32_t flow_count;
	size_t flow_bytes;
	struct flow_frame *flows;
	struct plan_label *labels;
	struct frame_templates templates;
	struct size_model size;
	uint64_t flow_stream;
	uint64_t shape_stream;

	struct plan_segment segments[PLAN_SEGMENTS_MAX];
	uint32_t segment_count;
	struct alias_table *tables[PLAN_SEGMENTS_MAX];  // owned; segments share them
	uint32_t table_count;

	uint64_t packets;      // UINT64_MAX: no limit
	uint64_t duration_ns;  // UINT64_MAX: no limit

	// Names for the labels.
	struct address_range *addresses;
	uint32_t *address_base;  // label of each entry's first address
	uint32_t address_entries;
	uint32_t address_total;
	struct address_range peers4;
	struct address_range peers6;
	const struct protocol_table *names;

	struct answer_key *key;  // counts what is sent of this plan; NULL for none; not owned
};

// NULL with err filled. The protocol table must outlive the plan, the profile need not.
struct plan *plan_create(const struct profile *p, const struct protocol_table *names,
	struct error *err);
void plan_free(struct plan *p);

// Numbers of the labels: below this, and what one stands for.
uint32_t plan_address_count(const struct plan *p);
struct address plan_address(const struct plan *p, uint32_t label);

// The steps of plan_create(), each in a file of its own. masses: of the flows.
int plan_flows_fill(struct plan *plan, const struct profile *p, const double *masses);
int plan_segments_fill(struct plan *plan, const struct profile *p, const double *masses);

#endif
