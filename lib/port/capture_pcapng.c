/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pcapng (draft-ietf-opsawg-pcapng): a chain of blocks, each with its length in front and behind.
 *
 *     type 4 | length 4 | body | length 4            length counts all of it, a multiple of 4
 *
 * A section header begins a section, which has its own byte order and its own interfaces.
 * Packets come in three kinds of blocks; for the first two the body is
 *
 *     interface 4 | stamp, upper 4 | stamp, lower 4 | captured 4 | on the wire 4 | bytes | options
 *
 * with 2 bytes of interface and 2 of drop count in the obsolete one. A simple packet block knows
 * only the length on the wire; its interface is the first, its stamp 0.
 *
 * Trust: the two lengths of a block must agree, a packet must lie inside its block and name an
 * interface of its section. Where that fails the chain is broken or a packet would be lost in
 * silence, so reading ends with a fault.
 */
#include "port/capture_format.h"

#include <errno.h>
#include <stdlib.h>

#define SECTION_HEADER 0x0a0d0d0au
#define INTERFACE_DESCRIPTION 1u
#define OBSOLETE_PACKET 2u
#define SIMPLE_PACKET 3u
#define ENHANCED_PACKET 6u

#define BLOCK_MIN 12u      // type and two lengths
#define SECTION_MIN 28u
#define INTERFACE_MIN 20u
#define SIMPLE_MIN 16u
#define PACKET_MIN 32u
#define PACKET_DATA 28u    // the packet's place in its block
#define SIMPLE_DATA 12u

static const uint8_t order_little[4] = {0x4d, 0x3c, 0x2b, 0x1a};
static const uint8_t order_big[4] = {0x1a, 0x2b, 0x3c, 0x4d};

// What became of a block.
enum outcome {
	RECORD,  // it gave a record
	PASSED,  // it gave none, the next one follows
	STOP,    // no further: bytes are wanted, or there is a fault, or the byte order changed
};

// Ask for bytes unless there are at least `need` at `at`.
static inline bool
have(struct capture *c, const uint8_t *at, size_t need)
{
	if ((size_t)(c->input.end - at) >= need)
		return true;
	c->want = need;
	return false;
}

static inline __attribute__((always_inline)) bool
length_ok(struct capture *c, const uint8_t *at, uint32_t min, uint32_t max,
	enum capture_order order)
{
	uint32_t len = capture_get32(at + 4, order);

	if (len >= min && len <= max && len % 4 == 0)
		return true;
	capture_fault_at(c, at, "a block of type 0x%x with length %u, allowed are multiples of 4 "
		"from %u to %u", capture_get32(at, order), len, min, max);
	return false;
}

// The block at `at` is whole in the buffer and agrees with itself: its length, else 0.
static inline __attribute__((always_inline)) uint32_t
block_len(struct capture *c, const uint8_t *at, uint32_t min, enum capture_order order)
{
	uint32_t len = capture_get32(at + 4, order);
	uint32_t trailer;

	if (!length_ok(c, at, min, CAPTURE_BLOCK_MAX, order) || !have(c, at, len))
		return 0;
	trailer = capture_get32(at + len - 4, order);
	if (trailer == len)
		return len;
	capture_fault_at(c, at, "a block of length %u that ends with length %u", len, trailer);
	return 0;
}

static __attribute__((noinline)) uint64_t
clamped(__int128 time)
{
	if (time < 0)
		return 0;
	return time > INT64_MAX ? INT64_MAX : (uint64_t)time;
}

static inline void
stamp_set(struct capture_record *r, const struct capture_interface *i, uint64_t stamp)
{
	unsigned __int128 scaled = ((unsigned __int128)stamp * i->mul) >> i->shift;
	__int128 ns;

	if (i->div != 1)
		scaled /= i->div;
	ns = (__int128)scaled + (__int128)i->offset_s * 1000000000;
	if (ns >= 0 && ns <= INT64_MAX) {
		r->ts_ns = (uint64_t)ns;
		r->ts_us = r->ts_ns / 1000;
	} else {
		r->ts_ns = clamped(ns);
		r->ts_us = clamped(ns / 1000);
	}
}

