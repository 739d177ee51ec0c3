/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "fields.h"
#include "profile.h"

// `events`: things that happen at a packet time.

#define EVENT_SECONDS_MAX 1e8
#define EVENT_FACTOR_MAX 1e6
#define PORT_MAX 65535

// Where a flood comes from unless it says so: RFC 6598 (IPv4) and RFC 6666 (IPv6).
#define SOURCES_NET4 "100.64.0.0/10"
#define SOURCES_NET6 "100::/64"
#define SOURCES_COUNT 65536
#define SCAN_PORT_MIN 1
#define SCAN_PORT_MAX 1024
#define FLOOD_PORT 80

static const char *const types[] = {"surge", "outage", "scan", "syn_flood", NULL};

static bool
address_known(const struct profile *p, const struct address *a)
{
	for (uint32_t i = 0; i < p->address_entries; i++)
		if (address_range_has(&p->addresses[i], a))
			return true;
	return false;
}

static int
key_read(const struct profile *p, const cJSON *item, const char *path, struct profile_event *e,
	struct error *err)
{
	bool address_only = e->type == EVENT_SCAN || e->type == EVENT_SYN_FLOOD;
	char key_path[FIELD_PATH_LEN];
	const cJSON *key = field_item(item, "key");
	int rc = field_text(item, path, "key", e->key, sizeof(e->key), err);

	e->protocol = UINT32_MAX;
	if (rc != 0 || (key == NULL && e->type == EVENT_OUTAGE))
		return rc;
	for (uint32_t i = 0; key != NULL && !address_only && i < p->protocol_count; i++) {
		if (strcasecmp(p->protocols[i].name, e->key) != 0)
			continue;
		e->protocol = i;
		return 0;
	}
	if (key != NULL && address_parse(e->key, &e->address) == 0 &&
			address_known(p, &e->address))
		return 0;
	return field_wrong(err, field_path(key_path, path, "key"), key,
		address_only ? "an address of the profile" :
		"an address or protocol of the profile");
}

static int
extra_rate_read(const cJSON *item, const char *path, struct profile_event *e, struct error *err)
{
	char rate_path[FIELD_PATH_LEN];
	int rc = profile_pps_read(item, path, "rate_pps", &e->rate_pps, err);

	if (rc == 0 && e->rate_pps == 0)
		return field_wrong(err, field_path(rate_path, path, "rate_pps"),
			field_item(item, "rate_pps"), "1 or more packets per second");
	return rc;
}

static int
port_read(const cJSON *item, const char *path, const char *name, uint16_t min, uint16_t preset,
	uint16_t *ret, struct error *err)
{
	uint64_t port = preset;
	int rc = field_whole(item, path, name, min, PORT_MAX, &port, err);

	*ret = (uint16_t)port;
	return rc;
}

static int
surge_read(const struct profile *p, const cJSON *item, const char *path, struct profile_event *e,
	struct error *err)
{
	(void)p;
	return field_number_required(item, path, "factor", 1e-6, EVENT_FACTOR_MAX, &e->factor,
		err);
}

static int
outage_read(const struct profile *p, const cJSON *item, const char *path, struct profile_event *e,
	struct error *err)
{
	(void)p, (void)item, (void)path, (void)e, (void)err;
	return 0;
}

static int
scan_read(const struct profile *p, const cJSON *item, const char *path, struct profile_event *e,
	struct error *err)
{
	uint64_t targets = p->peers4.count;
	int rc = extra_rate_read(item, path, e, err);

	if (rc == 0)
		rc = port_read(item, path, "port_min", 1, SCAN_PORT_MIN, &e->port_min, err);
	if (rc == 0)
		rc = port_read(item, path, "port_max", e->port_min,
			e->port_min > SCAN_PORT_MAX ? e->port_min : SCAN_PORT_MAX, &e->port_max,
			err);
	if (rc == 0)
		rc = field_whole(item, path, "targets", 1, targets, &targets, err);
	e->targets = (uint32_t)targets;
	return rc;
}

// Sources are nobody else's, so that the answer key can tell them apart.
static int
sources_apart(const struct profile *p, const struct profile_event *e, const char *path,
	struct error *err)
{
	const struct address_range *s = &e->sources;
	const struct address_range *peers = s->first.version == 4 ? &p->peers4 : &p->peers6;
	bool shared = address_range_has(s, &peers->first) || address_range_has(peers, &s->first);

	for (uint32_t i = 0; i < p->address_entries; i++)
		shared |= address_range_has(s, &p->addresses[i].first) ||
			address_range_has(&p->addresses[i], &s->first);
	for (uint32_t i = 0; i < p->event_count; i++)
		shared |= strcmp(p->events[i].sources.text, s->text) != 0 &&
			(address_range_has(s, &p->events[i].sources.first) ||
			address_range_has(&p->events[i].sources, &s->first));
	return !shared ? 0 : error_field(err, -EINVAL, path, "%s: found %s, allowed are sources "
		"other than the addresses, the peers and those of other events", path, s->text);
}

