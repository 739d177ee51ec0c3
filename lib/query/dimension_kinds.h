/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_DIMENSION_KINDS_H
#define WEIR_QUERY_DIMENSION_KINDS_H

#include <arpa/inet.h>

#include "query/dimension.h"

// For the files of the dimensions: what they all do, with the part that differs as a function that
// the compiler puts in place.
//
// What a delta counts, by the directions that are selected. Source and destination are those of
// each packet, so they change places in the reverse direction. The flow itself counts with its
// first packet, which is forward.

extern const struct dimension_ops dimension_protocol;
extern const struct dimension_ops dimension_ip_proto;
extern const struct dimension_ops dimension_ip;
extern const struct dimension_ops dimension_src_ip;
extern const struct dimension_ops dimension_dst_ip;
extern const struct dimension_ops dimension_ip_pair;
extern const struct dimension_ops dimension_src_dst_ip;
extern const struct dimension_ops dimension_flow;
extern const struct dimension_ops dimension_src_port;
extern const struct dimension_ops dimension_dst_port;
extern const struct dimension_ops dimension_vlan;
extern const struct dimension_ops dimension_src_mac;
extern const struct dimension_ops dimension_dst_mac;
extern const struct dimension_ops dimension_subnet;
extern const struct dimension_ops dimension_total;

// All that the selected directions count.
static inline struct query_counts
delta_counts(const struct pane_delta *d, uint8_t select)
{
	uint64_t fwd = -(uint64_t)(select & SELECT_FWD), rev = -(uint64_t)(select >> 1);

	return (struct query_counts){.of = {
		[QUERY_METRIC_BYTES] = (d->bytes[0] & fwd) + (d->bytes[1] & rev),
		[QUERY_METRIC_PACKETS] = (d->packets[0] & fwd) + (d->packets[1] & rev),
		[QUERY_METRIC_FLOWS] = (d->started != 0) & fwd,
	}};
}

// Index into key.addr and key.port of the source of a delta's packets in direction dir.
static inline unsigned int
delta_source(const struct pane_delta *d, unsigned int dir)
{
	return dir ^ (d->fwd_swapped != 0);
}

// Fills `key`, which is zero, for the packets of a delta, or of one direction of it.
typedef void (key_fill)(const struct dimension *d, const struct pane_delta *delta, unsigned int part,
	struct query_key *key);

// One contribution for each delta.
static inline __attribute__((always_inline)) unsigned int
extract_once(const struct dimension *d, const struct pane_delta *deltas, const uint8_t *select,
	unsigned int n, struct contribution *ret, key_fill *fill)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < n; i++) {
		struct contribution *c = &ret[count];

		c->counts = delta_counts(&deltas[i], select[i]);
		c->key = (struct query_key){0};
		c->delta = (uint8_t)i;
		c->part = 0;
		fill(d, &deltas[i], 0, &c->key);
		count += !query_counts_zero(&c->counts);
	}
	return count;
}

// Both ends of a delta, each with everything that is selected: `part` is the end.
static inline __attribute__((always_inline)) unsigned int
extract_ends(const struct dimension *d, const struct pane_delta *deltas, const uint8_t *select,
	unsigned int n, struct contribution *ret, key_fill *fill)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < n; i++) {
		const struct query_counts counts = delta_counts(&deltas[i], select[i]);

		for (unsigned int end = 0; end < 2; end++) {
			struct contribution *c = &ret[count];

			c->counts = counts;
			c->key = (struct query_key){0};
			c->delta = (uint8_t)i;
			c->part = (uint8_t)end;
			fill(d, &deltas[i], end, &c->key);
			count += !query_counts_zero(&counts);
		}
	}
	return count;
}

// Each direction of a delta by itself: `part` is the direction.
static inline __attribute__((always_inline)) unsigned int
extract_directions(const struct dimension *d, const struct pane_delta *deltas,
	const uint8_t *select, unsigned int n, struct contribution *ret, key_fill *fill)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < n; i++) {
		for (unsigned int dir = 0; dir < 2; dir++) {
			struct contribution *c = &ret[count];

			c->counts = delta_counts(&deltas[i], select[i] & (uint8_t)(1 << dir));
			c->key = (struct query_key){0};
			c->delta = (uint8_t)i;
			c->part = (uint8_t)dir;
			fill(d, &deltas[i], dir, &c->key);
			count += !query_counts_zero(&c->counts);
		}
	}
	return count;
}

// The `extract` of a dimension: one of the three above with its own key.
#define DIMENSION_EXTRACT(id, how, fill) \
	static unsigned int id(const struct dimension *d, const struct pane_delta *deltas, \
		const uint8_t *select, unsigned int n, struct contribution *ret) \
	{ \
		return how(d, deltas, select, n, ret, fill); \
	}

// `extract` and `numbers` of a dimension whose keys are numbers, and few: name_number() gives that
// of a delta.
#define DIMENSION_NUMBERS_OF(name) \
	static inline void name##_fill(const struct dimension *d, const struct pane_delta *delta, \
		unsigned int part, struct query_key *key) \
	{ \
		(void)part; \
		key->number = name##_number(d, delta); \
	} \
	DIMENSION_EXTRACT(name##_extract, extract_once, name##_fill) \
	static void name##_numbers(const struct dimension *d, const struct pane_delta *deltas, \
		unsigned int n, uint32_t *ret) \
	{ \
		for (unsigned int i = 0; i < n; i++) \
			ret[i] = name##_number(d, &deltas[i]); \
	}

// IP version of a key's addresses.
static inline uint8_t
key_version(const struct query_key *key)
{
	return key->form & 0xf;
}

static inline const char *
address_text(uint8_t version, const uint8_t addr[16], char *buf, size_t size)
{
	return version == 4 ? inet_ntop(AF_INET, addr + 12, buf, (socklen_t)size) :
		inet_ntop(AF_INET6, addr, buf, (socklen_t)size);
}

// A flow's VLAN tags into a key, and out again as "100.200", outermost first.
void key_vlan_set(struct query_key *key, const struct flow_key *flow);
unsigned int key_vlan_count(const struct query_key *key);
uint16_t key_vlan_get(const struct query_key *key, unsigned int i);
int key_vlan_compare(const struct query_key *a, const struct query_key *b);
char *key_vlan_text(const struct query_key *key, char *buf, size_t size);

#endif
