/* SPDX-License-Identifier: BSD-3-Clause */
#include "profile.h"

#include <string.h>

// A profile as JSON again, with every default written out: what was read from it reads the same.

cJSON *
profile_range_json(const struct address_range *r)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, r->first.version == 4 ? "net4" : "net6", r->text);
	cJSON_AddNumberToObject(o, "count", r->count);
	return o;
}

static cJSON *
addresses_json(const struct profile *p)
{
	cJSON *list;

	if (p->addresses_bare)
		return profile_range_json(&p->addresses[0]);
	list = cJSON_CreateArray();
	for (uint32_t i = 0; i < p->address_entries; i++) {
		const struct address_range *r = &p->addresses[i];

		cJSON_AddItemToArray(list, strchr(r->text, '/') != NULL ? profile_range_json(r) :
			cJSON_CreateString(r->text));
	}
	return list;
}

static cJSON *
weights_json(const double *weights, uint32_t n)
{
	return weights != NULL ? cJSON_CreateDoubleArray(weights, (int)n) : cJSON_CreateNull();
}

static cJSON *
protocols_json(const struct profile *p)
{
	cJSON *list = cJSON_CreateArray();

	for (uint32_t i = 0; i < p->protocol_count; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(p->protocols[i].name));
	return list;
}

static cJSON *
peers_json(const struct profile *p)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "net4", p->peers4.text);
	cJSON_AddStringToObject(o, "net6", p->peers6.text);
	cJSON_AddNumberToObject(o, "count", p->peers4.count);
	return o;
}

// A number, null where 0 stands for no limit.
static cJSON *
limit_json(double v)
{
	return v > 0 ? cJSON_CreateNumber(v) : cJSON_CreateNull();
}

// What packets are drawn from.
static void
draws_json(cJSON *o, const struct profile *p)
{
	cJSON_AddItemToObject(o, "rate", p->rate_bps != 0 ? cJSON_CreateString(p->rate) :
		cJSON_CreateNull());
	cJSON_AddNumberToObject(o, "rate_pps", (double)p->rate_pps);
	cJSON_AddItemToObject(o, "pacing", profile_pace_json(p));
	cJSON_AddNumberToObject(o, "seed", (double)p->seed);
	cJSON_AddNumberToObject(o, "flows", p->flows);
	cJSON_AddItemToObject(o, "popularity", popularity_json(&p->popularity));
	cJSON_AddItemToObject(o, "lifetime", profile_lifetime_json(p));
	cJSON_AddItemToObject(o, "exchange", profile_exchange_json(p));
	cJSON_AddItemToObject(o, "addresses", addresses_json(p));
	cJSON_AddItemToObject(o, "address_weights",
		weights_json(p->address_weights, p->address_weight_count));
	cJSON_AddItemToObject(o, "protocols", protocols_json(p));
	cJSON_AddItemToObject(o, "protocol_weights",
		weights_json(p->protocol_weights, p->protocol_count));
	cJSON_AddItemToObject(o, "peers", peers_json(p));
	cJSON_AddItemToObject(o, "size", size_json(&p->size));
	cJSON_AddItemToObject(o, "encapsulation", encap_json(&p->encap));
	cJSON_AddItemToObject(o, "events", profile_events_json(p));
	cJSON_AddItemToObject(o, "timestamps", limit_json((double)p->timestamps));
}

cJSON *
profile_json(const struct profile *p)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddItemToObject(o, "duration_s", limit_json(p->duration_s));
	cJSON_AddItemToObject(o, "packets", limit_json((double)p->packets));
	profile_answers_json(p, o);
	if (p->replay.kind != REPLAY_NONE)
		cJSON_AddItemToObject(o, "replay", replay_spec_json(&p->replay));
	else
		draws_json(o, p);
	return o;
}
