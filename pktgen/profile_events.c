/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "fields.h"
#include "profile.h"

// `events`: things that happen at a packet time.

#define EVENT_SECONDS_MAX 1e8
#define EVENT_FACTOR_MAX 1e6

static int
key_read(const struct profile *p, const cJSON *item, const char *path, struct profile_event *e,
	struct error *err)
{
	char key_path[FIELD_PATH_LEN];
	const cJSON *key = field_item(item, "key");
	int rc = field_text(item, path, "key", e->key, sizeof(e->key), err);

	if (rc != 0)
		return rc;
	if (key == NULL)
		return field_wrong(err, field_path(key_path, path, "key"), NULL,
			"an address or protocol of the profile");
	for (e->protocol = 0; e->protocol < p->protocol_count; e->protocol++)
		if (strcasecmp(p->protocols[e->protocol].name, e->key) == 0)
			return 0;
	if (address_parse(e->key, &e->address) == 0)
		for (uint32_t i = 0; i < p->address_entries; i++)
			if (address_range_has(&p->addresses[i], &e->address))
				return 0;
	return field_wrong(err, field_path(key_path, path, "key"), key,
		"an address or protocol of the profile");
}

// A number that has to be there.
static int
required_read(const cJSON *item, const char *path, const char *name, double min, double max,
	double *ret, struct error *err)
{
	char member_path[FIELD_PATH_LEN];

	if (field_item(item, name) == NULL)
		return field_wrong(err, field_path(member_path, path, name), NULL,
			"a number from %g to %g", min, max);
	return field_number(item, path, name, min, max, ret, err);
}

static int
event_read(const struct profile *p, const cJSON *item, const char *path, struct profile_event *e,
	struct error *err)
{
	static const char *const fields[] = {"at_s", "for_s", "type", "key", "factor", NULL};
	const cJSON *type;
	char type_path[FIELD_PATH_LEN];
	int rc = fields_check(item, path, fields, err);

	if (rc != 0)
		return rc;
	type = field_item(item, "type");
	if (!cJSON_IsString(type) || strcmp(type->valuestring, "surge") != 0)
		return field_wrong(err, field_path(type_path, path, "type"), type, "\"surge\"");
	rc = required_read(item, path, "at_s", 0, EVENT_SECONDS_MAX, &e->at_s, err);
	if (rc == 0)
		rc = required_read(item, path, "for_s", 0.001, EVENT_SECONDS_MAX, &e->for_s, err);
	if (rc == 0)
		rc = required_read(item, path, "factor", 1e-6, EVENT_FACTOR_MAX, &e->factor, err);
	return rc == 0 ? key_read(p, item, path, e, err) : rc;
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
	// Packet time is packet number by rate, so there is none without a rate.
	if (p->event_count > 0 && p->rate_pps == 0)
		return error_field(err, -EINVAL, "rate_pps",
			"rate_pps: found 0, allowed is 1 or more where there are events");
	return 0;
}
