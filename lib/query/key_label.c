/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/key_label.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "packet/ip_protocol.h"
#include "query/dimension_kinds.h"

#define LABEL_TEXT_LEN 512  // two names, or four VLANs', with what is between them

struct labeller {
	const struct dimension *d;
	const struct query_key *key;
	const struct key_names *names;
	char *buf;  // LABEL_TEXT_LEN bytes
};

static struct range
end_range(const struct query_key *key, unsigned int end)
{
	ip_number a = key_version(key) == 4 ? address_number(key->addr[end] + 12, 4) :
		address_number(key->addr[end], 16);

	return (struct range){a, a};
}

static const char *
range_name(const struct labeller *l, const struct range *r)
{
	return address_book_find(l->names->book, key_version(l->key) == 4 ? BOOK_IPV4 : BOOK_IPV6, r);
}

static const char *
number_name(const struct labeller *l, enum book_kind kind, ip_number number)
{
	const struct range r = {number, number};

	return address_book_find(l->names->book, kind, &r);
}

static struct range
key_range(const struct labeller *l)
{
	struct range r = end_range(l->key, 0);
	bool four = key_version(l->key) == 4;

	if (l->d->spec.kind == DIMENSION_SUBNET)
		r = range_of_prefix(r.first, four ? l->d->spec.prefix4 : l->d->spec.prefix6,
			four ? 32 : 128);
	return r;
}

static const char *
address_label(const struct labeller *l)
{
	const struct range r = key_range(l);

	return range_name(l, &r);
}

// An end of a pair or flow: its name, or its address.
static void
end_put(const struct labeller *l, unsigned int end, const char *name, char *buf, size_t size)
{
	char text[INET6_ADDRSTRLEN];

	snprintf(buf, size, "%s", name != NULL ? name :
		address_text(key_version(l->key), l->key->addr[end], text, sizeof(text)));
}

// "A - B" if either has a name.
static const char *
pair_label(const struct labeller *l)
{
	const struct range a = end_range(l->key, 0), b = end_range(l->key, 1);
	const char *name_a = range_name(l, &a), *name_b = range_name(l, &b);
	char text[2][BOOK_LABEL_LEN];

	if (name_a == NULL && name_b == NULL)
		return NULL;
	end_put(l, 0, name_a, text[0], sizeof(text[0]));
	end_put(l, 1, name_b, text[1], sizeof(text[1]));
	snprintf(l->buf, LABEL_TEXT_LEN, "%s - %s", text[0], text[1]);
	return l->buf;
}

static const char *
mac_label(const struct labeller *l)
{
	return number_name(l, BOOK_MAC, address_number(l->key->addr[0], 6));
}

// Tag by tag, with the numbers of those that have no name, if one has.
static const char *
vlan_label(const struct labeller *l)
{
	bool named = false;
	size_t len = 0;

	for (unsigned int i = 0; i < key_vlan_count(l->key); i++) {
		uint16_t id = key_vlan_get(l->key, i);
		const char *name = number_name(l, BOOK_VLAN, id);
		char number[8];

		snprintf(number, sizeof(number), "%u", id);
		len += (size_t)snprintf(l->buf + len, LABEL_TEXT_LEN - len, "%s%s",
			i > 0 ? "." : "", name != NULL ? name : number);
		named |= name != NULL;
	}
	return named ? l->buf : NULL;
}

// A port's name in the protocol table, by TCP, then UDP; NULL if it has none there.
static const char *
port_protocol(const struct protocol_table *t, uint16_t port)
{
	static const uint8_t transports[] = {IPPROTO_TCP, IPPROTO_UDP};

	for (unsigned int i = 0; port != 0 && i < RTE_DIM(transports); i++) {
		uint16_t id = protocol_lookup(t, transports[i], 0, port);

		if (id != protocol_lookup(t, transports[i], 0, 0))
			return protocol_name(t, id);
	}
	return NULL;
}

static const char *
port_label(const struct labeller *l)
{
	const char *name = number_name(l, BOOK_PORT, l->key->number);

	return name != NULL ? name :
		port_protocol(l->d->names->protocols, (uint16_t)l->key->number);
}

static const char *
ip_proto_label(const struct labeller *l)
{
	const char *name = number_name(l, BOOK_IP_PROTO, l->key->number);

	return name != NULL ? name : ip_protocol_name((uint8_t)l->key->number);
}

// How keys of a dimension are named; those without have none, or are one.
static const char *(*const labels[DIMENSION_KINDS])(const struct labeller *l) = {
	[DIMENSION_IP_PROTO] = ip_proto_label,
	[DIMENSION_IP] = address_label,
	[DIMENSION_SRC_IP] = address_label,
	[DIMENSION_DST_IP] = address_label,
	[DIMENSION_SUBNET] = address_label,
	[DIMENSION_IP_PAIR] = pair_label,
	[DIMENSION_FLOW] = pair_label,
	[DIMENSION_SRC_PORT] = port_label,
	[DIMENSION_DST_PORT] = port_label,
	[DIMENSION_VLAN] = vlan_label,
	[DIMENSION_SRC_MAC] = mac_label,
	[DIMENSION_DST_MAC] = mac_label,
};

static void
place_write(struct json_out *o, const struct labeller *l)
{
	const struct range r = key_range(l);
	struct geo_place p;

	geoip_find(l->names->geoip, key_version(l->key), &r, &p);
	if (p.country[0] != '\0')
		json_out_key_str(o, "country", p.country);
	if (p.as_number == 0)
		return;
	json_out_key(o, "as");
	json_out_open(o, '{');
	json_out_key_u64(o, "number", p.as_number);
	if (p.as_org[0] != '\0')
		json_out_key_str(o, "org", p.as_org);
	json_out_close(o, '}');
}

void
key_label_write(struct json_out *o, const struct dimension *d, const struct query_key *key,
	const struct key_names *names)
{
	char buf[LABEL_TEXT_LEN];
	const struct labeller l = {d, key, names, buf};
	const char *name = labels[d->spec.kind] != NULL ? labels[d->spec.kind](&l) : NULL;

	if (name != NULL)
		json_out_key_str(o, "name", name);
	if (labels[d->spec.kind] == address_label && names->geoip != NULL)
		place_write(o, &l);
}
