/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_PROFILE_H
#define WEIR_PKTGEN_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "address.h"
#include "base/error.h"
#include "packet/protocol.h"
#include "popularity.h"
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

// A surge: packets of flows that have the key are `factor` times as likely from at_s to
// at_s + for_s, in packet time. The key is an address or a protocol of the profile.
struct profile_event {
	double at_s;
	double for_s;
	double factor;
	char key[PROFILE_NAME_LEN];
	struct address address;  // version 0 where the key is a protocol
	uint32_t protocol;       // index, where it is one
};

struct profile {
	uint64_t rate_pps;  // 0: as fast as the port takes them
	uint64_t seed;
	uint32_t flows;
	struct popularity popularity;
	struct size_spec size;
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

// A copy of base in which the members of changes replace its own; NULL if memory ran out or
// changes is no object (then err says so).
cJSON *profile_merge(const cJSON *base, const cJSON *changes, struct error *err);

// Addresses over all entries.
uint32_t profile_address_total(const struct profile *p);

// Readers of the larger members, each in a file of its own; as profile_create().
int profile_addresses_read(struct profile *p, const cJSON *json, struct error *err);
int profile_peers_read(struct profile *p, const cJSON *json, struct error *err);
int profile_protocols_read(struct profile *p, const cJSON *json,
	const struct protocol_table *names, struct error *err);
int profile_events_read(struct profile *p, const cJSON *json, struct error *err);
// The list of weights `name`: NULL in *ret where there is none, else `count` of them.
int profile_weights_read(const cJSON *json, const char *name, const char *of, uint32_t count,
	double **ret, struct error *err);

#endif