static inline __attribute__((always_inline)) enum outcome
packet_read(struct capture *c, const uint8_t *at, struct capture_record *r, uint32_t interface,
	enum capture_order order)
{
	uint32_t len = block_len(c, at, PACKET_MIN, order);
	uint32_t captured = capture_get32(at + 20, order);
	const struct capture_interface *i;

	if (len == 0)
		return STOP;
	if (captured > len - PACKET_MIN || captured > CAPTURE_RECORD_MAX) {
		capture_fault_at(c, at, "a packet of %u bytes in a block of %u, at most %u are "
			"believed", captured, len, CAPTURE_RECORD_MAX);
		return STOP;
	}
	if (interface >= c->n_interfaces) {
		capture_fault_at(c, at, "a packet of interface %u, the section has %u", interface,
			c->n_interfaces);
		return STOP;
	}
	i = &c->interfaces[interface];
	r->data = at + PACKET_DATA;
	r->captured = captured;
	r->wire_bytes = capture_wire_bytes(captured, capture_get32(at + 24, order));
	r->linktype = i->linktype;
	stamp_set(r, i, (uint64_t)capture_get32(at + 12, order) << 32 |
		capture_get32(at + 16, order));
	c->input.at = at + len;
	return RECORD;
}

static inline enum outcome
simple_read(struct capture *c, const uint8_t *at, struct capture_record *r,
	enum capture_order order)
{
	uint32_t len = block_len(c, at, SIMPLE_MIN, order);
	uint32_t recorded, captured;

	if (len == 0)
		return STOP;
	if (c->n_interfaces == 0) {
		capture_fault_at(c, at, "a simple packet in a section without interfaces");
		return STOP;
	}
	recorded = capture_get32(at + 8, order);
	captured = recorded;
	if (c->interfaces[0].snaplen != 0 && captured > c->interfaces[0].snaplen)
		captured = c->interfaces[0].snaplen;
	if (captured > len - SIMPLE_MIN)
		captured = len - SIMPLE_MIN;
	if (captured > CAPTURE_RECORD_MAX) {
		capture_fault_at(c, at, "a simple packet of %u bytes, at most %u are believed",
			captured, CAPTURE_RECORD_MAX);
		return STOP;
	}
	r->data = at + SIMPLE_DATA;
	r->captured = captured;
	r->wire_bytes = capture_wire_bytes(captured, recorded);
	r->linktype = c->interfaces[0].linktype;
	r->ts_ns = 0;
	r->ts_us = 0;
	c->input.at = at + len;
	return RECORD;
}

static enum outcome
section_read_as(struct capture *c, const uint8_t *at, enum capture_order order)
{
	uint32_t len = block_len(c, at, SECTION_MIN, order);

	if (len == 0 || !capture_section_begin(c, at, order))
		return STOP;
	c->input.at = at + len;
	c->burst = order == CAPTURE_LITTLE ? capture_pcapng_little : capture_pcapng_big;
	return STOP;
}

// A section header tells its byte order first; the loop ends here and starts anew in that order.
static enum outcome
section_read(struct capture *c, const uint8_t *at)
{
	if (memcmp(at + 8, order_little, sizeof(order_little)) == 0)
		return section_read_as(c, at, CAPTURE_LITTLE);
	if (memcmp(at + 8, order_big, sizeof(order_big)) == 0)
		return section_read_as(c, at, CAPTURE_BIG);
	capture_fault_at(c, at, "a section header without a byte order mark");
	return STOP;
}

static inline enum outcome
interface_read(struct capture *c, const uint8_t *at, enum capture_order order)
{
	uint32_t len = block_len(c, at, INTERFACE_MIN, order);

	if (len == 0 || !capture_interface_add(c, at, len, order))
		return STOP;
	c->input.at = at + len;
	return PASSED;
}

