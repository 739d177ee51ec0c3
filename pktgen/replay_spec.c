/* SPDX-License-Identifier: BSD-3-Clause */
#include "replay_spec.h"

#include <errno.h>
#include <string.h>

#include "fields.h"
#include "profile.h"
#include "size.h"

#define MULTIPLE_MIN 0.001
#define MULTIPLE_MAX 1e6
#define DEFAULT_MAX_BYTES 1514  // an Ethernet frame with an MTU of 1500, without FCS
#define DEFAULT_DEVICES "10.0.0.0/8"

static const char *const log_members[] = {"logs", "bytes", "max_bytes", "devices", "pace",
	"multiple", "rate_pps", "loop", NULL};
static const char *const capture_members[] = {"pcap", "rewrite", "max_bytes", "pace", "multiple",
	"rate_pps", "loop", NULL};
static const char *const paces[] = {"original", "multiple", "rate", "asap", NULL};
static const char *const byte_kinds[] = {"frame", "ip", NULL};

// `multiple` and `rate_pps` belong to the pace of their name: needed there, wrong elsewhere.
static int
pace_value_check(const cJSON *item, const char *name, bool wanted, struct error *err)
{
	char path[FIELD_PATH_LEN];
	const cJSON *value = field_item(item, name);

	if (wanted == (value != NULL))
		return 0;
	field_path(path, "replay", name);
	return wanted ? field_wrong(err, path, NULL, "a number with this pace") :
		field_wrong(err, path, value, "nothing with this pace");
}

static int
pace_read(struct replay_spec *s, const cJSON *item, struct error *err)
{
	unsigned int pace = REPLAY_ORIGINAL;
	int rc = field_choice(item, "replay", "pace", paces, &pace, err);

	s->pace = (enum replay_pace)pace;
	if (rc == 0)
		rc = pace_value_check(item, "multiple", pace == REPLAY_MULTIPLE, err);
	if (rc == 0)
		rc = pace_value_check(item, "rate_pps", pace == REPLAY_RATE, err);
	if (rc == 0)
		rc = field_number(item, "replay", "multiple", MULTIPLE_MIN, MULTIPLE_MAX,
			&s->multiple, err);
	if (rc == 0)
		rc = profile_pps_read(item, "replay", "rate_pps", &s->rate_pps, err);
	if (rc == 0 && pace == REPLAY_RATE && s->rate_pps == 0)
		rc = field_wrong(err, "replay.rate_pps", field_item(item, "rate_pps"),
			"1 or more; \"pace\": \"asap\" is as fast as possible");
	return rc;
}

static int
loop_read(struct replay_spec *s, const cJSON *item, struct error *err)
{
	const cJSON *loop = field_item(item, "loop");

	s->loops = 1;
	if (!cJSON_IsBool(loop))
		return field_whole(item, "replay", "loop", 1, FIELD_WHOLE_MAX, &s->loops, err);
	if (cJSON_IsTrue(loop))
		s->loops = 0;
	return 0;
}

static int
devices_read(struct replay_spec *s, const cJSON *item, struct error *err)
{
	char text[ADDRESS_TEXT_LEN] = DEFAULT_DEVICES;
	uint32_t hosts = 0;
	int rc = field_text(item, "replay", "devices", text, sizeof(text), err);

	if (rc != 0)
		return rc;
	// More than any prefix has: tells how many there are.
	if (address_range_parse(text, 4, UINT32_MAX, &s->devices, &hosts) != -ERANGE ||
			address_range_parse(text, 4, hosts, &s->devices, &hosts) != 0)
		return field_wrong(err, "replay.devices", field_item(item, "devices"),
			"an IPv4 prefix like \"10.0.0.0/8\"");
	return 0;
}

static int
shape_read(struct replay_spec *s, const cJSON *item, struct error *err)
{
	uint64_t max_bytes = DEFAULT_MAX_BYTES;
	unsigned int bytes = 0;
	int rc = field_choice(item, "replay", "bytes", byte_kinds, &bytes, err);

	if (rc == 0)
		rc = field_whole(item, "replay", "max_bytes", SIZE_BYTES_MIN, SIZE_BYTES_MAX,
			&max_bytes, err);
	s->ip_bytes = bytes == 1;
	s->max_bytes = (uint32_t)max_bytes;
	return rc == 0 ? devices_read(s, item, err) : rc;
}

// What is replayed decides what else may be said.
static int
source_read(struct replay_spec *s, const cJSON *item, struct error *err)
{
	bool capture = cJSON_IsObject(item) && field_item(item, "pcap") != NULL;
	int rc = fields_check(item, "replay", capture ? capture_members : log_members, err);

	s->kind = capture ? REPLAY_CAPTURE : REPLAY_LOGS;
	if (rc == 0)
		rc = field_text(item, "replay", capture ? "pcap" : "logs", s->path, sizeof(s->path),
			err);
	if (rc == 0 && s->path[0] == '\0')
		rc = field_wrong(err, "replay.logs", NULL, "files or a folder of flow records "
			"here, or of captures in replay.pcap");
	return rc == 0 ? field_bool(item, "replay", "rewrite", &s->rewrite, err) : rc;
}

int
replay_spec_read(struct replay_spec *ret, const cJSON *json, struct error *err)
{
	const cJSON *item = field_item(json, "replay");
	struct replay_spec s = {0};
	int rc;

	if (item == NULL)
		return 0;
	rc = source_read(&s, item, err);
	if (rc == 0)
		rc = pace_read(&s, item, err);
	if (rc == 0)
		rc = loop_read(&s, item, err);
	if (rc == 0)
		rc = shape_read(&s, item, err);
	if (rc == 0)
		*ret = s;
	return rc;
}

cJSON *
replay_spec_json(const struct replay_spec *s)
{
	cJSON *o;

	if (s->kind == REPLAY_NONE)
		return cJSON_CreateNull();
	o = cJSON_CreateObject();
	if (s->kind == REPLAY_CAPTURE) {
		cJSON_AddStringToObject(o, "pcap", s->path);
		cJSON_AddBoolToObject(o, "rewrite", s->rewrite);
	} else {
		cJSON_AddStringToObject(o, "logs", s->path);
		cJSON_AddStringToObject(o, "bytes", byte_kinds[s->ip_bytes]);
		cJSON_AddStringToObject(o, "devices", s->devices.text);
	}
	cJSON_AddNumberToObject(o, "max_bytes", s->max_bytes);
	cJSON_AddStringToObject(o, "pace", paces[s->pace]);
	if (s->pace == REPLAY_MULTIPLE)
		cJSON_AddNumberToObject(o, "multiple", s->multiple);
	if (s->pace == REPLAY_RATE)
		cJSON_AddNumberToObject(o, "rate_pps", (double)s->rate_pps);
	if (s->loops == 0)
		cJSON_AddTrueToObject(o, "loop");
	else
		cJSON_AddNumberToObject(o, "loop", (double)s->loops);
	return o;
}
