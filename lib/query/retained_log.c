/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/retained_log.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

/*
 * A chunk is a sequence of parts, each followed by its deltas, so that it can be read, and forgotten,
 * by itself. A delta is a head of 48 bytes and, in this order, what its flags say:
 *
 *   LONG  24 bytes  the first 12 of either address, where they are not those of IPv4-mapped ones
 *   TAGS   8 bytes  the VLAN words of the key
 *   MASK   8 bytes  filter_mask
 *   WIDE  16 bytes  the upper halves of packets and bytes
 */
#define FLAG_LONG 0x01
#define FLAG_TAGS 0x02
#define FLAG_MASK 0x04
#define FLAG_WIDE 0x08
#define FLAG_STARTED 0x10
#define FLAG_SWAPPED 0x20

struct record {
	uint8_t flags;
	uint8_t proto;
	uint16_t app;
	rte_be16_t port[2];
	uint8_t addr[2][4];      // the last bytes
	uint8_t macs[2][6];
	uint32_t packets[2];     // the lower halves
	uint32_t bytes[2];
	uint8_t version;
	uint8_t vlan_count;
	uint8_t tunnel;
	uint8_t unused;
};
static_assert(sizeof(struct record) == 48, "a delta in the log");

#define ADDR_HEAD 12  // bytes of an address that are not in the record
#define RECORD_MAX (sizeof(struct record) + 24 + 8 + 8 + 16)

struct retained_chunk {
	uint64_t last;  // slice of its last part
	size_t used;
	uint8_t data[RETAINED_CHUNK_BYTES - 16];
};
static_assert(sizeof(struct retained_chunk) == RETAINED_CHUNK_BYTES, "the bound counts chunks");

static const uint8_t mapped[ADDR_HEAD] = {[10] = 0xff, [11] = 0xff};

int
retained_log_init(struct retained_log *l, size_t bytes)
{
	*l = (struct retained_log){.capacity = bytes / RETAINED_CHUNK_BYTES};
	if (l->capacity == 0)
		return 0;
	l->chunks = calloc(l->capacity, sizeof(*l->chunks));
	if (l->chunks != NULL)
		return 0;
	l->capacity = 0;
	return -ENOMEM;
}

static struct retained_chunk **
chunk_at(const struct retained_log *l, uint64_t number)
{
	return &l->chunks[number % l->capacity];
}

// Take the oldest chunk out; it is the caller's.
static struct retained_chunk *
oldest_take(struct retained_log *l)
{
	struct retained_chunk **at = chunk_at(l, l->base++), *chunk = *at;

	*at = NULL;
	l->forgotten_end = chunk->last + 1;
	l->bytes -= sizeof(*chunk);
	return chunk;
}

void
retained_log_fini(struct retained_log *l)
{
	while (l->base < l->end)
		free(oldest_take(l));
	free(l->chunks);
	*l = (struct retained_log){.capacity = 0};
}

void
retained_log_trim(struct retained_log *l, uint64_t first)
{
	while (l->base < l->end && (*chunk_at(l, l->base))->last < first)
		free(oldest_take(l));
}

// A new chunk at the end: the oldest one's memory where all are there, or there is no more.
static struct retained_chunk *
chunk_append(struct retained_log *l)
{
	struct retained_chunk *chunk = NULL;

	if (l->end - l->base < l->capacity)
		chunk = malloc(sizeof(*chunk));
	if (chunk == NULL && l->base < l->end)
		chunk = oldest_take(l);
	if (chunk == NULL)
		return NULL;
	chunk->used = 0;
	*chunk_at(l, l->end++) = chunk;
	l->bytes += sizeof(*chunk);
	return chunk;
}

// The chunk with room for `bytes`, the last one or a new one; NULL if there is no memory.
static struct retained_chunk *
chunk_with_room(struct retained_log *l, size_t bytes)
{
	struct retained_chunk *chunk = l->base < l->end ? *chunk_at(l, l->end - 1) : NULL;

	if (chunk != NULL && chunk->used + bytes <= sizeof(chunk->data))
		return chunk;
	return chunk_append(l);
}

