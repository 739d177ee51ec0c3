/* SPDX-License-Identifier: BSD-3-Clause */
#include "profile.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "fields.h"
#include "flow_frame.h"
#include "stamp.h"

// What a profile is without any member but addresses and protocols; docs/pktgen.md has the table.
#define DEFAULT_RATE_PPS 1000000
#define DEFAULT_SEED 1
#define DEFAULT_FLOWS 10000
#define DEFAULT_SIZE_MIN 64
#define DEFAULT_SIZE_MAX 1518
#define DEFAULT_ZIPF_S 1.0
#define DEFAULT_PARETO_ALPHA 1.2

#define DURATION_MIN_S 0.001
#define DURATION_MAX_S (10 * 366 * 86400.0)

static const char *const members[] = {"rate", "rate_pps", "pacing", "seed", "flows", "popularity",
	"lifetime", "exchange", "addresses", "address_weights", "protocols", "protocol_weights",
	"peers", "size", "encapsulation", "duration_s", "packets", "answer_key", "answer_key_flows",
	"answer_key_queries", "events", "timestamps", "replay", NULL};
// Of a replay: what is recorded needs no saying.
static const char *const replay_members[] = {"replay", "duration_s", "packets", "answer_key",
	"answer_key_flows", "answer_key_queries", NULL};
// Of a change only: what is simpler to say, see profile_simple.c.
static const char *const change_members[] = {"rate", "rate_pps", "pacing", "seed", "flows",
	"popularity", "lifetime", "exchange", "addresses", "address_weights", "protocols",
	"protocol_weights", "peers", "size", "encapsulation", "duration_s", "packets",
	"answer_key", "answer_key_flows", "answer_key_queries", "events", "timestamps", "ipNum",
	"ipPercent", "protocolNum", "protocolPercent", NULL};

static int
limits_read(struct profile *p, const cJSON *json, struct error *err)
{
	int rc = field_number(json, "", "duration_s", DURATION_MIN_S, DURATION_MAX_S,
		&p->duration_s, err);

	if (rc == 0)
		rc = field_whole(json, "", "packets", 1, FIELD_WHOLE_MAX, &p->packets, err);
	return rc;
}

static int
traffic_read(struct profile *p, const cJSON *json, struct error *err)
{
	const cJSON *popularity = field_item(json, "popularity"), *size = field_item(json, "size");
	uint64_t flows = p->flows;
	int rc = field_whole(json, "", "seed", 0, FIELD_WHOLE_MAX, &p->seed, err);

	if (rc == 0)
		rc = field_whole(json, "", "flows", 1, PROFILE_FLOWS_MAX, &flows, err);
	if (rc == 0 && popularity != NULL)
		rc = popularity_read(&p->popularity, popularity, err);
	if (rc == 0 && size != NULL)
		rc = size_read(&p->size, size, "size", SIZE_BYTES_MIN, SIZE_BYTES_MAX, err);
	if (rc == 0)
		rc = encap_read(&p->encap, json, err);
	p->flows = (uint32_t)flows;
	return rc;
}

static struct profile *
profile_alloc(struct error *err)
{
	struct profile *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		error_set(err, -ENOMEM, "no memory for a generator profile");
		return NULL;
	}
	p->rate_pps = DEFAULT_RATE_PPS;
	p->seed = DEFAULT_SEED;
	p->flows = DEFAULT_FLOWS;
	p->popularity = (struct popularity){POPULARITY_UNIFORM, DEFAULT_ZIPF_S, DEFAULT_PARETO_ALPHA};
	p->size = (struct size_spec){.type = SIZE_UNIFORM, .min = DEFAULT_SIZE_MIN,
		.max = DEFAULT_SIZE_MAX};
	return p;
}

// Bytes in front of the payload of the protocol with the shortest headers.
static uint32_t
headers_least(const struct profile *p)
{
	bool udp = false, ip4 = false;
	struct encap e;

	for (uint32_t i = 0; i < p->protocol_count; i++)
		udp |= p->protocols[i].port.ip_proto != IPPROTO_TCP;
	for (uint32_t i = 0; i < p->address_entries; i++)
		ip4 |= p->addresses[i].first.version == 4;
	encap_fill(&e, &p->encap);
	return e.extra + frame_header_bytes[udp ? (ip4 ? FRAME_UDP4 : FRAME_UDP6) :
		(ip4 ? FRAME_TCP4 : FRAME_TCP6)];
}

