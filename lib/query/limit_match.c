/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/limit_match.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>
#include <rte_jhash.h>

enum side {
	SIDE_SOURCE,
	SIDE_DESTINATION,
	SIDES,
};

// Each row has at most two edges a side, and each edge begins at most one class; one class more has
// no rows, and one for each version of IP begins at address 0.
static_assert(LIMIT_ROWS_MAX * 2 + 3 <= UINT16_MAX, "classes are numbered in 16 bits");

// The classes of one side: sets of rows, each once.
struct class_sets {
	uint64_t *bits;      // `words` for each class
	uint32_t count;
	uint32_t capacity;
	uint16_t *slots;     // open addressing: class, 0 free (class 0 is not in here)
	uint32_t mask;
};

// The ranges of one version of IP: range i goes from start[i] to the next one's start.
struct family {
	uint32_t count;
	uint32_t *start4;
	ip_number *start6;
	struct limit_class *of;
};

struct limit_classes {
	uint32_t words;
	struct class_sets sets[SIDES];
	struct family families[2];  // IPv4, IPv6
};

// Where a row begins or ends to match on one side.
struct edge {
	ip_number at;
	uint16_t row;
	uint8_t side;
	bool begins;
};

static int
sets_init(struct class_sets *s, uint32_t rows, uint32_t words)
{
	uint32_t slots = rte_align32pow2(rows * 4 + 8);

	s->capacity = 64;
	s->bits = calloc(s->capacity, words * sizeof(*s->bits));
	s->slots = calloc(slots, sizeof(*s->slots));
	s->mask = slots - 1;
	s->count = 1;
	return s->bits != NULL && s->slots != NULL ? 0 : -1;
}

static int
sets_grow(struct class_sets *s, uint32_t words)
{
	uint64_t *bits;

	if (s->count < s->capacity)
		return 0;
	bits = realloc(s->bits, (size_t)s->capacity * 2 * words * sizeof(*bits));
	if (bits == NULL)
		return -1;
	s->bits = bits;
	s->capacity *= 2;
	return 0;
}

static bool
bits_any(const uint64_t *bits, uint32_t words)
{
	for (uint32_t i = 0; i < words; i++)
		if (bits[i] != 0)
			return true;
	return false;
}

// The class of a set of rows, a new one if need be; -1 if memory ran out.
static int
class_of(struct class_sets *s, const uint64_t *bits, uint32_t words)
{
	uint32_t at;

	if (!bits_any(bits, words))
		return 0;
	at = rte_jhash_32b((const uint32_t *)(const void *)bits, words * 2, 0) & s->mask;
	for (; s->slots[at] != 0; at = (at + 1) & s->mask)
		if (memcmp(s->bits + (size_t)s->slots[at] * words, bits, words * 8) == 0)
			return s->slots[at];
	if (sets_grow(s, words) != 0)
		return -1;
	memcpy(s->bits + (size_t)s->count * words, bits, words * 8);
	s->slots[at] = (uint16_t)s->count++;
	return s->slots[at];
}

static void
bit_set(uint64_t *bits, uint32_t row, bool on)
{
	if (on)
		bits[row / 64] |= UINT64_C(1) << row % 64;
	else
		bits[row / 64] &= ~(UINT64_C(1) << row % 64);
}

static uint32_t
side_edges(const struct limit_row *row, uint16_t number, enum side side, struct edge *ret)
{
	const struct limit_match *m = &row->match;
	bool given = side == SIDE_SOURCE ? m->has_source : m->has_destination;
	const struct range *r = side == SIDE_SOURCE ? &m->source : &m->destination;
	ip_number most = m->version == 4 ? UINT32_MAX : ~(ip_number)0;
	uint32_t n = 0;

	ret[n++] = (struct edge){given ? r->first : 0, number, (uint8_t)side, true};
	if (given && r->last != most)
		ret[n++] = (struct edge){r->last + 1, number, (uint8_t)side, false};
	return n;
}

static int
edge_compare(const void *x, const void *y)
{
	const struct edge *a = x, *b = y;

	return a->at < b->at ? -1 : a->at > b->at;
}

static int
family_alloc(struct family *f, uint8_t version, uint32_t ranges)
{
	f->of = calloc(ranges, sizeof(*f->of));
	if (version == 4)
		f->start4 = calloc(ranges, sizeof(*f->start4));
	else
		f->start6 = calloc(ranges, sizeof(*f->start6));
	return f->of != NULL && (f->start4 != NULL || f->start6 != NULL) ? 0 : -1;
}

