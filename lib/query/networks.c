/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/networks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query/prefix.h"

struct ranges {
	struct range *range;
	unsigned int count;
};

struct network_set {
	struct ranges of[2];  // IPv4 (as numbers of 32 bits), IPv6
};

static int
range_compare(const void *x, const void *y)
{
	const struct range *a = x, *b = y;

	return a->first < b->first ? -1 : a->first > b->first;
}

static void
ranges_merge(struct ranges *r)
{
	unsigned int kept = 0;

	qsort(r->range, r->count, sizeof(*r->range), range_compare);
	for (unsigned int i = 1; i < r->count; i++) {
		if (r->range[i].first > r->range[kept].last)
			r->range[++kept] = r->range[i];
		else if (r->range[i].last > r->range[kept].last)
			r->range[kept].last = r->range[i].last;
	}
	if (r->count > 0)
		r->count = kept + 1;
}

static void
range_add(struct ranges *r, const struct range *range)
{
	r->range[r->count++] = *range;
}

static void
list_parse(struct network_set *s, const cJSON *list, const char *path, struct error_list *errors)
{
	unsigned int i = 0, version;
	const cJSON *item;

	cJSON_ArrayForEach(item, list) {
		char *found = cJSON_PrintUnformatted(item), field[80];
		struct range range;
		const char *fault = prefix_parse(cJSON_GetStringValue(item), &range, &version);

		snprintf(field, sizeof(field), "%s[%u]", path, i++);
		if (fault != NULL)
			error_list_add(errors, field, "%s: found %.60s (%s); allowed are prefixes "
				"like 10.0.0.0/8 and 2001:db8::/32", field,
				found != NULL ? found : "?", fault);
		else
			range_add(&s->of[version == 6], &range);
		cJSON_free(found);
	}
}

struct network_set *
network_set_create(const cJSON *list, const char *path, struct error_list *errors)
{
	struct network_set *s = calloc(1, sizeof(*s));
	unsigned int before = errors->count;
	int count = cJSON_GetArraySize(list);

	if (list != NULL && (!cJSON_IsArray(list) || count > NETWORKS_MAX)) {
		error_list_add(errors, path, "%s: allowed is a list of at most %d prefixes", path,
			NETWORKS_MAX);
		count = 0;
		list = NULL;
	}
	for (unsigned int i = 0; s != NULL && i < 2; i++) {
		s->of[i].range = calloc((size_t)count + 1, sizeof(struct range));
		if (s->of[i].range == NULL) {
			network_set_free(s);
			s = NULL;
		}
	}
	if (s == NULL) {
		error_list_add(errors, path, "%s: out of memory", path);
		return NULL;
	}
	list_parse(s, list, path, errors);
	for (unsigned int i = 0; i < 2; i++)
		ranges_merge(&s->of[i]);
	if (errors->count == before)
		return s;
	network_set_free(s);
	return NULL;
}

void
network_set_free(struct network_set *s)
{
	if (s == NULL)
		return;
	free(s->of[0].range);
	free(s->of[1].range);
	free(s);
}

bool
network_set_empty(const struct network_set *s)
{
	return s == NULL || (s->of[0].count == 0 && s->of[1].count == 0);
}

bool
network_set_contains(const struct network_set *s, uint8_t version, const uint8_t addr[16])
{
	const struct ranges *r = &s->of[version == 6];
	ip_number a = version == 6 ? address_number(addr, 16) : address_number(addr + 12, 4);
	unsigned int low = 0, high = r->count;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (r->range[middle].first <= a)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && a <= r->range[low - 1].last;
}
