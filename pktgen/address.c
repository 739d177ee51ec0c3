/* SPDX-License-Identifier: BSD-3-Clause */
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

int
address_parse(const char *text, struct address *ret)
{
	struct address a = {0};

	if (inet_pton(AF_INET, text, a.bytes) == 1)
		a.version = 4;
	else if (inet_pton(AF_INET6, text, a.bytes) == 1)
		a.version = 6;
	else
		return -EINVAL;
	*ret = a;
	return 0;
}

char *
address_format(const struct address *a, char *buf)
{
	int family = a->version == 4 ? AF_INET : AF_INET6;

	if (inet_ntop(family, a->bytes, buf, ADDRESS_TEXT_LEN) == NULL)
		buf[0] = '\0';
	return buf;
}

int
address_compare(const struct address *a, const struct address *b)
{
	if (a->version != b->version)
		return a->version < b->version ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static unsigned int
address_bits(uint8_t version)
{
	return version == 4 ? 32 : 128;
}

// a + n, carried through the bytes.
static struct address
address_add(struct address a, uint32_t n)
{
	for (unsigned int i = address_bits(a.version) / 8; i-- > 0 && n != 0;) {
		n += a.bytes[i];
		a.bytes[i] = (uint8_t)n;
		n >>= 8;
	}
	return a;
}

static bool
host_bits_clear(const struct address *a, unsigned int prefix)
{
	for (unsigned int bit = prefix; bit < address_bits(a->version); bit++)
		if (a->bytes[bit / 8] & (0x80u >> (bit % 8)))
			return false;
	return true;
}

static uint32_t
prefix_hosts(unsigned int host_bits)
{
	if (host_bits < 2)
		return 1u << host_bits;
	if (host_bits >= 32)
		return UINT32_MAX;
	return (1u << host_bits) - 2;
}

int
address_range_parse(const char *text, uint8_t version, uint32_t count,
	struct address_range *ret, uint32_t *ret_hosts)
{
	struct address_range r = {.count = count};
	char buf[ADDRESS_TEXT_LEN], *slash;
	unsigned int host_bits;
	uint64_t prefix;

	if (strlen(text) >= sizeof(buf))
		return -EINVAL;
	strcpy(buf, text);
	slash = strchr(buf, '/');
	if (slash == NULL)
		return -EINVAL;
	*slash = '\0';
	if (address_parse(buf, &r.first) != 0 || r.first.version != version ||
			units_parse_u64(slash + 1, 0, address_bits(version), &prefix) != 0 ||
			!host_bits_clear(&r.first, (unsigned int)prefix))
		return -EINVAL;
	host_bits = address_bits(version) - (unsigned int)prefix;
	if (count > prefix_hosts(host_bits)) {
		*ret_hosts = prefix_hosts(host_bits);
		return -ERANGE;
	}
	if (host_bits >= 2)
		r.first = address_add(r.first, 1);
	strcpy(r.text, text);
	*ret = r;
	return 0;
}

struct address
address_range_at(const struct address_range *r, uint32_t i)
{
	return address_add(r->first, i);
}

bool
address_range_has(const struct address_range *r, const struct address *a)
{
	struct address last;

	if (r->count == 0 || a->version != r->first.version)
		return false;
	last = address_range_at(r, r->count - 1);
	return address_compare(a, &r->first) >= 0 && address_compare(a, &last) <= 0;
}
