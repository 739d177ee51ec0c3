/* SPDX-License-Identifier: BSD-3-Clause */
// Messages byte by byte and through a decoder: header, templates, records of every shape, bounds.

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <rte_common.h>

#include "decode.h"
#include "export/ipfix_message.h"

// RFC 7011 section 3.1: 2 bytes version 10, 2 length, 4 export time, 4 sequence, 4 domain.
static void
header(void **state)
{
	static const uint8_t expected[] = {0x00, 0x0a, 0x00, 0x10, 0x57, 0xa0, 0x00, 0x7a,
		0x01, 0x02, 0x03, 0x04, 0xfe, 0xdc, 0xba, 0x98};
	struct ipfix_message m;

	(void)state;
	ipfix_message_begin(&m, 1400);
	assert_true(ipfix_message_is_empty(&m));
	ipfix_message_stamp(&m, 0x57a0007a, 0x01020304, 0xfedcba98);
	assert_int_equal(m.len, sizeof(expected));
	assert_memory_equal(m.data, expected, sizeof(expected));
}

// The first bytes of two records of one shape and one of another: sets as section 3.3 has them.
static void
sets(void **state)
{
	struct ipfix_message m;
	struct flow f;
	size_t one;

	(void)state;
	ipfix_message_begin(&m, 1400);
	flow_make(&f, 0x1234, false, false);
	assert_true(ipfix_message_add_flow(&m, &f));
	one = m.len - 20;
	assert_true(ipfix_message_add_flow(&m, &f));
	assert_int_equal(m.len, 20 + 2 * one);
	assert_memory_equal(m.data + 16, ((uint8_t[]){0x01, 0x00, 0x00, (uint8_t)(4 + 2 * one)}), 4);
	assert_memory_equal(m.data + 20, ((uint8_t[]){28, 29, 30, 31, 44, 45, 46, 47, 0x12, 0x34,
		0x01, 0xbb, 6, 4, 1}), 15);
	flow_make(&f, 1, true, true);
	assert_true(ipfix_message_add_flow(&m, &f));
	assert_memory_equal(m.data + 20 + 2 * one, ((uint8_t[]){0x01, 0x03}), 2);
	assert_int_equal(m.records, 3);
	assert_int_equal(m.packets, 3 + 3 + 5);
	assert_true(m.octets == 258 * 3 + UINT64_C(5000000000));
}

static void
take_flow(struct collector *c, const struct flow *f)
{
	struct ipfix_message m;

	ipfix_message_begin(&m, IPFIX_MESSAGE_MIN);
	ipfix_message_add_templates(&m, IPFIX_TEMPLATE_BIT(ipfix_shape(f)));
	ipfix_message_stamp(&m, 1, c->sequence, 7);
	collector_take(c, m.data, m.len);
	ipfix_message_begin(&m, IPFIX_MESSAGE_MIN);
	assert_true(ipfix_message_add_flow(&m, f));
	ipfix_message_stamp(&m, 1, c->sequence, 7);
	collector_take(c, m.data, m.len);
}

// Every shape: the record is as long as its template says, and holds what it must, no more.
static void
shapes(void **state)
{
	struct collector c;

	(void)state;
	collector_begin(&c);
	for (unsigned int i = 0; i < IPFIX_SHAPES; i++) {
		bool v6 = i & 1, biflow = i & 2, mac = i & 4;
		const struct record *r = &c.record[c.records];
		struct flow f;

		flow_make(&f, i, v6, biflow);
		f.src_mac[5] = mac;
		f.key.vlan_count = i / 8 == 2 ? 3 : (uint8_t)(i / 8);
		f.key.vlan[0] = 100;
		f.key.vlan[1] = 4094;
		assert_int_equal(ipfix_shape(&f), i);
		assert_true(ipfix_record_bytes(i) <= IPFIX_RECORD_MAX);
		assert_true(ipfix_template_bytes(i) <= IPFIX_TEMPLATE_MAX);
		take_flow(&c, &f);
		assert_int_equal(r->template_id, 256 + i);
		assert_true(record_has(r, 0, 8) == !v6 && record_has(r, 0, 27) == v6);
		assert_true(record_has(r, 0, 56) == mac && record_has(r, 0, 80) == mac);
		assert_true(record_has(r, 0, 243) == (i / 8 > 0));
		assert_true(record_has(r, 0, 245) == (i / 8 > 1));
		assert_true(record_has(r, REVERSE, 2) == biflow && record_has(r, 0, 239) == biflow);
		assert_int_equal(record_value(r, 0, 7), i);
	}
	assert_int_equal(c.domain, 7);
	collector_end(&c);
}

static uint64_t
micros_of(uint64_t ntp)
{
	uint64_t fraction = ntp & UINT32_MAX;

	return ((ntp >> 32) - UINT64_C(2208988800)) * 1000000 + (fraction * 1000000 >> 32);
}

