/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include <rte_common.h>

#include "base/units.h"
#include "fields.h"
#include "flow_frame.h"
#include "profile.h"

// `rate`, `rate_pps` and `pacing`: how fast, and how even.

#define RATE_ALLOWED "a whole number from 0 to 1000000000, or a text like \"2mpps\""
#define BITS_MAX 1e13
#define BURST_S_MIN 1e-6
#define BURST_S_MAX 3600.0

static const char *const pace_types[] = {"constant", "poisson", "bursts", NULL};

int
profile_pps_read(const cJSON *json, const char *parent, const char *name, uint64_t *inout,
	struct error *err)
{
	const cJSON *item = field_item(json, name);
	char path[FIELD_PATH_LEN];
	uint64_t rate;

	if (!cJSON_IsString(item))
		return field_whole(json, parent, name, 0, PROFILE_RATE_MAX, inout, err);
	if (units_parse_pps(item->valuestring, &rate) != 0 || rate > PROFILE_RATE_MAX)
		return field_wrong(err, field_path(path, parent, name), item, RATE_ALLOWED);
	*inout = rate;
	return 0;
}

// Frames that carry a message, and their bytes.
struct carrier {
	uint32_t headers;
	uint32_t frame_max;
	bool tcp;
};

static double
frame_bytes(uint32_t size, const void *arg)
{
	const struct carrier *c = arg;

	return fmax(fmax(size, c->headers + c->tcp), FRAME_BYTES_MIN);
}

static double
message_frames(uint32_t message, const void *arg)
{
	const struct carrier *c = arg;
	uint32_t data = (message - 1) / (c->frame_max - c->headers) + 1;

	return data + (c->tcp ? (data - 1) / 2 : 0);
}

static double
message_bytes(uint32_t message, const void *arg)
{
	const struct carrier *c = arg;
	uint32_t room = c->frame_max - c->headers, full = (message - 1) / room;

	return (double)full * c->frame_max + frame_bytes(message - full * room + c->headers, c) +
		(c->tcp ? full / 2 * frame_bytes(0, c) : 0);
}

// Mean bytes of the data frames of a protocol.
static double
protocol_mean(const struct profile *p, uint8_t ip_proto, bool ip6)
{
	bool tcp = ip_proto == IPPROTO_TCP, udp = ip_proto == IPPROTO_UDP;
	uint8_t kind = (uint8_t)((tcp ? FRAME_TCP4 : udp ? FRAME_UDP4 : FRAME_ICMP4) +
		(ip6 ? FRAME_TCP6 - FRAME_TCP4 : 0));
	struct encap e;
	struct carrier c = {.tcp = tcp};

	encap_fill(&e, &p->encap);
	c.headers = frame_header_bytes[kind] + e.extra;
	c.frame_max = RTE_MAX(size_largest(&p->size), FRAME_HEADERS_MAX + e.extra);
	if (!p->exchange.on)
		return size_mean(&p->size, frame_bytes, &c);
	return (size_mean(&p->exchange.request, message_bytes, &c) +
		size_mean(&p->exchange.response, message_bytes, &c)) /
		(size_mean(&p->exchange.request, message_frames, &c) +
		size_mean(&p->exchange.response, message_frames, &c));
}

// The part of the packets that is IPv6.
static double
ip6_part(const struct profile *p)
{
	double ip6 = 0, all = 0;

	for (uint32_t i = 0; i < p->address_entries; i++) {
		double weight = p->addresses[i].count;

		if (p->address_weights != NULL && !p->addresses_bare)
			weight = p->address_weights[i];
		all += weight;
		ip6 += p->addresses[i].first.version == 6 ? weight : 0;
	}
	return ip6 / all;
}

// Mean bytes of data frames over protocols and addresses.
static double
mean_bytes(const struct profile *p)
{
	static const uint8_t protos[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP};
	double part6 = ip6_part(p), weights[RTE_DIM(protos)] = {0}, sum = 0, all = 0;

	for (uint32_t i = 0; i < p->protocol_count; i++) {
		uint8_t proto = p->protocols[i].port.ip_proto;

		weights[proto == IPPROTO_TCP ? 0 : proto == IPPROTO_UDP ? 1 : 2] +=
			p->protocol_weights != NULL ? p->protocol_weights[i] : 1;
	}
	for (unsigned int i = 0; i < RTE_DIM(protos); i++) {
		all += weights[i];
		if (weights[i] > 0)
			sum += weights[i] * ((1 - part6) * protocol_mean(p, protos[i], false) +
				part6 * protocol_mean(p, protos[i], true));
	}
	return sum / all;
}

