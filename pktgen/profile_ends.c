/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "profile.h"

// The two ends of the flows: `addresses`, which carry the weights, and `peers`, which do not and
// therefore must be others.

// Ranges set aside for benchmarks: RFC 2544 (IPv4) and RFC 5180 (IPv6).
#define PEERS_NET4 "198.18.0.0/15"
#define PEERS_NET6 "2001:2::/48"
#define PEERS_COUNT 4096

int
profile_range_read(const cJSON *item, const char *path, struct address_range *ret, struct error *err)
{
	static const char *const fields[] = {"net4", "net6", "count", NULL};
	const cJSON *net4 = field_item(item, "net4"), *net6 = field_item(item, "net6");
	const cJSON *net = net4 != NULL ? net4 : net6;
	char net_path[FIELD_PATH_LEN];
	uint64_t count = 0;
	uint32_t hosts = 0;
	int rc = fields_check(item, path, fields, err);

	if (rc != 0)
		return rc;
	if ((net4 != NULL) == (net6 != NULL))
		return field_wrong(err, path, item, "exactly one of net4 and net6, with a count");
	field_path(net_path, path, "count");
	if (field_item(item, "count") == NULL)
		return field_wrong(err, net_path, NULL, "a whole number from 1 to %u",
			PROFILE_ADDRESSES_MAX);
	rc = field_whole(item, path, "count", 1, PROFILE_ADDRESSES_MAX, &count, err);
	if (rc != 0)
		return rc;
	rc = cJSON_IsString(net) ? address_range_parse(net->valuestring, net == net4 ? 4 : 6,
		(uint32_t)count, ret, &hosts) : -EINVAL;
	if (rc == -ERANGE)
		return field_wrong(err, net_path, field_item(item, "count"),
			"1 to %u, the hosts of %s", hosts, net->valuestring);
	if (rc != 0)
		return field_wrong(err, field_path(net_path, path, net == net4 ? "net4" : "net6"),
			net, net == net4 ? "an IPv4 prefix like \"10.0.0.0/16\" without host bits" :
			"an IPv6 prefix like \"2001:db8::/64\" without host bits");
	return 0;
}

static int
entry_read(const cJSON *item, const char *path, struct address_range *ret, struct error *err)
{
	if (cJSON_IsObject(item))
		return profile_range_read(item, path, ret, err);
	if (!cJSON_IsString(item) || address_parse(item->valuestring, &ret->first) != 0)
		return field_wrong(err, path, item,
			"an IPv4 or IPv6 address, or an object with net4 or net6 and count");
	ret->count = 1;
	address_format(&ret->first, ret->text);
	return 0;
}

static int
entries_read(struct profile *p, const cJSON *list, struct error *err)
{
	char path[FIELD_PATH_LEN];
	const cJSON *item;
	uint64_t total = 0;
	int rc;

	cJSON_ArrayForEach(item, list) {
		struct address_range *r = &p->addresses[p->address_entries];

		field_path_index(path, "addresses", p->address_entries);
		rc = entry_read(item, path, r, err);
		if (rc != 0)
			return rc;
		total += r->count;
		if (total > PROFILE_ADDRESSES_MAX)
			return field_wrong(err, path, item, "at most %u addresses over all entries",
				PROFILE_ADDRESSES_MAX);
		p->address_entries++;
	}
	return 0;
}

// An entry with its place in the list, for sorting.
struct placed_range {
	const struct address_range *range;
	uint32_t index;
};

static int
placed_compare(const void *a, const void *b)
{
	const struct placed_range *x = a, *y = b;

	return address_compare(&x->range->first, &y->range->first);
}

// Each address at most once: entries in address order do not reach into the next one.
static int
entries_distinct(const struct profile *p, struct error *err)
{
	struct placed_range *sorted = calloc(p->address_entries, sizeof(*sorted));
	char path[FIELD_PATH_LEN];
	int rc = 0;

	if (sorted == NULL)
		return error_set(err, -ENOMEM, "no memory for a generator profile");
	for (uint32_t i = 0; i < p->address_entries; i++)
		sorted[i] = (struct placed_range){&p->addresses[i], i};
	qsort(sorted, p->address_entries, sizeof(*sorted), placed_compare);
	for (uint32_t i = 1; i < p->address_entries && rc == 0; i++) {
		const struct placed_range *a = &sorted[i - 1], *b = &sorted[i];
		uint32_t first = RTE_MIN(a->index, b->index);
		uint32_t second = RTE_MAX(a->index, b->index);

		if (!address_range_has(a->range, &b->range->first))
			continue;
		field_path_index(path, "addresses", second);
		rc = error_field(err, -EINVAL, path,
			"%s: found %s again (addresses[%u] has it), allowed is each address once",
			path, b->range->text, first);
	}
	free(sorted);
	return rc;
}