static void
values(void **state)
{
	struct collector c;
	const struct record *r;
	struct flow f;

	(void)state;
	collector_begin(&c);
	flow_make(&f, 40000, true, true);
	f.fwd_swapped = 1;
	f.key.vlan_count = 2;
	f.key.vlan[0] = 7;
	f.key.vlan[1] = 4095;
	memcpy(f.src_mac, "\x02\x01\x02\x03\x04\x05", 6);
	memcpy(f.dst_mac, "\x06\x11\x12\x13\x14\x15", 6);
	take_flow(&c, &f);
	r = &c.record[0];
	assert_memory_equal(record_bytes(r, 0, 27, 16), f.key.addr[1], 16);
	assert_memory_equal(record_bytes(r, 0, 28, 16), f.key.addr[0], 16);
	assert_true(record_value(r, 0, 7) == 443 && record_value(r, 0, 11) == 40000);
	assert_true(record_value(r, 0, 4) == 6 && record_value(r, 0, 60) == 6);
	assert_true(record_value(r, 0, 58) == 7 && record_value(r, 0, 243) == 7);
	assert_int_equal(record_value(r, 0, 245), 4095);
	assert_memory_equal(record_bytes(r, 0, 56, 6), f.src_mac, 6);
	assert_memory_equal(record_bytes(r, 0, 80, 6), f.dst_mac, 6);
	assert_int_equal(record_value(r, 0, 136), 1);
	assert_int_equal(record_value(r, 0, 239), 1);  // biflowDirection: initiator
	assert_true(record_value(r, 0, 152) == UINT64_C(1470104378005));
	assert_true(record_value(r, 0, 153) == UINT64_C(1470104385005));
	assert_true(record_value(r, REVERSE, 152) == UINT64_C(1470104378006));
	assert_true(record_value(r, REVERSE, 153) == UINT64_C(1470104387005));
	assert_true(micros_of(record_value(r, 0, 154)) == UINT64_C(1470104378005826));
	assert_true(micros_of(record_value(r, 0, 155)) == UINT64_C(1470104385005829));
	assert_true(micros_of(record_value(r, REVERSE, 154)) == UINT64_C(1470104378006826));
	assert_true(micros_of(record_value(r, REVERSE, 155)) == UINT64_C(1470104387005827));
	assert_true(record_value(r, 0, 1) == 258 && record_value(r, 0, 2) == 3);
	assert_true(record_value(r, 0, 352) == 300);
	assert_true(record_value(r, REVERSE, 1) == 5000000000);
	assert_int_equal(record_value(r, REVERSE, 2), 2);
	assert_int_equal(record_value(r, REVERSE, 352), 9080);
	assert_true(record_value(r, 0, 422) == 60 && record_value(r, 0, 423) == 140);
	assert_true(record_value(r, REVERSE, 422) == 66 && record_value(r, REVERSE, 423) == 9014);
	assert_true(record_value(r, 0, 6) == 0x1b && record_value(r, REVERSE, 6) == 0x12);
	assert_true(record_value(r, 0, 52) == 63 && record_value(r, 0, 53) == 64);
	assert_true(record_value(r, REVERSE, 52) == 50 && record_value(r, REVERSE, 53) == 51);
	collector_end(&c);
}

// A reader who cuts the fraction and one who rounds it find the microsecond again.
static void
ntp_times(void **state)
{
	(void)state;
	assert_true(ipfix_ntp_time(0) == UINT64_C(0x83aa7e80) << 32);  // 1970, RFC 868's 2208988800
	assert_true(ipfix_ntp_time(500000) == (UINT64_C(0x83aa7e80) << 32 | 0x80000000));
	for (uint64_t us = 0; us < 1000000; us += us < 1000 || us > 998999 ? 1 : 97) {
		uint64_t ntp = ipfix_ntp_time(UINT64_C(1700000000000000) + us);
		uint64_t fraction = ntp & UINT32_MAX;

		assert_true((ntp & 0x7ff) == 0);
		assert_true(ntp >> 32 == UINT64_C(1700000000) + UINT64_C(2208988800));
		assert_true(fraction * 1000000 >> 32 == us);
		assert_true((fraction * 1000000 + (UINT64_C(1) << 31)) >> 32 == us);
	}
}

// Messages are filled to their limit and never beyond; what does not fit leaves no trace.
static void
limits(void **state)
{
	static const size_t sizes[] = {IPFIX_MESSAGE_MIN, 600, 1232, 1400, IPFIX_MESSAGE_MAX};

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(sizes); i++) {
		struct ipfix_message m, before;
		struct flow f;
		unsigned int n = 0;

		ipfix_message_begin(&m, sizes[i]);
		do {
			before = m;
			flow_make(&f, n, n % 3 == 0, n % 2 == 0);
			n++;
		} while (ipfix_message_add_flow(&m, &f));
		assert_true(n > 2 && m.len <= sizes[i] && m.len + IPFIX_RECORD_MAX > sizes[i]);
		assert_memory_equal(&m, &before, offsetof(struct ipfix_message, data) + m.len);
		assert_int_equal(m.records, n - 1);
	}
}

// All templates need several small messages; each names what it holds.
static void
templates_split(void **state)
{
	const uint32_t all = (IPFIX_TEMPLATE_BIT(IPFIX_TEMPLATE_STATISTICS) << 1) - 1;
	uint32_t left = all;
	struct collector c;

	(void)state;
	collector_begin(&c);
	while (left != 0) {
		struct ipfix_message m;

		ipfix_message_begin(&m, IPFIX_MESSAGE_MIN);
		ipfix_message_add_templates(&m, left);
		assert_true(m.templates != 0 && (m.templates & ~left) == 0 && m.records == 0);
		ipfix_message_stamp(&m, 1, 0, 1);
		collector_take(&c, m.data, m.len);
		left &= ~m.templates;
	}
	assert_int_equal(c.templates_seen, IPFIX_SHAPES + 1);
	assert_true(c.messages > 5);
	collector_end(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header),
		cmocka_unit_test(sets),
		cmocka_unit_test(shapes),
		cmocka_unit_test(values),
		cmocka_unit_test(ntp_times),
		cmocka_unit_test(limits),
		cmocka_unit_test(templates_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
