/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_PROFILE_H
#define WEIR_PKTGEN_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "address.h"
#include "base/error.h"
#include "encap.h"
#include "packet/protocol.h"
#include "popularity.h"
#include "replay_spec.h"
#include "size.h"

// A profile (interfaces.md section 8) read from JSON into numbers that hold together: a profile
// that exists can be sent. Nothing in it is replaced silently; what a JSON member does not say,
// or says with null, has the default of docs/pktgen.md.

#define PROFILE_FLOWS_MAX 1048576u
#define PROFILE_ADDRESSES_MAX 1048576u
#define PROFILE_PROTOCOLS_MAX 1024u
#define PROFILE_EVENTS_MAX 16u
#define PROFILE_RATE_MAX UINT64_C(1000000000)
#define PROFILE_NAME_LEN 64
#define PROFILE_PATH_LEN 1024

struct profile_protocol {
	char name[PROFILE_NAME_LEN];
	struct protocol_port port;
};

enum event_type {
	EVENT_SURGE,      // packets of flows with the key are `factor` times as likely
	EVENT_OUTAGE,     // they are missing; without a key nothing is sent
	EVENT_SCAN,       // besides the rest, SYN from the key to peers and ports in any order
	EVENT_SYN_FLOOD,  // besides the rest, SYN to the key from sources in any order
};

// What happens from at_s to at_s + for_s, in packet time. The key is an address or a protocol of
// the profile; of a scan and of a flood an address.
struct profile_event {
	enum event_type type;
	double at_s;
	double for_s;
	double factor;
	char key[PROFILE_NAME_LEN];  // "" for none
	struct address address;      // version 0 where the key is none
	uint32_t protocol;           // index, where it is one; else UINT32_MAX
	uint64_t rate_pps;           // of a scan or flood
	uint16_t port_min, port_max; // where it goes; of a flood both are the same
	uint32_t targets;            // of a scan: peers
	struct address_range sources;  // of a flood
};

// How long flows live; a flow that ends makes room for another.
enum lifetime_unit {
	LIFETIME_ENDLESS,
	LIFETIME_SECONDS,
	LIFETIME_PACKETS,
};

enum lifetime_type {
	LIFETIME_FIXED,
	LIFETIME_EXPONENTIAL,
	LIFETIME_PARETO,
};

struct lifetime {
	enum lifetime_type type;
	enum lifetime_unit unit;
	double mean;
	double shape;           // of Pareto
	double arrivals_per_s;  // that the mean comes from; 0: it was given
	double reset_percent;   // of TCP flows that end with RST
};

// Payload bytes of requests and responses.
struct exchange {
	bool on;
	struct size_spec request;
	struct size_spec response;
};

enum pace_type {
	PACE_CONSTANT,
	PACE_POISSON,
	PACE_BURSTS,
};

struct pace {
	enum pace_type type;
	double on_s, off_s;  // of bursts
};

// What the answer key tells besides.
struct profile_answers {
	bool flows;            // pairs and flows
	bool queries;          // the built-in queries' true answers, with these parameters
	double share_percent;  // H
	uint32_t seconds;      // T
	uint32_t rows;         // k
	double sigmas;         // X
};

struct profile {
	uint64_t rate_pps;  // 0: as fast as the port takes them
	uint64_t rate_bps;  // that rate_pps comes from; 0: none
	char rate[PROFILE_NAME_LEN];  // its text
	struct pace pace;
	uint64_t seed;
	uint32_t flows;
	struct popularity popularity;
	struct size_spec size;
	struct lifetime lifetime;
	struct exchange exchange;
	struct encap_spec encap;
	double duration_s;  // 0: no limit
	uint64_t packets;   // 0: no limit

	// An entry is one address, or a prefix whose addresses share the entry's weight evenly.
	// {"net4": ..., "count": N} alone is one range with a weight for each of its addresses.
	struct address_range *addresses;
	uint32_t address_entries;
	bool addresses_bare;
	double *address_weights;  // NULL: every address the same
	uint32_t address_weight_count;

	struct profile_protocol *protocols;
	uint32_t protocol_count;
	double *protocol_weights;  // NULL: every protocol the same

	// The other ends of the flows; kept apart, so that the configured weights are what is seen.
	struct address_range peers4;
	struct address_range peers6;

	struct profile_event events[PROFILE_EVENTS_MAX];
	uint32_t event_count;
	char answer_key[PROFILE_PATH_LEN];  // "" for none
	struct profile_answers answers;
	uint64_t timestamps;                // every so many packets, one with a stamp; 0: none
	struct replay_spec replay;          // in place of all that says what packets are drawn
};

/*
 * Read and check a whole profile.
 * @param names the protocols that there are
 * @return NULL with err->field the path ("size.min") and the line in err->text
 */
struct profile *profile_create(const cJSON *json, const struct protocol_table *names,
	struct error *err);
void profile_free(struct profile *p);

// The complete profile as JSON, every default written out; NULL if memory ran out.
cJSON *profile_json(const struct profile *p);

// A copy of base in which the members of changes replace its own, the simple form (`ipNum`, ...)
// put in terms of the profile; NULL with err filled.
cJSON *profile_merge(const cJSON *base, const cJSON *changes, struct error *err);

// Addresses over all entries.
uint32_t profile_address_total(const struct profile *p);

// The longest frame that may come, without its encapsulation.
uint32_t profile_frame_largest(const struct profile *p);

void profile_answers_json(const struct profile *p, cJSON *o);  // members into o

// Readers of the larger members, each in a file of its own; as profile_create().
int profile_addresses_read(struct profile *p, const cJSON *json, struct error *err);
int profile_peers_read(struct profile *p, const cJSON *json, struct error *err);
int profile_protocols_read(struct profile *p, const cJSON *json,
	const struct protocol_table *names, struct error *err);
int profile_events_read(struct profile *p, const cJSON *json, struct error *err);
int profile_answers_read(struct profile *p, const cJSON *json, struct error *err);
int profile_flows_read(struct profile *p, const cJSON *json, struct error *err);
// After all others: a rate in bits depends on them.
int profile_rate_read(struct profile *p, const cJSON *json, struct error *err);
// {"net4": "10.0.0.0/16", "count": N}, or net6.
int profile_range_read(const cJSON *item, const char *path, struct address_range *ret,
	struct error *err);
// Packets per second, as a number or as text with a unit.
int profile_pps_read(const cJSON *json, const char *parent, const char *name, uint64_t *inout,
	struct error *err);
// The members of the simple form in `merged` put in terms of the profile.
int profile_simple_apply(cJSON *merged, const cJSON *changes, struct error *err);

// Its parts as JSON, for profile_json().
cJSON *profile_lifetime_json(const struct profile *p);
cJSON *profile_exchange_json(const struct profile *p);
cJSON *profile_pace_json(const struct profile *p);
cJSON *profile_events_json(const struct profile *p);
cJSON *profile_range_json(const struct address_range *r);
// The list of weights `name`: NULL in *ret where there is none, else `count` of them.
int profile_weights_read(const cJSON *json, const char *name, const char *of, uint32_t count,
	double **ret, struct error *err);

#endif