static int
entries_apart_from_peers(const struct profile *p, struct error *err)
{
	char path[FIELD_PATH_LEN];

	for (uint32_t i = 0; i < p->address_entries; i++) {
		const struct address_range *r = &p->addresses[i];
		const struct address_range *peers = r->first.version == 4 ? &p->peers4 : &p->peers6;

		if (!address_range_has(peers, &r->first) && !address_range_has(r, &peers->first))
			continue;
		if (p->addresses_bare)
			strcpy(path, "addresses");
		else
			field_path_index(path, "addresses", i);
		return error_field(err, -EINVAL, path,
			"%s: found %s, allowed are addresses other than the peers' (%s)", path,
			r->text, peers->text);
	}
	return 0;
}

int
profile_addresses_read(struct profile *p, const cJSON *json, struct error *err)
{
	const cJSON *item = field_item(json, "addresses");
	int n = cJSON_IsArray(item) ? cJSON_GetArraySize(item) : 1;
	int rc;

	p->addresses_bare = cJSON_IsObject(item);
	if ((!cJSON_IsArray(item) && !p->addresses_bare) || n == 0 ||
			n > (int)PROFILE_ADDRESSES_MAX)
		return field_wrong(err, "addresses", item,
			"a list of 1 to %u addresses, or an object with net4 or net6 and count",
			PROFILE_ADDRESSES_MAX);
	p->addresses = calloc((size_t)n, sizeof(*p->addresses));
	if (p->addresses == NULL)
		return error_set(err, -ENOMEM, "no memory for a generator profile");
	if (p->addresses_bare) {
		p->address_entries = 1;
		rc = profile_range_read(item, "addresses", &p->addresses[0], err);
	} else {
		rc = entries_read(p, item, err);
	}
	if (rc == 0)
		rc = entries_distinct(p, err);
	if (rc == 0)
		rc = entries_apart_from_peers(p, err);
	if (rc != 0)
		return rc;
	p->address_weight_count = p->addresses_bare ? p->addresses[0].count : p->address_entries;
	return profile_weights_read(json, "address_weights", "addresses", p->address_weight_count,
		&p->address_weights, err);
}

static int
peers_net_read(const cJSON *item, const char *name, const char *preset, uint8_t version,
	uint32_t count, struct address_range *ret, struct error *err)
{
	char text[ADDRESS_TEXT_LEN], path[FIELD_PATH_LEN];
	uint32_t hosts = 0;
	int rc;

	strcpy(text, preset);
	rc = field_text(item, "peers", name, text, sizeof(text), err);
	if (rc != 0)
		return rc;
	rc = address_range_parse(text, version, count, ret, &hosts);
	if (rc == -ERANGE)
		return error_field(err, -EINVAL, "peers.count",
			"peers.count: found %u, allowed is 1 to %u, the hosts of %s", count, hosts,
			text);
	if (rc != 0)
		return field_wrong(err, field_path(path, "peers", name), field_item(item, name),
			"an IPv%u prefix like \"%s\" without host bits", version, preset);
	return 0;
}

int
profile_peers_read(struct profile *p, const cJSON *json, struct error *err)
{
	static const char *const fields[] = {"net4", "net6", "count", NULL};
	const cJSON *item = field_item(json, "peers");
	uint64_t count = PEERS_COUNT;
	int rc = 0;

	if (item != NULL)
		rc = fields_check(item, "peers", fields, err);
	if (rc == 0)
		rc = field_whole(item, "peers", "count", 1, PROFILE_ADDRESSES_MAX, &count, err);
	if (rc == 0)
		rc = peers_net_read(item, "net4", PEERS_NET4, 4, (uint32_t)count, &p->peers4, err);
	if (rc == 0)
		rc = peers_net_read(item, "net6", PEERS_NET6, 6, (uint32_t)count, &p->peers6, err);
	return rc;
}