// Some packets must be able to carry one; those that are too short carry none.
static int
timestamps_read(struct profile *p, const cJSON *json, struct error *err)
{
	uint32_t needed = headers_least(p) + STAMP_BYTES, most = profile_frame_largest(p);
	int rc = field_whole(json, "", "timestamps", 1, FIELD_WHOLE_MAX, &p->timestamps, err);

	if (rc != 0 || p->timestamps == 0 || most >= needed)
		return rc;
	return field_wrong(err, "timestamps", field_item(json, "timestamps"), "null with frames of "
		"at most %u bytes: with the headers of this profile a stamp needs %u", most, needed);
}

// What packets are drawn from.
static int
draws_read(struct profile *p, const cJSON *json, const struct protocol_table *names,
	struct error *err)
{
	int rc = traffic_read(p, json, err);

	if (rc == 0)
		rc = profile_flows_read(p, json, err);
	if (rc == 0)
		rc = profile_peers_read(p, json, err);
	if (rc == 0)
		rc = profile_addresses_read(p, json, err);
	if (rc == 0)
		rc = profile_protocols_read(p, json, names, err);
	if (rc == 0)
		rc = profile_events_read(p, json, err);
	if (rc == 0)
		rc = profile_rate_read(p, json, err);
	if (rc == 0)
		rc = timestamps_read(p, json, err);
	return rc;
}

struct profile *
profile_create(const cJSON *json, const struct protocol_table *names, struct error *err)
{
	struct profile *p = profile_alloc(err);
	int rc;

	if (p == NULL)
		return NULL;
	rc = fields_check(json, "", members, err);
	if (rc == 0)
		rc = replay_spec_read(&p->replay, json, err);
	if (rc == 0 && p->replay.kind != REPLAY_NONE)
		rc = fields_check(json, "", replay_members, err);
	if (rc == 0)
		rc = limits_read(p, json, err);
	if (rc == 0)
		rc = profile_answers_read(p, json, err);
	if (rc == 0 && p->replay.kind == REPLAY_NONE)
		rc = draws_read(p, json, names, err);
	if (rc != 0) {
		profile_free(p);
		return NULL;
	}
	return p;
}

void
profile_free(struct profile *p)
{
	if (p == NULL)
		return;
	free(p->addresses);
	free(p->address_weights);
	free(p->protocols);
	free(p->protocol_weights);
	free(p);
}

uint32_t
profile_address_total(const struct profile *p)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->address_entries; i++)
		n += p->addresses[i].count;
	return n;
}

// Both say how fast: who gives one means it in place of the other, and a rate in bits comes to
// other packets per second where the sizes change.
static void
rates_part(cJSON *merged, const cJSON *changes)
{
	if (cJSON_HasObjectItem(changes, "rate_pps"))
		cJSON_DeleteItemFromObjectCaseSensitive(merged, "rate");
	else if (cJSON_HasObjectItem(changes, "rate") || field_item(merged, "rate") != NULL)
		cJSON_DeleteItemFromObjectCaseSensitive(merged, "rate_pps");
}

cJSON *
profile_merge(const cJSON *base, const cJSON *changes, struct error *err)
{
	cJSON *merged, *copy;
	const cJSON *item;

	if (fields_check(changes, "", change_members, err) != 0)
		return NULL;
	merged = cJSON_Duplicate(base, true);
	rates_part(merged, changes);
	cJSON_ArrayForEach(item, changes) {
		copy = merged != NULL ? cJSON_Duplicate(item, true) : NULL;
		if (copy == NULL)
			break;
		cJSON_DeleteItemFromObjectCaseSensitive(merged, item->string);
		cJSON_AddItemToObject(merged, item->string, copy);
	}
	if (merged == NULL || item != NULL) {
		error_set(err, -ENOMEM, "no memory for a generator profile");
		cJSON_Delete(merged);
		return NULL;
	}
	if (profile_simple_apply(merged, changes, err) != 0) {
		cJSON_Delete(merged);
		return NULL;
	}
	return merged;
}

uint32_t
profile_frame_largest(const struct profile *p)
{
	return p->replay.kind != REPLAY_NONE ? p->replay.max_bytes : size_largest(&p->size);
}
