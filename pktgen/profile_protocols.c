/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fields.h"
#include "profile.h"

// `protocols` and the lists of weights.

static bool
buildable(uint8_t ip_proto)
{
	return ip_proto == IPPROTO_TCP || ip_proto == IPPROTO_UDP || ip_proto == IPPROTO_ICMP ||
		ip_proto == IPPROTO_ICMPV6;
}

static int
protocol_read(struct profile *p, const cJSON *item, const struct protocol_table *names,
	struct error *err)
{
	struct profile_protocol *q = &p->protocols[p->protocol_count];
	char path[FIELD_PATH_LEN];

	field_path_index(path, "protocols", p->protocol_count);
	if (!cJSON_IsString(item) || strlen(item->valuestring) >= sizeof(q->name) ||
			!protocol_find(names, item->valuestring, &q->port))
		return field_wrong(err, path, item,
			"a name from the protocol table, like \"HTTPS\" or \"TCP\"");
	if (!buildable(q->port.ip_proto))
		return field_wrong(err, path, item,
			"a protocol over TCP, UDP, ICMP or ICMPv6 (this one is IP protocol %u)",
			q->port.ip_proto);
	strcpy(q->name, item->valuestring);
	for (uint32_t i = 0; i < p->protocol_count; i++)
		if (strcasecmp(p->protocols[i].name, q->name) == 0)
			return field_wrong(err, path, item,
				"each protocol once (protocols[%u] is it)", i);
	p->protocol_count++;
	return 0;
}

int
profile_protocols_read(struct profile *p, const cJSON *json, const struct protocol_table *names,
	struct error *err)
{
	const cJSON *list = field_item(json, "protocols"), *item;
	int n = cJSON_GetArraySize(list);
	int rc;

	if (!cJSON_IsArray(list) || n == 0 || n > (int)PROFILE_PROTOCOLS_MAX)
		return field_wrong(err, "protocols", list, "a list of 1 to %u protocol names",
			PROFILE_PROTOCOLS_MAX);
	p->protocols = calloc((size_t)n, sizeof(*p->protocols));
	if (p->protocols == NULL)
		return error_set(err, -ENOMEM, "no memory for a generator profile");
	cJSON_ArrayForEach(item, list) {
		rc = protocol_read(p, item, names, err);
		if (rc != 0)
			return rc;
	}
	return profile_weights_read(json, "protocol_weights", "protocols", p->protocol_count,
		&p->protocol_weights, err);
}

int
profile_weights_read(const cJSON *json, const char *name, const char *of, uint32_t count,
	double **ret, struct error *err)
{
	double *weights;
	int rc;

	if (field_item(json, name) == NULL)
		return 0;
	weights = calloc(count, sizeof(*weights));
	if (weights == NULL)
		return error_set(err, -ENOMEM, "no memory for a generator profile");
	rc = field_weights(json, "", name, of, count, weights, err);
	if (rc != 0)
		free(weights);
	else
		*ret = weights;
	return rc;
}
