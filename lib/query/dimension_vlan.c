/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "query/dimension_kinds.h"

// Keys `vlan`, the tags of a packet, outermost first ("100.200", or "none"), and the tags as a part
// of the key `flow`.

unsigned int
key_vlan_count(const struct query_key *key)
{
	return key->form >> 4;
}

uint16_t
key_vlan_get(const struct query_key *key, unsigned int i)
{
	const uint8_t *pair = &key->vlan[i / 2 * 3];

	return (uint16_t)(i % 2 == 0 ? pair[0] << 4 | pair[1] >> 4 :
		(pair[1] & 0xf) << 8 | pair[2]);
}

void
key_vlan_set(struct query_key *key, const struct flow_key *flow)
{
	static_assert(FLOW_KEY_VLANS == 4, "four ids of 12 bits are six bytes");

	if (flow->vlan_count == 0)
		return;
	for (unsigned int i = 0; i < FLOW_KEY_VLANS; i += 2) {
		uint8_t *pair = &key->vlan[i / 2 * 3];
		uint16_t a = flow->vlan[i], b = flow->vlan[i + 1];

		pair[0] = (uint8_t)(a >> 4);
		pair[1] = (uint8_t)((a & 0xf) << 4 | b >> 8);
		pair[2] = (uint8_t)b;
	}
	key->form |= (uint8_t)(flow->vlan_count << 4);
}

// Tag by tag; fewer tags come first.
int
key_vlan_compare(const struct query_key *a, const struct query_key *b)
{
	unsigned int n = RTE_MIN(key_vlan_count(a), key_vlan_count(b));

	for (unsigned int i = 0; i < n; i++)
		if (key_vlan_get(a, i) != key_vlan_get(b, i))
			return key_vlan_get(a, i) < key_vlan_get(b, i) ? -1 : 1;
	return (int)key_vlan_count(a) - (int)key_vlan_count(b);
}

char *
key_vlan_text(const struct query_key *key, char *buf, size_t size)
{
	size_t len = 0;

	snprintf(buf, size, "none");
	for (unsigned int i = 0; i < key_vlan_count(key) && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s%u", i > 0 ? "." : "",
			key_vlan_get(key, i));
	return buf;
}

static inline void
vlan_fill(const struct dimension *d, const struct pane_delta *delta, unsigned int part,
	struct query_key *key)
{
	(void)d;
	(void)part;
	key_vlan_set(key, &delta->key);
}

DIMENSION_EXTRACT(vlan_extract, extract_once, vlan_fill)

static int
vlan_compare(const struct dimension *d, const struct query_key *a, const struct query_key *b)
{
	(void)d;
	return key_vlan_compare(a, b);
}

static const char *
vlan_text(const struct dimension *d, const struct query_key *key, char *buf)
{
	(void)d;
	return key_vlan_text(key, buf, DIMENSION_TEXT_LEN);
}

const struct dimension_ops dimension_vlan = {
	.name = "vlan",
	.extract = vlan_extract,
	.compare = vlan_compare,
	.text = vlan_text,
};
