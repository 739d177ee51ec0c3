/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>

#include "fields.h"
#include "profile.h"

// The simple form of a change: `ipNum` addresses and `protocolNum` protocols, with `ipPercent` and
// `protocolPercent` as their weights. It is put in terms of the profile before anything else reads
// it, so it is not part of a profile itself.

#define SIMPLE_NET "10.0.0.0/8"

// The protocols that protocolNum counts, by how common they are.
static const char *const protocols[] = {"HTTPS", "DNS", "QUIC", "HTTP", "SMB", "NFS", "SSH", "NTP",
	"SMTP", "IMAP", "LDAP", "SNMP", "syslog", "ICMP", "SIP", "RDP", "MySQL", "PostgreSQL",
	"Kafka", "MQTT", "Telnet", "TFTP", "TCP", "UDP"};

static void
member_replace(cJSON *object, const char *name, cJSON *item)
{
	cJSON_DeleteItemFromObjectCaseSensitive(object, name);
	cJSON_AddItemToObject(object, name, item);
}

static cJSON *
addresses_make(uint64_t count)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "net4", SIMPLE_NET);
	cJSON_AddNumberToObject(o, "count", (double)count);
	return o;
}

// A count in place of the list `list`; with new members their old weights mean nothing.
static int
count_apply(cJSON *merged, const cJSON *changes, const char *name, uint64_t most, const char *list,
	const char *weights, cJSON *(*make)(uint64_t count), struct error *err)
{
	uint64_t count = 0;
	int rc;

	if (field_item(changes, name) == NULL)
		return 0;
	if (field_item(changes, list) != NULL)
		return field_wrong(err, name, field_item(changes, name), "nothing beside %s", list);
	rc = field_whole(changes, "", name, 1, most, &count, err);
	if (rc != 0)
		return rc;
	member_replace(merged, list, make(count));
	if (field_item(changes, weights) == NULL)
		cJSON_DeleteItemFromObjectCaseSensitive(merged, weights);
	return 0;
}

static cJSON *
protocols_make(uint64_t count)
{
	return cJSON_CreateStringArray(protocols, (int)count);
}

static uint32_t
entries(const cJSON *list)
{
	return cJSON_IsArray(list) ? (uint32_t)cJSON_GetArraySize(list) :
		(uint32_t)cJSON_GetNumberValue(field_item(list, "count"));
}

// Checked here, so that an error names the field that was given.
static int
percent_apply(cJSON *merged, const cJSON *changes, const char *name, const char *list,
	const char *weights, struct error *err)
{
	const cJSON *percent = field_item(changes, name);
	uint32_t count = entries(field_item(merged, list));
	double *values;
	int rc;

	if (percent == NULL)
		return 0;
	if (field_item(changes, weights) != NULL)
		return field_wrong(err, name, percent, "nothing beside %s", weights);
	values = calloc((size_t)count + 1, sizeof(*values));
	if (values == NULL)
		return error_set(err, -ENOMEM, "no memory for a generator profile");
	rc = field_weights(changes, "", name, list, count, values, err);
	if (rc == 0)
		member_replace(merged, weights, cJSON_Duplicate(percent, true));
	free(values);
	return rc;
}

int
profile_simple_apply(cJSON *merged, const cJSON *changes, struct error *err)
{
	static const char *const names[] = {"ipNum", "ipPercent", "protocolNum",
		"protocolPercent"};
	int rc;

	for (unsigned int i = 0; i < RTE_DIM(names); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(merged, names[i]);
	rc = count_apply(merged, changes, "ipNum", PROFILE_ADDRESSES_MAX, "addresses",
		"address_weights", addresses_make, err);
	if (rc == 0)
		rc = count_apply(merged, changes, "protocolNum", RTE_DIM(protocols), "protocols",
			"protocol_weights", protocols_make, err);
	if (rc == 0)
		rc = percent_apply(merged, changes, "ipPercent", "addresses", "address_weights",
			err);
	if (rc == 0)
		rc = percent_apply(merged, changes, "protocolPercent", "protocols",
			"protocol_weights", err);
	return rc;
}
