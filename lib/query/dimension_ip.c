/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "query/dimension_kinds.h"

// Keys made of addresses.
//
// ip, subnet: every packet counts for both of its ends, so a flow from an address to itself counts
// twice, and a subnet is the sum of its addresses. src_ip, dst_ip: the packet's own sender and
// receiver. ip_pair: both, in either order. src_dst_ip: both, the packet's own sender first.

static inline void
address_fill(const struct pane_delta *delta, unsigned int end, struct query_key *key)
{
	key->form = delta->key.version;
	memcpy(key->addr[0], delta->key.addr[end], sizeof(key->addr[0]));
}

static inline void
ip_fill(const struct dimension *d, const struct pane_delta *delta, unsigned int end,
	struct query_key *key)
{
	(void)d;
	address_fill(delta, end, key);
}

static inline void
src_fill(const struct dimension *d, const struct pane_delta *delta, unsigned int dir,
	struct query_key *key)
{
	(void)d;
	address_fill(delta, delta_source(delta, dir), key);
}

static inline void
dst_fill(const struct dimension *d, const struct pane_delta *delta, unsigned int dir,
	struct query_key *key)
{
	(void)d;
	address_fill(delta, delta_source(delta, dir) ^ 1, key);
}

// A flow key has the smaller address first.
static inline void
pair_fill(const struct dimension *d, const struct pane_delta *delta, unsigned int part,
	struct query_key *key)
{
	(void)d;
	(void)part;
	key->form = delta->key.version;
	memcpy(key->addr, delta->key.addr, sizeof(key->addr));
}

static inline void
src_dst_fill(const struct dimension *d, const struct pane_delta *delta, unsigned int dir,
	struct query_key *key)
{
	unsigned int from = delta_source(delta, dir);

	(void)d;
	key->form = delta->key.version;
	memcpy(key->addr[0], delta->key.addr[from], sizeof(key->addr[0]));
	memcpy(key->addr[1], delta->key.addr[from ^ 1], sizeof(key->addr[1]));
}

static inline void
subnet_fill(const struct dimension *d, const struct pane_delta *delta, unsigned int end,
	struct query_key *key)
{
	unsigned int bits = delta->key.version == 4 ? 96U + d->spec.prefix4 : d->spec.prefix6;

	key->form = delta->key.version;
	memcpy(key->addr[0], delta->key.addr[end], bits / 8);
	if (bits % 8 != 0)
		key->addr[0][bits / 8] = (uint8_t)(delta->key.addr[end][bits / 8] &
			(0xff00U >> (bits % 8)));
}

DIMENSION_EXTRACT(ip_extract, extract_ends, ip_fill)
DIMENSION_EXTRACT(src_extract, extract_directions, src_fill)
DIMENSION_EXTRACT(dst_extract, extract_directions, dst_fill)
DIMENSION_EXTRACT(pair_extract, extract_once, pair_fill)
DIMENSION_EXTRACT(src_dst_extract, extract_directions, src_dst_fill)
DIMENSION_EXTRACT(subnet_extract, extract_ends, subnet_fill)

// IPv4 before IPv6, then by number: big endian, so bytewise.
static int
ip_compare(const struct dimension *d, const struct query_key *a, const struct query_key *b)
{
	(void)d;
	if (a->form != b->form)
		return a->form < b->form ? -1 : 1;
	return memcmp(a->addr, b->addr, sizeof(a->addr));
}

static const char *
ip_text(const struct dimension *d, const struct query_key *key, char *buf)
{
	(void)d;
	return address_text(key_version(key), key->addr[0], buf, DIMENSION_TEXT_LEN);
}

static const char *
ends_text(const struct query_key *key, const char *between, char *buf)
{
	char a[INET6_ADDRSTRLEN], b[INET6_ADDRSTRLEN];

	address_text(key_version(key), key->addr[0], a, sizeof(a));
	address_text(key_version(key), key->addr[1], b, sizeof(b));
	snprintf(buf, DIMENSION_TEXT_LEN, "%s %s %s", a, between, b);
	return buf;
}

static const char *
pair_text(const struct dimension *d, const struct query_key *key, char *buf)
{
	(void)d;
	return ends_text(key, "-", buf);
}

static const char *
src_dst_text(const struct dimension *d, const struct query_key *key, char *buf)
{
	(void)d;
	return ends_text(key, ">", buf);
}

static const char *
subnet_text(const struct dimension *d, const struct query_key *key, char *buf)
{
	char a[INET6_ADDRSTRLEN];

	address_text(key_version(key), key->addr[0], a, sizeof(a));
	snprintf(buf, DIMENSION_TEXT_LEN, "%s/%u", a,
		key_version(key) == 4 ? d->spec.prefix4 : d->spec.prefix6);
	return buf;
}

#define ADDRESS_DIMENSION(id, key, prefix, to_text) \
	const struct dimension_ops id = { \
		.name = key, .extract = prefix##_extract, .compare = ip_compare, .text = to_text}

ADDRESS_DIMENSION(dimension_ip, "ip", ip, ip_text);
ADDRESS_DIMENSION(dimension_src_ip, "src_ip", src, ip_text);
ADDRESS_DIMENSION(dimension_dst_ip, "dst_ip", dst, ip_text);
ADDRESS_DIMENSION(dimension_ip_pair, "ip_pair", pair, pair_text);
ADDRESS_DIMENSION(dimension_src_dst_ip, "src_dst_ip", src_dst, src_dst_text);
ADDRESS_DIMENSION(dimension_subnet, "subnet", subnet, subnet_text);
