/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The blocks of pcapng that say how to read the packet blocks:
 *
 *     section header         type | length | order mark 4 | major 2 | minor 2 | ...
 *     interface description  type | length | link type 2 | reserved 2 | snap length 4 | options
 *     option                 code 2 | length 2 | value, padded to 4 bytes; code 0 is the last
 *
 * Two options matter: if_tsresol, one byte, stamps count units of 10^-v s or, with the upper bit,
 * 2^-v s (a microsecond without the option), and if_tsoffset, seconds to be added to them.
 */
#include "port/capture_format.h"

#include <stdlib.h>

#define MAJOR_VERSION 1
#define SECTION_MAJOR 12

#define INTERFACE_OPTIONS 16

// More than any capture has (the obsolete packet block can name 65536); bounds the memory that a
// small file of nothing but interfaces can claim.
#define INTERFACES_MAX 65536u

#define OPTION_END 0
#define OPTION_TSRESOL 9
#define OPTION_TSOFFSET 14

bool
capture_section_begin(struct capture *c, const uint8_t *at, enum capture_order order)
{
	uint16_t major = capture_get16(at + SECTION_MAJOR, order);

	if (major != MAJOR_VERSION) {
		capture_fault_at(c, at, "a section of pcapng version %u, only version %u is known",
			major, MAJOR_VERSION);
		return false;
	}
	c->n_interfaces = 0;
	return true;
}

static uint64_t
pow10_of(unsigned int n)
{
	uint64_t p = 1;

	while (n-- > 0)
		p *= 10;
	return p;
}

// A stamp is below 2^64: with 10^-29 s and finer units all of them are below a nanosecond.
static void
resolution_set(struct capture_interface *i, uint8_t v)
{
	i->shift = 0;
	i->div = 1;
	if (v & 0x80) {
		i->mul = 1000000000;
		i->shift = v & 0x7f;
	} else if (v <= 9) {
		i->mul = (uint32_t)pow10_of(9u - v);
	} else if (v <= 28) {
		i->mul = 1;
		i->div = pow10_of(v - 9u);
	} else {
		i->mul = 0;
	}
}

static void
option_apply(struct capture_interface *i, unsigned int code, const uint8_t *value,
	unsigned int len, enum capture_order order)
{
	uint64_t first, second, v;

	if (code == OPTION_TSRESOL && len > 0)
		resolution_set(i, value[0]);
	if (code != OPTION_TSOFFSET || len != 8)
		return;
	first = capture_get32(value, order);
	second = capture_get32(value + 4, order);
	v = order == CAPTURE_LITTLE ? second << 32 | first : first << 32 | second;
	i->offset_s = (int64_t)v;
}

// Walk the options from p to end. False if one reaches beyond it.
static bool
options_read(struct capture_interface *i, const uint8_t *p, const uint8_t *end,
	enum capture_order order)
{
	while (end - p >= 4) {
		unsigned int code = capture_get16(p, order);
		unsigned int len = capture_get16(p + 2, order);
		unsigned int padded = (len + 3) & ~3u;

		if (code == OPTION_END)
			return true;
		p += 4;
		if ((size_t)(end - p) < padded)
			return false;
		option_apply(i, code, p, len, order);
		p += padded;
	}
	return true;
}

static bool
interface_room(struct capture *c)
{
	unsigned int cap = c->cap_interfaces > 0 ? c->cap_interfaces * 2 : 4;
	struct capture_interface *grown;

	if (c->n_interfaces < c->cap_interfaces)
		return true;
	grown = reallocarray(c->interfaces, cap, sizeof(*grown));
	if (grown == NULL)
		return false;
	c->interfaces = grown;
	c->cap_interfaces = cap;
	return true;
}

bool
capture_interface_add(struct capture *c, const uint8_t *at, uint32_t len, enum capture_order order)
{
	struct capture_interface i = {
		.linktype = capture_get16(at + 8, order),
		.snaplen = capture_get32(at + 12, order),
	};

	resolution_set(&i, 6);
	if (!options_read(&i, at + INTERFACE_OPTIONS, at + len - 4, order)) {
		capture_fault_at(c, at, "an option of an interface reaches beyond its block");
		return false;
	}
	if (c->n_interfaces == INTERFACES_MAX || !interface_room(c)) {
		capture_fault_at(c, at, "a section with more than %u interfaces, or no memory for "
			"them", c->n_interfaces);
		return false;
	}
	c->interfaces[c->n_interfaces++] = i;
	return true;
}