static struct retained_part *
part_append(struct retained_log *l, struct retained_chunk *chunk, const struct retained_part *part)
{
	struct retained_part *at = (struct retained_part *)(void *)&chunk->data[chunk->used];

	*at = *part;
	chunk->used += sizeof(*at);
	chunk->last = part->index;
	l->part = at;
	return at;
}

void
retained_log_begin(struct retained_log *l, const struct pane *p)
{
	const struct retained_part part = {
		.index = p->index,
		.filter_version = p->filter_version,
		.lost = p->lost_packets > 0 || p->lost_bytes > 0,
	};
	struct retained_chunk *chunk;

	l->part = NULL;
	if (l->capacity == 0 || (p->count == 0 && p->flow_packets == 0 && part.lost == 0))
		return;
	chunk = chunk_with_room(l, sizeof(part));
	if (chunk != NULL)
		part_append(l, chunk, &part);
	else
		l->forgotten_end = p->index + 1;
}

static uint8_t *
put(uint8_t *at, const void *bytes, size_t n)
{
	memcpy(at, bytes, n);
	return at + n;
}

// Write one delta; where the next one goes.
static uint8_t *
delta_write(uint8_t *at, const struct pane_delta *d)
{
	const struct flow_key *key = &d->key;
	struct record r = {
		.flags = (d->started != 0 ? FLAG_STARTED : 0) |
			(d->fwd_swapped != 0 ? FLAG_SWAPPED : 0),
		.proto = key->proto,
		.app = d->app,
		.port = {key->port[0], key->port[1]},
		.packets = {(uint32_t)d->packets[0], (uint32_t)d->packets[1]},
		.bytes = {(uint32_t)d->bytes[0], (uint32_t)d->bytes[1]},
		.version = key->version,
		.vlan_count = key->vlan_count,
		.tunnel = key->tunnel,
	};
	uint8_t *next = at + sizeof(r);

	memcpy(r.macs[0], d->src_mac, sizeof(r.macs[0]));
	memcpy(r.macs[1], d->dst_mac, sizeof(r.macs[1]));
	for (unsigned int end = 0; end < 2; end++)
		memcpy(r.addr[end], key->addr[end] + ADDR_HEAD, sizeof(r.addr[end]));
	if (memcmp(key->addr[0], mapped, ADDR_HEAD) != 0 ||
			memcmp(key->addr[1], mapped, ADDR_HEAD) != 0) {
		r.flags |= FLAG_LONG;
		next = put(next, key->addr[0], ADDR_HEAD);
		next = put(next, key->addr[1], ADDR_HEAD);
	}
	if (key->vlan_count != 0 || key->tunnel != 0) {
		r.flags |= FLAG_TAGS;
		next = put(next, key->vlan, sizeof(key->vlan));
	}
	if (d->filter_mask != 0) {
		r.flags |= FLAG_MASK;
		next = put(next, &d->filter_mask, sizeof(d->filter_mask));
	}
	if ((d->packets[0] | d->packets[1] | d->bytes[0] | d->bytes[1]) >> 32 != 0) {
		const uint32_t high[4] = {
			(uint32_t)(d->packets[0] >> 32), (uint32_t)(d->packets[1] >> 32),
			(uint32_t)(d->bytes[0] >> 32), (uint32_t)(d->bytes[1] >> 32),
		};

		r.flags |= FLAG_WIDE;
		next = put(next, high, sizeof(high));
	}
	memcpy(at, &r, sizeof(r));
	return next;
}

// Go on with the pane in a chunk that has room for n deltas.
static struct retained_chunk *
part_continue(struct retained_log *l, unsigned int n)
{
	struct retained_part part = *l->part;
	uint64_t end = l->end;
	struct retained_chunk *chunk = chunk_with_room(l, n * RECORD_MAX);

	if (chunk != NULL && l->end == end)
		return chunk;
	part.count = 0;
	l->part = NULL;
	if (chunk != NULL)
		part_append(l, chunk, &part);
	else
		l->forgotten_end = part.index + 1;
	return chunk;
}

void
retained_log_add(struct retained_log *l, const struct pane_delta *deltas, unsigned int n)
{
	struct retained_chunk *chunk;
	uint8_t *at;

	if (l->part == NULL)
		return;
	chunk = part_continue(l, n);
	if (chunk == NULL)
		return;
	at = &chunk->data[chunk->used];
	for (unsigned int i = 0; i < n; i++)
		at = delta_write(at, &deltas[i]);
	chunk->used = (size_t)(at - chunk->data);
	l->part->count += n;
}

