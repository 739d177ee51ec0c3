/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/networks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 address;

struct range {
	address first;
	address last;
};

struct ranges {
	struct range *range;
	unsigned int count;
};

struct network_set {
	struct ranges of[2];  // IPv4 (as numbers of 32 bits), IPv6
};

static address
address_number(const uint8_t *bytes, unsigned int count)
{
	address n = 0;

	for (unsigned int i = 0; i < count; i++)
		n = n << 8 | bytes[i];
	return n;
}

// Prefix length in text, or all bits without one; false if it is no number in range.
static bool
length_parse(const char *text, unsigned int bits, unsigned int *ret_length)
{
	unsigned long length;
	char *end;

	*ret_length = bits;
	if (text == NULL)
		return true;
	if (text[0] < '0' || text[0] > '9' || strlen(text) > 3)
		return false;
	length = strtoul(text, &end, 10);
	if (*end != '\0' || length > bits)
		return false;
	*ret_length = (unsigned int)length;
	return true;
}

// What is wrong, or NULL with the range and its family (index into network_set.of) filled.
static const char *
prefix_parse(const cJSON *item, struct range *ret, unsigned int *ret_family)
{
	const char *text = cJSON_GetStringValue(item);
	char host[INET6_ADDRSTRLEN];
	unsigned int bits, length;
	const char *slash;
	uint8_t bytes[16];
	address mask;
	size_t n;

	if (text == NULL)
		return "not text";
	slash = strchr(text, '/');
	n = slash != NULL ? (size_t)(slash - text) : strlen(text);
	if (n >= sizeof(host))
		return "no address";
	memcpy(host, text, n);
	host[n] = '\0';
	*ret_family = strchr(host, ':') != NULL;
	bits = *ret_family ? 128 : 32;
	if (inet_pton(*ret_family ? AF_INET6 : AF_INET, host, bytes) != 1)
		return "no address";
	if (!length_parse(slash != NULL ? slash + 1 : NULL, bits, &length))
		return "no prefix length";
	ret->first = address_number(bytes, bits / 8);
	mask = length == bits ? 0 : ~(address)0 >> (128 - (bits - length));
	if ((ret->first & mask) != 0)
		return "bits set behind the prefix";
	ret->last = ret->first | mask;
	return NULL;
}

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
list_parse(struct network_set *s, const cJSON *list, const char *path, struct error_list *errors)
{
	unsigned int i = 0, family;
	const cJSON *item;

	cJSON_ArrayForEach(item, list) {
		char *found = cJSON_PrintUnformatted(item), field[80];
		struct range range;
		const char *fault = prefix_parse(item, &range, &family);

		snprintf(field, sizeof(field), "%s[%u]", path, i++);
		if (fault != NULL)
			error_list_add(errors, field, "%s: found %.60s (%s); allowed are prefixes "
				"like 10.0.0.0/8 and 2001:db8::/32", field,
				found != NULL ? found : "?", fault);
		else
			s->of[family].range[s->of[family].count++] = range;
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
	address a = version == 6 ? address_number(addr, 16) : address_number(addr + 12, 4);
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