// "10gbps" and the like; false where the text is none of these.
static bool
bits_parse(const char *text, double *ret_bps)
{
	static const struct {
		const char *suffix;
		double factor;
	} units[] = {{"kbps", 1e3}, {"mbps", 1e6}, {"gbps", 1e9}, {"tbps", 1e12}, {"bps", 1}};
	size_t len = strlen(text);
	char number[PROFILE_NAME_LEN];

	for (unsigned int i = 0; i < RTE_DIM(units); i++) {
		size_t tail = strlen(units[i].suffix);

		if (len <= tail || len >= sizeof(number) ||
				strcasecmp(text + len - tail, units[i].suffix) != 0)
			continue;
		memcpy(number, text, len - tail);
		number[len - tail] = '\0';
		if (units_parse_double(number, 0, BITS_MAX, ret_bps) != 0)
			return false;
		*ret_bps *= units[i].factor;
		return *ret_bps >= 1 && *ret_bps <= BITS_MAX;
	}
	return false;
}

static int
bits_set(struct profile *p, const cJSON *item, double bps, struct error *err)
{
	double pps = round(bps / 8 / mean_bytes(p));

	if (!(pps >= 1) || pps > PROFILE_RATE_MAX)
		return field_wrong(err, "rate", item, "what comes to 1 to %u packets per second "
			"(of %.6g bytes on the average)", (unsigned int)PROFILE_RATE_MAX,
			mean_bytes(p));
	p->rate_pps = (uint64_t)pps;
	p->rate_bps = (uint64_t)bps;
	strcpy(p->rate, item->valuestring);
	return 0;
}

// `rate` is a rate in packets or in bits; `rate_pps` beside it says the same or nothing.
static int
rate_read(struct profile *p, const cJSON *json, struct error *err)
{
	const cJSON *item = field_item(json, "rate"), *pps = field_item(json, "rate_pps");
	uint64_t other;
	double bps;
	int rc;

	if (item == NULL)
		return profile_pps_read(json, "", "rate_pps", &p->rate_pps, err);
	if (cJSON_IsString(item) && bits_parse(item->valuestring, &bps))
		rc = bits_set(p, item, bps, err);
	else if (cJSON_IsString(item) && units_parse_pps(item->valuestring, &other) != 0)
		rc = field_wrong(err, "rate", item, RATE_ALLOWED " or \"10gbps\"");
	else
		rc = profile_pps_read(json, "", "rate", &p->rate_pps, err);
	other = p->rate_pps;
	if (rc == 0)
		rc = profile_pps_read(json, "", "rate_pps", &other, err);
	if (rc == 0 && other != p->rate_pps)
		rc = field_wrong(err, "rate_pps", pps, "null where there is a rate");
	return rc;
}

static int
pace_read(struct profile *p, const cJSON *item, struct error *err)
{
	static const char *const even_fields[] = {"type", NULL};
	static const char *const burst_fields[] = {"type", "on_s", "off_s", NULL};
	unsigned int type = PACE_CONSTANT;
	int rc;

	if (!cJSON_IsObject(item))
		return field_wrong(err, "pacing", item, "an object with a type");
	rc = field_choice(item, "pacing", "type", pace_types, &type, err);
	p->pace.type = (enum pace_type)type;
	if (rc == 0)
		rc = fields_check(item, "pacing", type == PACE_BURSTS ? burst_fields : even_fields,
			err);
	if (rc != 0 || type != PACE_BURSTS)
		return rc;
	rc = field_number_required(item, "pacing", "on_s", BURST_S_MIN, BURST_S_MAX,
		&p->pace.on_s, err);
	if (rc == 0)
		rc = field_number_required(item, "pacing", "off_s", BURST_S_MIN, BURST_S_MAX,
			&p->pace.off_s, err);
	return rc;
}

// Packet time is packet number by rate, so there is none without a rate.
static int
time_check(const struct profile *p, struct error *err)
{
	const char *what = p->event_count > 0 ? "events" :
		p->pace.type != PACE_CONSTANT ? "poisson or bursts" :
		p->lifetime.unit == LIFETIME_SECONDS ? "lifetimes in seconds" : NULL;

	if (p->rate_pps != 0 || what == NULL)
		return 0;
	return error_field(err, -EINVAL, "rate_pps",
		"rate_pps: found 0, allowed is 1 or more where there are %s", what);
}

int
profile_rate_read(struct profile *p, const cJSON *json, struct error *err)
{
	const cJSON *pacing = field_item(json, "pacing");
	int rc = rate_read(p, json, err);

	if (rc == 0 && pacing != NULL)
		rc = pace_read(p, pacing, err);
	return rc == 0 ? time_check(p, err) : rc;
}

cJSON *
profile_pace_json(const struct profile *p)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "type", pace_types[p->pace.type]);
	if (p->pace.type == PACE_BURSTS) {
		cJSON_AddNumberToObject(o, "on_s", p->pace.on_s);
		cJSON_AddNumberToObject(o, "off_s", p->pace.off_s);
	}
	return o;
}
