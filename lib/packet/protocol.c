/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/protocol.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/units.h"
#include "packet/ip_protocol.h"
#include "protocols_json.h"

// Ids 0..255 are the IP protocols themselves; named application protocols follow. A lookup is an
// array access, so it may be done for every new flow.
#define FIRST_NAMED_ID 256
#define NAMED_MAX 4096
#define NAME_LEN 32

// Transports that have ports, and so a table of 65536 each.
static const uint8_t transports[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_UDPLITE};
#define TRANSPORTS (sizeof(transports) / sizeof(transports[0]))

struct named_protocol {
	char name[NAME_LEN];
	struct protocol_port first;
	bool has_first;  // protocol 0 is one like others
};

struct protocol_table {
	uint16_t by_port[TRANSPORTS][65536];  // 0: not named
	uint16_t by_ip_proto[256];
	uint16_t count;
	char ip_names[256][NAME_LEN];
	struct named_protocol named[NAMED_MAX];
};

static int
transport_index(uint8_t ip_proto)
{
	for (unsigned int i = 0; i < TRANSPORTS; i++)
		if (transports[i] == ip_proto)
			return (int)i;
	return -1;
}

// "tcp/443" or "icmp" to its parts.
static int
entry_parse(const char *text, struct protocol_port *ret)
{
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	char proto[NAME_LEN];
	uint64_t port = 0;
	int number;

	if (len == 0 || len >= sizeof(proto))
		return -EINVAL;
	memcpy(proto, text, len);
	proto[len] = '\0';
	number = ip_protocol_find(proto);
	if (number < 0)
		return -EINVAL;
	if (slash != NULL && (transport_index((uint8_t)number) < 0 ||
		units_parse_u64(slash + 1, 1, 65535, &port) != 0))
		return -EINVAL;
	ret->ip_proto = (uint8_t)number;
	ret->port = (uint16_t)port;
	return 0;
}

static int
entry_add(struct protocol_table *t, uint16_t id, const cJSON *entry, const char *name,
	struct error *err)
{
	struct named_protocol *named = &t->named[id - FIRST_NAMED_ID];
	struct protocol_port pp;
	uint16_t *slot;
	char field[80];

	snprintf(field, sizeof(field), "protocols.%s", name);
	if (!cJSON_IsString(entry) || entry_parse(entry->valuestring, &pp) != 0)
		return error_field(err, -EINVAL, field,
			"%s: '%s' is no port: write tcp/443, udp/53, sctp/3868 or the name of an "
			"IP protocol", field, cJSON_IsString(entry) ? entry->valuestring : "(no text)");
	slot = pp.port != 0 ? &t->by_port[transport_index(pp.ip_proto)][pp.port] :
		&t->by_ip_proto[pp.ip_proto];
	if (*slot >= FIRST_NAMED_ID && *slot != id)
		return error_field(err, -EINVAL, field, "%s: %s already belongs to %s", field,
			entry->valuestring, protocol_name(t, *slot));
	*slot = id;
	if (!named->has_first)
		named->first = pp;
	named->has_first = true;
	return 0;
}

static int
protocol_add(struct protocol_table *t, const cJSON *item, struct error *err)
{
	const char *name = item->string;
	size_t len = strlen(name);
	const cJSON *entry;
	uint16_t id = t->count;
	int rc;

	if (len == 0 || len >= NAME_LEN)
		return error_field(err, -EINVAL, "protocols",
			"protocols: the name '%s' must have 1 to %d characters", name, NAME_LEN - 1);
	if (!cJSON_IsArray(item) || cJSON_GetArraySize(item) == 0)
		return error_field(err, -EINVAL, "protocols",
			"protocols.%s: must be a list such as [\"tcp/443\"]", name);
	if (id >= FIRST_NAMED_ID + NAMED_MAX)
		return error_field(err, -EINVAL, "protocols", "protocols: at most %d names",
			NAMED_MAX);
	snprintf(t->named[id - FIRST_NAMED_ID].name, NAME_LEN, "%s", name);
	t->count++;
	cJSON_ArrayForEach(entry, item) {
		rc = entry_add(t, id, entry, name, err);
		if (rc != 0)
			return rc;
	}
	return 0;
}

static void
ip_names_fill(struct protocol_table *t)
{
	for (unsigned int i = 0; i < 256; i++) {
		const char *name = ip_protocol_name((uint8_t)i);

		if (name != NULL)
			snprintf(t->ip_names[i], NAME_LEN, "%s", name);
		else
			snprintf(t->ip_names[i], NAME_LEN, "IP-%u", i);
		t->by_ip_proto[i] = (uint16_t)i;
	}
}

struct protocol_table *
protocol_table_create(const cJSON *config, struct error *err)
{
	struct protocol_table *t = calloc(1, sizeof(*t));
	cJSON *builtin = NULL;
	const cJSON *item;

	if (t == NULL) {
		error_set(err, -ENOMEM, "protocols: out of memory");
		return NULL;
	}
	ip_names_fill(t);
	t->count = FIRST_NAMED_ID;
	if (config == NULL)
		config = builtin = cJSON_Parse(protocols_json);
	if (!cJSON_IsObject(config)) {
		error_field(err, -EINVAL, "protocols", "protocols: must be an object");
		goto fail;
	}
	cJSON_ArrayForEach(item, config)
		if (protocol_add(t, item, err) != 0)
			goto fail;
	cJSON_Delete(builtin);
	return t;
fail:
	cJSON_Delete(builtin);
	free(t);
	return NULL;
}

void
protocol_table_free(struct protocol_table *t)
{
	free(t);
}

uint16_t
protocol_lookup(const struct protocol_table *t, uint8_t ip_proto, uint16_t src_port,
	uint16_t dst_port)
{
	int i = transport_index(ip_proto);

	if (i >= 0) {
		if (t->by_port[i][dst_port] != 0)
			return t->by_port[i][dst_port];
		if (t->by_port[i][src_port] != 0)
			return t->by_port[i][src_port];
	}
	return t->by_ip_proto[ip_proto];
}

const char *
protocol_name(const struct protocol_table *t, uint16_t id)
{
	if (id < FIRST_NAMED_ID)
		return t->ip_names[id];
	return id < t->count ? t->named[id - FIRST_NAMED_ID].name : "";
}

uint16_t
protocol_count(const struct protocol_table *t)
{
	return t->count;
}

bool
protocol_find(const struct protocol_table *t, const char *name, struct protocol_port *ret)
{
	for (unsigned int i = 0; i + FIRST_NAMED_ID < t->count; i++) {
		if (strcasecmp(t->named[i].name, name) == 0) {
			*ret = t->named[i].first;
			return true;
		}
	}
	for (unsigned int i = 0; i < 256; i++) {
		if (strcasecmp(t->ip_names[i], name) == 0) {
			*ret = (struct protocol_port){.ip_proto = (uint8_t)i};
			return true;
		}
	}
	return false;
}