// A block that is passed over may be longer than the buffer: remember how much is to come.
static inline enum outcome
skip_begin(struct capture *c, const uint8_t *at, enum capture_order order)
{
	uint32_t len = capture_get32(at + 4, order);

	if (!length_ok(c, at, BLOCK_MIN, UINT32_MAX, order))
		return STOP;
	c->skip = len - BLOCK_MIN;
	c->trailer = len;
	c->input.at = at + 8;
	return PASSED;
}

static inline enum outcome
skip_go_on(struct capture *c, enum capture_order order)
{
	struct capture_input *s = &c->input;
	size_t left = capture_input_left(s);
	size_t step = c->skip < left ? (size_t)c->skip : left;

	s->at += step;
	c->skip -= step;
	if (c->skip > 0 || !have(c, s->at, sizeof(c->trailer)))
		return STOP;
	if (capture_get32(s->at, order) != c->trailer) {
		capture_fault_at(c, s->at, "a block of length %u that ends with length %u",
			c->trailer, capture_get32(s->at, order));
		return STOP;
	}
	s->at += sizeof(c->trailer);
	c->trailer = 0;
	return PASSED;
}

static inline __attribute__((always_inline)) enum outcome
block_read(struct capture *c, struct capture_record *r, enum capture_order order)
{
	const uint8_t *at = c->input.at;

	if (c->trailer > 0)
		return skip_go_on(c, order);
	if (!have(c, at, BLOCK_MIN))
		return STOP;
	switch (capture_get32(at, order)) {
	case ENHANCED_PACKET:
		return have(c, at, PACKET_MIN) ?
			packet_read(c, at, r, capture_get32(at + 8, order), order) : STOP;
	case OBSOLETE_PACKET:
		return have(c, at, PACKET_MIN) ?
			packet_read(c, at, r, capture_get16(at + 8, order), order) : STOP;
	case SIMPLE_PACKET:
		return simple_read(c, at, r, order);
	case INTERFACE_DESCRIPTION:
		return interface_read(c, at, order);
	case SECTION_HEADER:
		return section_read(c, at);
	default:
		return skip_begin(c, at, order);
	}
}

static inline __attribute__((always_inline)) unsigned int
blocks_read(struct capture *c, struct capture_record *records, unsigned int n,
	const enum capture_order order)
{
	unsigned int got = 0;

	while (got < n) {
		enum outcome outcome = block_read(c, &records[got], order);

		if (outcome == STOP)
			break;
		got += outcome == RECORD;
	}
	return got;
}

unsigned int
capture_pcapng_little(struct capture *c, struct capture_record *records, unsigned int n)
{
	return blocks_read(c, records, n, CAPTURE_LITTLE);
}

unsigned int
capture_pcapng_big(struct capture *c, struct capture_record *records, unsigned int n)
{
	return blocks_read(c, records, n, CAPTURE_BIG);
}

// The first block stays in the input; the burst function finds the byte order in it.
int
capture_pcapng_open(struct capture *c, struct error *err)
{
	struct capture_input *s = &c->input;

	while (capture_input_left(s) < BLOCK_MIN && capture_input_fill(s))
		;
	if (capture_input_left(s) < BLOCK_MIN)
		return error_set(err, -EINVAL, "%s: %s after %zu of the %u bytes of a pcapng "
			"section header", c->name.text, s->reason[0] != '\0' ? s->reason : "ends",
			capture_input_left(s), SECTION_MIN);
	if (memcmp(s->at + 8, order_little, sizeof(order_little)) == 0 ||
			memcmp(s->at + 8, order_big, sizeof(order_big)) == 0)
		return 0;
	return error_set(err, -EINVAL, "%s: starts as pcapng, but bytes 8 to 11 are no byte order "
		"mark", c->name.text);
}

void
capture_pcapng_close(struct capture *c)
{
	free(c->interfaces);
}