// One range more, which begins at this address.
static int
range_add(struct limit_classes *c, struct family *f, ip_number at, uint64_t *const active[SIDES])
{
	int source = class_of(&c->sets[SIDE_SOURCE], active[SIDE_SOURCE], c->words);
	int destination = class_of(&c->sets[SIDE_DESTINATION], active[SIDE_DESTINATION], c->words);

	if (source < 0 || destination < 0)
		return -1;
	if (f->start4 != NULL)
		f->start4[f->count] = (uint32_t)at;
	else
		f->start6[f->count] = at;
	f->of[f->count++] = (struct limit_class){(uint16_t)source, (uint16_t)destination};
	return 0;
}

// Go through the edges in order; behind those at one address begins a range.
static int
family_sweep(struct limit_classes *c, struct family *f, const struct edge *edges, uint32_t n,
	uint64_t *const active[SIDES])
{
	if ((n == 0 || edges[0].at != 0) && range_add(c, f, 0, active) != 0)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		bit_set(active[edges[i].side], edges[i].row, edges[i].begins);
		if (i + 1 < n && edges[i + 1].at == edges[i].at)
			continue;
		if (range_add(c, f, edges[i].at, active) != 0)
			return -1;
	}
	return 0;
}

static int
family_build(struct limit_classes *c, uint8_t version, const struct limit_row *rows,
	uint32_t count)
{
	struct edge *edges = malloc((count * 4 + 1) * sizeof(*edges));
	uint64_t *active[SIDES] = {
		calloc(c->words, sizeof(uint64_t)), calloc(c->words, sizeof(uint64_t)),
	};
	struct family *f = &c->families[version == 6];
	uint32_t n = 0;
	int rc = -1;

	if (edges == NULL || active[0] == NULL || active[1] == NULL)
		goto out;
	for (uint32_t i = 0; i < count; i++)
		for (unsigned int side = 0; side < SIDES && rows[i].match.version == version; side++)
			n += side_edges(&rows[i], (uint16_t)i, side, &edges[n]);
	qsort(edges, n, sizeof(*edges), edge_compare);
	if (family_alloc(f, version, n + 1) == 0)
		rc = family_sweep(c, f, edges, n, active);
out:
	free(active[0]);
	free(active[1]);
	free(edges);
	return rc;
}

struct limit_classes *
limit_classes_create(const struct limit_row *rows, uint32_t count)
{
	struct limit_classes *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->words = (count + 63) / 64 + (count == 0);
	if (sets_init(&c->sets[SIDE_SOURCE], count, c->words) == 0 &&
			sets_init(&c->sets[SIDE_DESTINATION], count, c->words) == 0 &&
			family_build(c, 4, rows, count) == 0 && family_build(c, 6, rows, count) == 0)
		return c;
	limit_classes_free(c);
	return NULL;
}

void
limit_classes_free(struct limit_classes *c)
{
	if (c == NULL)
		return;
	for (unsigned int i = 0; i < SIDES; i++) {
		free(c->sets[i].bits);
		free(c->sets[i].slots);
	}
	for (unsigned int i = 0; i < 2; i++) {
		free(c->families[i].start4);
		free(c->families[i].start6);
		free(c->families[i].of);
	}
	free(c);
}

// The last range that begins at or before the address; the first one begins at 0. No branch that
// depends on what is found, as that would be guessed wrong half of the time.
static uint32_t
range_find4(const struct family *f, uint32_t a)
{
	uint32_t at = 0;

	for (uint32_t left = f->count; left > 1; left -= left / 2)
		at += f->start4[at + left / 2] <= a ? left / 2 : 0;
	return at;
}

static uint32_t
range_find6(const struct family *f, ip_number a)
{
	uint32_t at = 0;

	for (uint32_t left = f->count; left > 1; left -= left / 2)
		at += f->start6[at + left / 2] <= a ? left / 2 : 0;
	return at;
}

struct limit_class
limit_classes_find(const struct limit_classes *c, uint8_t version, const uint8_t addr[16])
{
	const struct family *f = &c->families[version == 6];
	rte_be64_t high, low;
	rte_be32_t four;

	if (version != 6) {
		memcpy(&four, addr + 12, sizeof(four));
		return f->of[range_find4(f, rte_be_to_cpu_32(four))];
	}
	memcpy(&high, addr, sizeof(high));
	memcpy(&low, addr + 8, sizeof(low));
	return f->of[range_find6(f, (ip_number)rte_be_to_cpu_64(high) << 64 | rte_be_to_cpu_64(low))];
}

uint32_t
limit_classes_rows(const struct limit_classes *c, uint16_t source, uint16_t destination,
	uint16_t *ret)
{
	const uint64_t *a = c->sets[SIDE_SOURCE].bits + (size_t)source * c->words;
	const uint64_t *b = c->sets[SIDE_DESTINATION].bits + (size_t)destination * c->words;
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->words; i++)
		for (uint64_t both = a[i] & b[i]; both != 0; both &= both - 1)
			ret[n++] = (uint16_t)(i * 64 + (uint32_t)__builtin_ctzll(both));
	return n;
}
