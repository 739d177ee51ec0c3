/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/address_book_key.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_ether.h>

#include "base/units.h"

// Kinds that are a word and a number.
static const struct {
	const char *word;  // with its slash
	enum book_kind kind;
	uint64_t max;
} numbered[] = {
	{"vlan/", BOOK_VLAN, 4095},
	{"port/", BOOK_PORT, 65535},
	{"proto/", BOOK_IP_PROTO, 255},
};

static struct book_key
key_single(enum book_kind kind, ip_number number)
{
	return (struct book_key){.kind = kind, .range = {number, number}};
}

static bool
mac_parse(const char *text, struct book_key *ret)
{
	struct rte_ether_addr mac;

	if (strlen(text) != RTE_ETHER_ADDR_FMT_SIZE - 1 ||
			rte_ether_unformat_addr(text, &mac) != 0)
		return false;
	*ret = key_single(BOOK_MAC, address_number(mac.addr_bytes, RTE_ETHER_ADDR_LEN));
	return true;
}

const char *
book_key_parse(const char *text, struct book_key *ret)
{
	unsigned int version;
	struct range range;
	const char *fault;

	if (text == NULL)
		return "not text";
	for (unsigned int i = 0; i < RTE_DIM(numbered); i++) {
		size_t len = strlen(numbered[i].word);
		uint64_t number;

		if (strncmp(text, numbered[i].word, len) != 0)
			continue;
		if (units_parse_u64(text + len, 0, numbered[i].max, &number) != 0)
			return "no number in range";
		*ret = key_single(numbered[i].kind, number);
		return NULL;
	}
	if (mac_parse(text, ret))
		return NULL;
	fault = prefix_parse(text, &range, &version);
	if (fault != NULL)
		return fault;
	*ret = (struct book_key){version == 4 ? BOOK_IPV4 : BOOK_IPV6, range};
	return NULL;
}

static const char *
prefix_text(const struct range *r, int family, unsigned int bits, char *buf)
{
	unsigned int length = range_prefix_length(r, bits);
	uint8_t bytes[16];
	size_t len;

	for (unsigned int i = 0; i < bits / 8; i++)
		bytes[i] = (uint8_t)(r->first >> (bits - 8 * (i + 1)));
	inet_ntop(family, bytes, buf, BOOK_KEY_TEXT_LEN);
	len = strlen(buf);
	if (length < bits)
		snprintf(buf + len, BOOK_KEY_TEXT_LEN - len, "/%u", length);
	return buf;
}

static const char *
mac_text(uint64_t number, char *buf)
{
	struct rte_ether_addr mac;

	for (unsigned int i = 0; i < RTE_ETHER_ADDR_LEN; i++)
		mac.addr_bytes[i] = (uint8_t)(number >> (40 - 8 * i));
	snprintf(buf, BOOK_KEY_TEXT_LEN, "%02x:%02x:%02x:%02x:%02x:%02x", RTE_ETHER_ADDR_BYTES(&mac));
	return buf;
}

const char *
book_key_text(const struct book_key *key, char *buf)
{
	uint64_t number = (uint64_t)key->range.first;

	if (key->kind == BOOK_IPV4)
		return prefix_text(&key->range, AF_INET, 32, buf);
	if (key->kind == BOOK_IPV6)
		return prefix_text(&key->range, AF_INET6, 128, buf);
	if (key->kind == BOOK_MAC)
		return mac_text(number, buf);
	for (unsigned int i = 0; i < RTE_DIM(numbered); i++)
		if (numbered[i].kind == key->kind)
			snprintf(buf, BOOK_KEY_TEXT_LEN, "%s%u", numbered[i].word,
				(unsigned int)number);
	return buf;
}

int
book_key_compare(const struct book_key *a, const struct book_key *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->range.first != b->range.first)
		return a->range.first < b->range.first ? -1 : 1;
	if (a->range.last != b->range.last)
		return a->range.last > b->range.last ? -1 : 1;
	return 0;
}
