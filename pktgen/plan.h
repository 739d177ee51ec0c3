/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_PLAN_H
#define WEIR_PKTGEN_PLAN_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "alias.h"
#include "conversation.h"
#include "encap.h"
#include "flow_frame.h"
#include "prng.h"
#include "profile.h"
#include "size.h"

// A profile made ready to send: its flows, and the tables that packets are drawn from. Made by the
// control thread and then immutable, but for what flow_frame.h says the lcore writes, and the
// rate, which the control thread may change.

// A stretch of packet time with one set of events going on.
struct plan_segment {
	uint64_t from_ns;
	const struct alias_table *draw;
	double keep;         // part of the profile's rate that outages leave
	uint64_t extra_pps;  // of scans and floods, besides it
};

// A scan or a flood; its packets are drawn like those of flow number flow_count and above.
struct plan_event {
	enum event_type type;
	uint32_t key;        // label of its address
	uint32_t others;     // first label of the targets or sources
	uint32_t other_count;
	uint16_t port_min;
	uint32_t ports;
};

// The ends of one of its packets, by label.
struct plan_event_packet {
	uint32_t client;
	uint32_t server;
	uint16_t client_port;
	uint16_t server_port;
};

struct answer_key;
struct capture_flows;
struct flow_log_names;
struct intern;
struct recording;
struct replay;
struct sent_log;

#define PLAN_SEGMENTS_MAX (2 * PROFILE_EVENTS_MAX + 1)
#define PLAN_GAPS 4096u

// What the answer key says a flow is. Addresses are numbered over the profile's entries, then the
// IPv4 peers, then the IPv6 peers, then the sources of floods; or as they come in
// what is replayed.
struct plan_label {
	uint32_t address;
	uint32_t peer;
	uint16_t protocol;  // id of the protocol table, as Weir will find it
	uint16_t asked;     // index in the profile's protocols
	uint16_t server_port;
	// Of captures, where no flow of the plan has them.
	uint16_t client_port;
	uint8_t ip_proto;
	uint8_t client_far;  // 1: the client is the peer
};

struct plan {
	uint64_t serial;    // differs between any two plans of a process
	uint64_t rate_pps;  // written by the control thread, read by the lcore: atomic

	uint32_t flow_count;
	size_t flow_bytes;
	struct flow_frame *flows;
	struct plan_label *labels;
	struct frame_templates templates;
	struct encap encap;
	struct conversation_rules rules;
	uint64_t flow_stream;
	uint64_t shape_stream;

	// Pace: bursts, and gaps between packets in parts of timeline.h.
	uint64_t on_ns, period_ns;  // 0: no bursts
	uint32_t *gaps;             // PLAN_GAPS equally likely ones; NULL: all the same
	uint64_t gap_stream;
	bool rate_bound;            // events or lifetimes were made for this rate

	struct plan_event events[PROFILE_EVENTS_MAX];
	uint32_t event_count;

	struct plan_segment segments[PLAN_SEGMENTS_MAX];
	uint32_t segment_count;
	struct alias_table *tables[PLAN_SEGMENTS_MAX];  // owned; segments share them
	uint32_t table_count;

	uint64_t stamp_every;  // one of so many packets carries a stamp; 0: none
	uint64_t stamp_tag;    // in it, see stamp.h

	uint64_t packets;      // UINT64_MAX: no limit
	uint64_t duration_ns;  // UINT64_MAX: no limit

	// Names for the labels.
	struct address_range *addresses;
	uint32_t *address_base;  // label of each entry's first address
	uint32_t address_entries;
	uint32_t address_total;
	struct address_range peers4;
	struct address_range peers6;
	struct address_range sources[PROFILE_EVENTS_MAX];
	uint32_t source_count;  // ranges
	const struct protocol_table *names;

	struct intern *recorded;   // addresses of a capture that is replayed, by label; else NULL
	// Flow numbers below are reasons why frames of a capture are in no flow (frame_key.h).
	uint32_t undescribed;

	struct replay *replay;   // where packets come from, in place of the draws; NULL for none
	const struct flow_log_names *devices;  // of a replay of flow records, its own; else NULL
	struct answer_key *key;  // counts what is sent of this plan; NULL for none; not owned
	struct sent_log *log;    // notes what is sent of this plan; NULL for none; not owned
};

// What a plan is made of.
struct plan_parts {
	const struct protocol_table *names;
	const struct recording *recording;  // of a profile that is a replay
	bool describe;  // a replay's packets are counted: it has labels for them
};

// NULL with err filled. The parts must outlive the plan, the profile need not.
struct plan *plan_create(const struct profile *p, const struct plan_parts *parts,
	struct error *err);
void plan_free(struct plan *p);

// Numbers of the labels: below this, and what one stands for.
uint32_t plan_address_count(const struct plan *p);
struct address plan_address(const struct plan *p, uint32_t label);

// The steps of plan_create(), each in a file of its own. masses: of the flows.
int plan_flows_fill(struct plan *plan, const struct profile *p, const double *masses);
int plan_segments_fill(struct plan *plan, const struct profile *p, const double *masses);
void plan_events_fill(struct plan *plan, const struct profile *p);
// Its flows, labels and addresses from what is replayed; -errno with err filled.
int plan_replay_fill(struct plan *plan, const struct profile *p, const struct plan_parts *parts,
	struct error *err);
// Labels and addresses of a capture of which so many loops are sent with addresses of their own;
// *ret_copies: that many are told apart.
int plan_capture_describe(struct plan *plan, const struct capture_flows *flows, uint64_t loops,
	uint32_t *ret_copies, struct error *err);
// The label of one of the profile's addresses; UINT32_MAX if it is none.
uint32_t plan_label_find(const struct plan *p, const struct address *a);

// The packet of an event that a random word stands for.
void plan_event_packet(const struct plan *p, uint32_t event, uint64_t word,
	struct plan_event_packet *ret);
// The same as a flow of one packet, SYN.
void plan_event_flow(const struct plan *p, uint32_t event, uint64_t word, struct flow_frame *ret);

// Packets per second of a segment where the profile's rate is this; 0: nothing is sent.
static inline uint64_t
plan_segment_rate(const struct plan_segment *s, uint64_t rate)
{
	return (uint64_t)llround((double)rate * s->keep) + s->extra_pps;
}

// From packet number `position` to the next one, in parts of timeline.h, where there are gaps.
static inline uint32_t
plan_gap(const struct plan *p, uint64_t position)
{
	return p->gaps[prng_word(p->gap_stream, position) % PLAN_GAPS];
}

#endif