static int
flood_read(const struct profile *p, const cJSON *item, const char *path, struct profile_event *e,
	struct error *err)
{
	const cJSON *sources = field_item(item, "sources");
	uint8_t version = e->address.version;
	char sources_path[FIELD_PATH_LEN];
	uint32_t hosts;
	int rc = extra_rate_read(item, path, e, err);

	field_path(sources_path, path, "sources");
	if (rc == 0)
		rc = port_read(item, path, "port", 1, FLOOD_PORT, &e->port_min, err);
	e->port_max = e->port_min;
	if (rc == 0 && sources != NULL)
		rc = profile_range_read(sources, sources_path, &e->sources, err);
	else if (rc == 0)
		rc = address_range_parse(version == 4 ? SOURCES_NET4 : SOURCES_NET6, version,
			SOURCES_COUNT, &e->sources, &hosts);
	if (rc == 0 && e->sources.first.version != version)
		rc = field_wrong(err, sources_path, sources, "net%u, as the key", version);
	return rc == 0 ? sources_apart(p, e, sources_path, err) : rc;
}

static const struct {
	int (*read)(const struct profile *p, const cJSON *item, const char *path,
		struct profile_event *e, struct error *err);
	const char *fields[9];
} kinds[] = {
	[EVENT_SURGE] = {surge_read, {"at_s", "for_s", "type", "key", "factor", NULL}},
	[EVENT_OUTAGE] = {outage_read, {"at_s", "for_s", "type", "key", NULL}},
	[EVENT_SCAN] = {scan_read, {"at_s", "for_s", "type", "key", "rate_pps", "port_min",
		"port_max", "targets", NULL}},
	[EVENT_SYN_FLOOD] = {flood_read, {"at_s", "for_s", "type", "key", "rate_pps", "port",
		"sources", NULL}},
};

static int
event_read(const struct profile *p, const cJSON *item, const char *path, struct profile_event *e,
	struct error *err)
{
	char type_path[FIELD_PATH_LEN];
	unsigned int type = 0;
	int rc;

	if (!cJSON_IsObject(item))
		return field_wrong(err, path, item, "an object with a type");
	if (field_item(item, "type") == NULL)
		return field_wrong(err, field_path(type_path, path, "type"), NULL,
			"\"surge\", \"outage\", \"scan\" or \"syn_flood\"");
	rc = field_choice(item, path, "type", types, &type, err);
	e->type = (enum event_type)type;
	if (rc == 0)
		rc = fields_check(item, path, kinds[type].fields, err);
	if (rc == 0)
		rc = field_number_required(item, path, "at_s", 0, EVENT_SECONDS_MAX, &e->at_s, err);
	if (rc == 0)
		rc = field_number_required(item, path, "for_s", 0.001, EVENT_SECONDS_MAX, &e->for_s,
			err);
	if (rc == 0)
		rc = key_read(p, item, path, e, err);
	return rc == 0 ? kinds[type].read(p, item, path, e, err) : rc;
}

int
profile_events_read(struct profile *p, const cJSON *json, struct error *err)
{
	const cJSON *list = field_item(json, "events"), *item;
	char path[FIELD_PATH_LEN];
	int rc;

	if (list == NULL)
		return 0;
	if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > (int)PROFILE_EVENTS_MAX)
		return field_wrong(err, "events", list, "a list of at most %u events",
			PROFILE_EVENTS_MAX);
	cJSON_ArrayForEach(item, list) {
		field_path_index(path, "events", p->event_count);
		rc = event_read(p, item, path, &p->events[p->event_count], err);
		if (rc != 0)
			return rc;
		p->event_count++;
	}
	return 0;
}

static cJSON *
event_json(const struct profile_event *e)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(o, "at_s", e->at_s);
	cJSON_AddNumberToObject(o, "for_s", e->for_s);
	cJSON_AddStringToObject(o, "type", types[e->type]);
	if (e->key[0] != '\0')
		cJSON_AddStringToObject(o, "key", e->key);
	if (e->type == EVENT_SURGE)
		cJSON_AddNumberToObject(o, "factor", e->factor);
	if (e->rate_pps != 0)
		cJSON_AddNumberToObject(o, "rate_pps", (double)e->rate_pps);
	if (e->type == EVENT_SCAN) {
		cJSON_AddNumberToObject(o, "port_min", e->port_min);
		cJSON_AddNumberToObject(o, "port_max", e->port_max);
		cJSON_AddNumberToObject(o, "targets", e->targets);
	}
	if (e->type == EVENT_SYN_FLOOD) {
		cJSON_AddNumberToObject(o, "port", e->port_min);
		cJSON_AddItemToObject(o, "sources", profile_range_json(&e->sources));
	}
	return o;
}

cJSON *
profile_events_json(const struct profile *p)
{
	cJSON *list = cJSON_CreateArray();

	for (uint32_t i = 0; i < p->event_count; i++)
		cJSON_AddItemToArray(list, event_json(&p->events[i]));
	return list;
}
