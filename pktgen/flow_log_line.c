/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_log_line.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <rte_common.h>

#include "base/units.h"

#define SECONDS_MAX 9e9  // nanoseconds of it fit
#define NUMBER_LEN 32

enum column {
	COLUMN_TIME,
	COLUMN_DURATION,
	COLUMN_SRC_DEVICE,
	COLUMN_DST_DEVICE,
	COLUMN_PROTOCOL,
	COLUMN_SRC_PORT,
	COLUMN_DST_PORT,
	COLUMN_SRC_PACKETS,
	COLUMN_DST_PACKETS,
	COLUMN_SRC_BYTES,
	COLUMN_DST_BYTES,
	COLUMNS,
};

static const char *const names[COLUMNS] = {"time", "duration", "srcdevice", "dstdevice", "protocol",
	"srcport", "dstport", "srcpackets", "dstpackets", "srcbytes", "dstbytes"};

static int
column_wrong(struct error *err, enum column c, const char *found, const char *allowed)
{
	return error_set(err, -EINVAL, "%s: found \"%.40s\", allowed is %s", names[c], found,
		allowed);
}

static int
seconds_parse(enum column c, const char *text, uint64_t *ret_ns, struct error *err)
{
	double seconds;

	if (units_parse_double(text, 0, SECONDS_MAX, &seconds) != 0)
		return column_wrong(err, c, text, "seconds from 0 to 9e9");
	*ret_ns = (uint64_t)llround(seconds * 1e9);
	return 0;
}

static int
count_parse(enum column c, const char *text, uint64_t max, uint64_t *ret, struct error *err)
{
	if (units_parse_u64(text, 0, max, ret) != 0)
		return column_wrong(err, c, text, max == FLOW_LOG_PACKETS_MAX ?
			"a whole number from 0 to 4294967295" : max == UINT8_MAX ?
			"a whole number from 0 to 255" : "a whole number from 0 to 10^15");
	return 0;
}

static int
device_parse(enum column c, const char *text, char *ret, struct error *err)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)text[i]))
			len = 0;
	if (len == 0 || len >= FLOW_LOG_NAME_LEN)
		return column_wrong(err, c, text, "a name of 1 to 63 printable ASCII characters");
	memcpy(ret, text, len + 1);
	return 0;
}

static int
port_parse(enum column c, const char *text, uint32_t *ret, struct error *err)
{
	bool named = strncmp(text, "Port", 4) == 0;
	uint64_t port;

	if (units_parse_u64(named ? text + 4 : text, 0,
			named ? FLOW_LOG_PORT_NAMES - 1 : UINT16_MAX, &port) != 0)
		return column_wrong(err, c, text, "0 to 65535, or Port0 to Port99999");
	*ret = (uint32_t)port + (named ? FLOW_LOG_PORT_NAMED : 0);
	return 0;
}

static int
column_parse(enum column c, const char *text, struct flow_log_line *l, struct error *err)
{
	uint64_t protocol = 0;
	int rc;

	switch (c) {
	case COLUMN_TIME:
		return seconds_parse(c, text, &l->time_ns, err);
	case COLUMN_DURATION:
		return seconds_parse(c, text, &l->duration_ns, err);
	case COLUMN_SRC_DEVICE:
	case COLUMN_DST_DEVICE:
		return device_parse(c, text, l->device[c - COLUMN_SRC_DEVICE], err);
	case COLUMN_PROTOCOL:
		rc = count_parse(c, text, UINT8_MAX, &protocol, err);
		l->protocol = (uint8_t)protocol;
		return rc;
	case COLUMN_SRC_PORT:
	case COLUMN_DST_PORT:
		return port_parse(c, text, &l->port[c - COLUMN_SRC_PORT], err);
	case COLUMN_SRC_PACKETS:
	case COLUMN_DST_PACKETS:
		return count_parse(c, text, FLOW_LOG_PACKETS_MAX,
			&l->packets[c - COLUMN_SRC_PACKETS], err);
	default:
		return count_parse(c, text, FLOW_LOG_BYTES_MAX, &l->bytes[c - COLUMN_SRC_BYTES],
			err);
	}
}

static int
csv_parse(char *text, struct flow_log_line *l, struct error *err)
{
	char *rest = text;
	int rc = 0;

	for (unsigned int c = 0; c < COLUMNS && rc == 0; c++) {
		if (rest == NULL)
			return error_set(err, -EINVAL, "%s: found only %u columns, allowed are %d",
				names[c], c, COLUMNS);
		rc = column_parse((enum column)c, strsep(&rest, ","), l, err);
	}
	if (rc == 0 && rest != NULL)
		return error_set(err, -EINVAL, "found more than the %d columns", COLUMNS);
	return rc;
}

static int
column_find(const char *name)
{
	for (int c = 0; c < COLUMNS; c++)
		if (strcmp(names[c], name) == 0)
			return c;
	return -1;
}

// A member's value as the text that a column would have.
static const char *
member_text(const cJSON *member, char *buf)
{
	if (cJSON_IsString(member))
		return member->valuestring;
	if (!cJSON_IsNumber(member))
		return "neither number nor text";
	snprintf(buf, NUMBER_LEN, "%.17g", member->valuedouble);
	return buf;
}

static int
object_parse(const cJSON *object, struct flow_log_line *l, struct error *err)
{
	unsigned int seen = 0;
	const cJSON *member;
	char buf[NUMBER_LEN];
	int rc = 0;

	cJSON_ArrayForEach(member, object) {
		int c = column_find(member->string);

		if (c < 0 || (seen & 1u << c) != 0)
			return error_set(err, -EINVAL, "found the member \"%.40s\"%s, allowed is "
				"each column once", member->string, c < 0 ? "" : " again");
		seen |= 1u << c;
		rc = column_parse((enum column)c, member_text(member, buf), l, err);
		if (rc != 0)
			return rc;
	}
	for (unsigned int c = 0; c < COLUMNS; c++)
		if ((seen & 1u << c) == 0)
			return error_set(err, -EINVAL, "%s: found nothing, allowed is an object "
				"with all %d columns", names[c], COLUMNS);
	return 0;
}

static int
json_parse(const char *text, struct flow_log_line *l, struct error *err)
{
	cJSON *object = cJSON_ParseWithOpts(text, NULL, true);
	int rc = object == NULL ? error_set(err, -EINVAL, "not a JSON object") :
		object_parse(object, l, err);

	cJSON_Delete(object);
	return rc;
}

bool
flow_log_line_is_header(const char *text)
{
	for (unsigned int c = 0; c < COLUMNS; c++) {
		size_t len = strlen(names[c]);

		if (strncmp(text, names[c], len) != 0 || text[len] != (c + 1 < COLUMNS ? ',' : '\0'))
			return false;
		text += len + 1;
	}
	return true;
}

int
flow_log_line_parse(char *text, struct flow_log_line *ret, struct error *err)
{
	return text[strspn(text, " \t")] == '{' ? json_parse(text, ret, err) :
		csv_parse(text, ret, err);
}
