/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/prefix.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "base/units.h"

ip_number
address_number(const uint8_t *bytes, unsigned int count)
{
	ip_number n = 0;

	for (unsigned int i = 0; i < count; i++)
		n = n << 8 | bytes[i];
	return n;
}

struct range
range_of_prefix(ip_number first, unsigned int length, unsigned int bits)
{
	ip_number rest = length == bits ? 0 : ~(ip_number)0 >> (128 - (bits - length));

	return (struct range){first, first | rest};
}

unsigned int
range_prefix_length(const struct range *r, unsigned int bits)
{
	unsigned int length = bits;

	for (ip_number rest = r->first ^ r->last; rest != 0; rest >>= 1)
		length--;
	return length;
}

// Prefix length in text, or all bits without one; false if it is no number in range.
static bool
length_parse(const char *text, unsigned int bits, unsigned int *ret_length)
{
	uint64_t length = bits;

	if (text != NULL && (strlen(text) > 3 || units_parse_u64(text, 0, bits, &length) != 0))
		return false;
	*ret_length = (unsigned int)length;
	return true;
}

const char *
prefix_parse(const char *text, struct range *ret, unsigned int *ret_version)
{
	char host[INET6_ADDRSTRLEN];
	unsigned int bits, length;
	const char *slash;
	uint8_t bytes[16];
	ip_number number;
	bool six;
	size_t n;

	if (text == NULL)
		return "not text";
	slash = strchr(text, '/');
	n = slash != NULL ? (size_t)(slash - text) : strlen(text);
	if (n >= sizeof(host))
		return "no address";
	memcpy(host, text, n);
	host[n] = '\0';
	six = strchr(host, ':') != NULL;
	bits = six ? 128 : 32;
	if (inet_pton(six ? AF_INET6 : AF_INET, host, bytes) != 1)
		return "no address";
	if (!length_parse(slash != NULL ? slash + 1 : NULL, bits, &length))
		return "no prefix length";
	number = address_number(bytes, bits / 8);
	if ((number & range_of_prefix(0, length, bits).last) != 0)
		return "bits set behind the prefix";
	*ret = range_of_prefix(number, length, bits);
	*ret_version = six ? 6 : 4;
	return NULL;
}
