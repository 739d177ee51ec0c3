/* SPDX-License-Identifier: BSD-3-Clause */
#include "decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_byteorder.h>

#include "flow/flow_stats.h"

static uint64_t
number(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

void
collector_begin(struct collector *c)
{
	memset(c, 0, sizeof(*c));
	c->record = calloc(RECORDS_MAX, sizeof(*c->record));
	assert_non_null(c->record);
}

void
collector_end(struct collector *c)
{
	free(c->record);
}

void
collector_session(struct collector *c)
{
	memset(c->template, 0, sizeof(c->template));
	c->sequence = 0;
}

// Sections 3.4.1 and 3.4.2: one template record; gives its length.
static size_t
template_take(struct collector *c, const uint8_t *p, size_t left, bool options)
{
	size_t at = options ? 6 : 4;
	struct template t = {.known = true, .options = options};
	uint16_t id;

	assert_true(left >= at);
	id = (uint16_t)number(p, 2);
	t.count = (unsigned int)number(p + 2, 2);
	assert_in_range(id, 256, 511);
	assert_in_range(t.count, 1, ELEMENTS_MAX);
	if (options)
		assert_in_range(number(p + 4, 2), 1, t.count);
	for (unsigned int i = 0; i < t.count; i++) {
		struct element *e = &t.element[i];

		assert_true(left >= at + 4);
		e->id = (uint16_t)number(p + at, 2);
		e->length = (uint16_t)number(p + at + 2, 2);
		assert_in_range(e->length, 1, 16);
		at += 4;
		if ((e->id & 0x8000) != 0) {
			assert_true(left >= at + 4);
			e->id &= 0x7fff;
			e->pen = (uint32_t)number(p + at, 4);
			at += 4;
		}
	}
	if (c->template[id - 256].known)
		assert_memory_equal(&t, &c->template[id - 256], sizeof(t));
	c->template[id - 256] = t;
	c->templates_seen++;
	return at;
}

static size_t
record_take(struct collector *c, const uint8_t *p, size_t left, uint16_t id)
{
	const struct template *t = &c->template[id - 256];
	struct record *r = &c->record[c->records];
	size_t at = 0;

	assert_true(t->known);  // a template goes before its records
	assert_true(c->records < RECORDS_MAX);
	r->template_id = id;
	r->count = t->count;
	memcpy(r->element, t->element, sizeof(r->element));
	for (unsigned int i = 0; i < t->count; i++) {
		assert_true(at + t->element[i].length <= left);
		memcpy(r->value[i], p + at, t->element[i].length);
		at += t->element[i].length;
	}
	c->records++;
	c->options += t->options;
	c->sequence++;
	return at;
}

void
collector_take(struct collector *c, const uint8_t *data, size_t len)
{
	size_t at = 16;

	assert_true(len >= 16 && number(data, 2) == 10 && number(data + 2, 2) == len);
	assert_int_equal(number(data + 8, 4), c->sequence);
	c->domain = (uint32_t)number(data + 12, 4);
	c->messages++;
	while (at < len) {
		uint16_t id, bytes;
		size_t end;

		assert_true(len - at >= 4);
		id = (uint16_t)number(data + at, 2);
		bytes = (uint16_t)number(data + at + 2, 2);
		end = at + bytes;
		assert_true(bytes > 4 && end <= len);
		for (at += 4; at < end;) {
			if (id == 2 || id == 3)
				at += template_take(c, data + at, end - at, id == 3);
			else if (id >= 256 && id < 512)
				at += record_take(c, data + at, end - at, id);
			else
				fail_msg("set %u", id);
		}
	}
}

static int
element_find(const struct record *r, uint32_t pen, uint16_t id)
{
	int found = -1;

	for (unsigned int i = 0; i < r->count; i++) {
		if (r->element[i].pen != pen || r->element[i].id != id)
			continue;
		assert_int_equal(found, -1);
		found = (int)i;
	}
	return found;
}

bool
record_has(const struct record *r, uint32_t pen, uint16_t id)
{
	return element_find(r, pen, id) >= 0;
}

const uint8_t *
record_bytes(const struct record *r, uint32_t pen, uint16_t id, size_t length)
{
	int i = element_find(r, pen, id);

	if (i < 0)
		fail_msg("no element %u/%u", pen, id);
	assert_int_equal(r->element[i].length, length);
	return r->value[i];
}

uint64_t
record_value(const struct record *r, uint32_t pen, uint16_t id)
{
	int i = element_find(r, pen, id);

	if (i < 0)
		fail_msg("no element %u/%u", pen, id);
	return number(r->value[i], r->element[i].length);
}

static void
flow_packet(struct flow *f, unsigned int dir, uint64_t after_us, uint32_t bytes, uint32_t l3_bytes,
	uint8_t flags, uint8_t ttl)
{
	struct packet_meta m = {
		.ts_us = FLOW_MADE_US + after_us,
		.wire_bytes = bytes,
		.l3_bytes = l3_bytes,
		.tcp_flags = flags,
		.ttl = ttl,
		.swapped = (uint8_t)dir,
	};

	if (after_us == 0)
		flow_stats_begin(f, &m, m.ts_us);
	flow_stats_update(f, &m, dir, m.ts_us);
}

void
flow_make(struct flow *f, unsigned int n, bool v6, bool biflow)
{
	memset(f, 0, sizeof(*f));
	f->key.version = v6 ? 6 : 4;
	for (unsigned int end = 0; end < 2; end++) {
		memset(f->key.addr[end] + 10, 0xff, 2);
		for (unsigned int i = v6 ? 0 : 12; i < 16; i++)
			f->key.addr[end][i] = (uint8_t)(16 * (end + 1) + i);
	}
	f->key.port[0] = rte_cpu_to_be_16((uint16_t)n);
	f->key.port[1] = rte_cpu_to_be_16(443);
	f->key.proto = 6;
	f->end = FLOW_END_IDLE;
	flow_packet(f, 0, 0, 60, 46, 0x02, 64);
	if (biflow)
		flow_packet(f, 1, 1000, 66, 1000000000, 0x12, 50);
	flow_packet(f, 0, 3000000, 100, 86, 0x18, 63);
	flow_packet(f, 0, 7000003, 140, 126, 0x11, 64);
	if (biflow)
		flow_packet(f, 1, 9000001, 9014, 4000000000, 0x10, 51);
}