void
retained_log_end(struct retained_log *l, const struct query_counts *total)
{
	if (l->part != NULL)
		l->part->total = *total;
	l->part = NULL;
}

struct retained_cursor
retained_log_seek(const struct retained_log *l, uint64_t first)
{
	struct retained_cursor c = {.chunk = l->base};

	while (c.chunk < l->end && (*chunk_at(l, c.chunk))->last < first)
		c.chunk++;
	return c;
}

static const uint8_t *
get(const uint8_t *at, void *ret, size_t n)
{
	memcpy(ret, at, n);
	return at + n;
}

static const uint8_t *
delta_read(const uint8_t *at, struct pane_delta *ret)
{
	struct flow_key *key = &ret->key;
	struct record r;

	*ret = (struct pane_delta){.app = 0};
	at = get(at, &r, sizeof(r));
	ret->app = r.app;
	ret->started = (r.flags & FLAG_STARTED) != 0;
	ret->fwd_swapped = (r.flags & FLAG_SWAPPED) != 0;
	memcpy(ret->src_mac, r.macs[0], sizeof(ret->src_mac));
	memcpy(ret->dst_mac, r.macs[1], sizeof(ret->dst_mac));
	key->proto = r.proto;
	key->version = r.version;
	key->vlan_count = r.vlan_count;
	key->tunnel = r.tunnel;
	for (unsigned int end = 0; end < 2; end++) {
		key->port[end] = r.port[end];
		memcpy(key->addr[end], mapped, ADDR_HEAD);
		memcpy(key->addr[end] + ADDR_HEAD, r.addr[end], sizeof(r.addr[end]));
		ret->packets[end] = r.packets[end];
		ret->bytes[end] = r.bytes[end];
	}
	if ((r.flags & FLAG_LONG) != 0) {
		at = get(at, key->addr[0], ADDR_HEAD);
		at = get(at, key->addr[1], ADDR_HEAD);
	}
	if ((r.flags & FLAG_TAGS) != 0)
		at = get(at, key->vlan, sizeof(key->vlan));
	if ((r.flags & FLAG_MASK) != 0)
		at = get(at, &ret->filter_mask, sizeof(ret->filter_mask));
	if ((r.flags & FLAG_WIDE) != 0) {
		uint32_t high[4];

		at = get(at, high, sizeof(high));
		for (unsigned int dir = 0; dir < 2; dir++) {
			ret->packets[dir] |= (uint64_t)high[dir] << 32;
			ret->bytes[dir] |= (uint64_t)high[2 + dir] << 32;
		}
	}
	return at;
}

unsigned int
retained_log_read(const struct retained_log *l, struct retained_cursor *c, struct pane_delta *ret,
	unsigned int n)
{
	const struct retained_chunk *chunk;
	const uint8_t *at;

	n = RTE_MIN(n, c->left);
	if (n == 0 || c->chunk < l->base)
		return 0;
	chunk = *chunk_at(l, c->chunk);
	at = &chunk->data[c->offset];
	for (unsigned int i = 0; i < n; i++)
		at = delta_read(at, &ret[i]);
	c->offset = (size_t)(at - chunk->data);
	c->left -= n;
	return n;
}

bool
retained_log_next(const struct retained_log *l, struct retained_cursor *c)
{
	struct pane_delta passed;

	while (retained_log_read(l, c, &passed, 1) > 0)
		;
	if (c->chunk < l->base)
		*c = (struct retained_cursor){.chunk = l->base};
	while (c->chunk < l->end && c->offset == (*chunk_at(l, c->chunk))->used) {
		if (c->chunk + 1 == l->end)
			return false;
		*c = (struct retained_cursor){.chunk = c->chunk + 1};
	}
	if (c->chunk >= l->end)
		return false;
	memcpy(&c->part, &(*chunk_at(l, c->chunk))->data[c->offset], sizeof(c->part));
	c->offset += sizeof(c->part);
	c->left = c->part.count;
	return true;
}
