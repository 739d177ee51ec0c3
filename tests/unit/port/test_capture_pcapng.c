/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "capture_build.h"
#include "port/capture_format.h"

static struct folder folder;

static int
setup(void **state)
{
	(void)state;
	return folder_make(&folder);
}

static int
teardown(void **state)
{
	(void)state;
	folder_remove(&folder);
	return 0;
}

static void
read_bytes(struct reading *r, const struct bytes *b)
{
	reading_take(r, folder_write(&folder, "t.pcapng", b), CAPTURE_BUFFER, 64);
}

// Sections change byte order and begin with no interfaces.
static void
sections(void **state)
{
	struct bytes b = {0};
	struct reading r;

	(void)state;
	for (int i = 0; i < 4; i++) {
		ng_section(&b, i % 2 == 1);
		ng_interface(&b, 1, 0);
		ng_interface(&b, (uint16_t)(100 + i), 0);
		ng_packet(&b, 1, UINT64_C(1700000000000000) + (unsigned int)i, 61, 99, (uint8_t)i);
	}
	read_bytes(&r, &b);
	assert_string_equal(r.fault, "");
	assert_int_equal(r.records, 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(r.first[i].linktype, 100 + i);
		assert_int_equal(r.first[i].ts_us, UINT64_C(1700000000000000) + i);
		assert_int_equal(r.first[i].captured, 61);
		assert_int_equal(r.first[i].wire_bytes, 99);
		assert_int_equal(r.first_byte[i], i);
	}
	ng_section(&b, false);
	ng_packet(&b, 0, 0, 10, 10, 0);
	read_bytes(&r, &b);
	assert_int_equal(r.records, 4);
	assert_non_null(strstr(r.fault, "a packet of interface 0, the section has 0"));
	bytes_free(&b);
}

static void
stamps(void **state)
{
	static const struct {
		uint8_t resolution;
		int64_t offset_s;
		uint64_t stamp, ns, us;
	} cases[] = {
		{6, 0, 1700000000123456, 1700000000123456000, 1700000000123456},
		{9, 0, 1700000000123456789, 1700000000123456789, 1700000000123456},
		{0, 0, 1700000000, 1700000000000000000, 1700000000000000},
		{3, 7, 1700000000123, 1700000007123000000, 1700000007123000},
		{12, 0, 1700000000123456789, 1700000000123456, 1700000000123},
		{28, 1, UINT64_MAX, 1000000001, 1000000},
		{29, 0, UINT64_MAX, 0, 0},
		{127, 0, UINT64_MAX, 0, 0},
		{0x80, 0, 3, 3000000000, 3000000},
		{0x80 | 10, 0, 1536, 1500000000, 1500000},
		{0x80 | 30, -1, (UINT64_C(5) << 30) | (1u << 29), 4500000000, 4500000},
		{0xff, 0, UINT64_MAX, 0, 0},
		// Before 1970, and beyond 64 bits of nanoseconds, of microseconds.
		{6, -2, 1000000, 0, 0},
		{6, INT64_MIN, 1, 0, 0},
		{6, 0, 4734231571822539464, INT64_MAX, 4734231571822539464},
		{0, INT64_MAX, UINT64_MAX, INT64_MAX, INT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int big = 0; big < 2; big++) {
			struct bytes b = {0};
			struct reading r;

			ng_section(&b, big);
			ng_interface_timed(&b, cases[i].resolution, cases[i].offset_s);
			ng_packet(&b, 0, cases[i].stamp, 4, 4, 0);
			read_bytes(&r, &b);
			assert_int_equal(r.records, 1);
			assert_true(r.first[0].ts_ns == cases[i].ns);
			assert_true(r.first[0].ts_us == cases[i].us);
			bytes_free(&b);
		}
	}
}

static void
simple_packet(struct bytes *b, uint32_t wire, uint32_t stored)
{
	size_t begin = block_begin(b, 3);

	put32(b, wire);
	put_fill(b, 0x33, stored);
	block_end(b, begin);
}

// The captured length of a simple packet is what wire length, snap length and block allow.
static void
simple_packets(void **state)
{
	struct bytes b = {0};
	struct reading r;

	(void)state;
	ng_section(&b, false);
	ng_interface(&b, 1, 96);
	simple_packet(&b, 62, 62);
	simple_packet(&b, 1000, 96);
	simple_packet(&b, 1000, 40);
	read_bytes(&r, &b);
	assert_string_equal(r.fault, "");
	assert_int_equal(r.records, 3);
	assert_int_equal(r.first[0].captured, 62);
	assert_int_equal(r.first[0].ts_ns, 0);
	assert_int_equal(r.first[0].ts_us, 0);
	assert_int_equal(r.first[1].captured, 96);
	assert_int_equal(r.first[1].wire_bytes, 1000);
	assert_int_equal(r.first[2].captured, 40);
	b.n = 0;
	ng_section(&b, true);
	simple_packet(&b, 62, 62);
	read_bytes(&r, &b);
	assert_int_equal(r.records, 0);
	assert_non_null(strstr(r.fault, "without interfaces"));
	bytes_free(&b);
}

static void
obsolete_packet(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct bytes b = {0};
		struct reading r;
		size_t begin;

		ng_section(&b, big);
		ng_interface(&b, 1, 0);
		ng_interface(&b, 228, 0);
		begin = block_begin(&b, 2);
		put16(&b, 1);
		put16(&b, 0xffff);  // drops
		put32(&b, 1);
		put32(&b, 2);
		put32(&b, 10);
		put32(&b, 12);
		put_fill(&b, 0x77, 10);
		block_end(&b, begin);
		read_bytes(&r, &b);
		assert_string_equal(r.fault, "");
		assert_int_equal(r.records, 1);
		assert_int_equal(r.first[0].linktype, 228);
		assert_int_equal(r.first[0].ts_us, (UINT64_C(1) << 32) + 2);
		assert_int_equal(r.first[0].wire_bytes, 12);
		assert_int_equal(r.first_byte[0], 0x77);
		bytes_free(&b);
	}
}

// Unknown blocks are passed over, shorter and longer than the buffer, with any size of reads.
static void
unknown_blocks(void **state)
{
	static const uint32_t sizes[] = {0, 4, 1000, CAPTURE_BUFFER, 3 * CAPTURE_BUFFER + 8};
	static const size_t chunks[] = {CAPTURE_BUFFER, 1021};
	struct bytes b = {0};
	struct reading r;

	(void)state;
	ng_section(&b, false);
	ng_interface(&b, 1, 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t begin = block_begin(&b, 0x80001234);

		put_fill(&b, 6, sizes[i]);
		block_end(&b, begin);
		ng_packet(&b, 0, i, 20, 20, (uint8_t)i);
	}
	for (size_t i = 0; i < 2; i++) {
		reading_take(&r, folder_write(&folder, "u.pcapng", &b), chunks[i], 64);
		assert_string_equal(r.fault, "");
		assert_int_equal(r.records, 5);
		assert_int_equal(r.first_byte[4], 4);
	}
	bytes_free(&b);
}

// One field of a good file made wrong; where the block of it begins must be in the fault line.
static void
expect_fault(struct bytes *b, size_t field, uint32_t value, const char *text, unsigned int records)
{
	uint8_t before[4];
	struct reading r;

	memcpy(before, b->data + field, sizeof(before));
	set32(b, field, value);
	read_bytes(&r, b);
	assert_true(r.opened);
	assert_int_equal(r.records, records);
	if (strstr(r.fault, text) == NULL)
		fail_msg("fault \"%s\" lacks \"%s\"", r.fault, text);
	memcpy(b->data + field, before, sizeof(before));
}

static void
contradictions(void **state)
{
	struct bytes b = {0};
	size_t interface, packet, other, second;
	struct reading r;

	(void)state;
	ng_section(&b, false);
	interface = b.n;
	ng_interface_timed(&b, 6, 0);
	packet = b.n;
	ng_packet(&b, 0, 1, 60, 60, 0);
	other = block_begin(&b, 4);
	put_fill(&b, 0, 16);
	block_end(&b, other);
	second = b.n;
	ng_packet(&b, 0, 2, 60, 60, 0);
	read_bytes(&r, &b);
	assert_int_equal(r.records, 2);
	assert_string_equal(r.fault, "");

	expect_fault(&b, packet + 4, 0, "byte 84: a block of type 0x6 with length 0", 0);
	expect_fault(&b, packet + 4, 93, "length 93", 0);
	expect_fault(&b, packet + 4, UINT32_MAX - 3, "length 4294967292", 0);
	expect_fault(&b, packet + 4, 1000, "ends inside", 0);
	expect_fault(&b, packet + 4, 96, "ends with length", 0);
	expect_fault(&b, packet + 20, 61, "a packet of 61 bytes in a block of 92", 0);
	expect_fault(&b, packet + 20, UINT32_MAX, "a packet of 4294967295 bytes", 0);
	expect_fault(&b, packet + 8, 1, "a packet of interface 1, the section has 1", 0);
	expect_fault(&b, packet + 88, 88, "a block of length 92 that ends with length 88", 0);
	expect_fault(&b, other + 4, 8, "length 8", 1);
	expect_fault(&b, other + 4, 30, "length 30", 1);
	expect_fault(&b, other + 4, UINT32_MAX - 3, "ends inside a block", 1);
	expect_fault(&b, other + 24, 32, "a block of length 28 that ends with length 32", 1);
	expect_fault(&b, second + 4, 600000, "allowed are multiples of 4 from 32 to 524288", 1);
	expect_fault(&b, interface + 16, 0x01000002, "an option of an interface", 0);
	expect_fault(&b, 4, 24, "length 24", 0);
	expect_fault(&b, 12, 2, "version 2", 0);
	bytes_free(&b);
}

// Interfaces are bounded, so that a small file cannot claim much memory.
static void
many_interfaces(void **state)
{
	struct bytes b = {0};
	struct reading r;

	(void)state;
	ng_section(&b, false);
	for (int i = 0; i < 65536; i++)
		ng_interface(&b, 1, 0);
	ng_packet(&b, 65535, 1, 60, 60, 0);
	read_bytes(&r, &b);
	assert_int_equal(r.records, 1);
	assert_string_equal(r.fault, "");
	ng_interface(&b, 1, 0);
	ng_packet(&b, 65535, 1, 60, 60, 0);
	read_bytes(&r, &b);
	assert_int_equal(r.records, 1);
	assert_non_null(strstr(r.fault, "more than 65536 interfaces"));
	bytes_free(&b);
}

static void
no_byte_order_mark(void **state)
{
	struct bytes b = {0};
	struct reading r;

	(void)state;
	ng_section(&b, false);
	set32(&b, 8, 0x12345678);
	read_bytes(&r, &b);
	assert_false(r.opened);
	assert_non_null(strstr(r.error, "byte order mark"));
	bytes_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections),
		cmocka_unit_test(stamps),
		cmocka_unit_test(simple_packets),
		cmocka_unit_test(obsolete_packet),
		cmocka_unit_test(unknown_blocks),
		cmocka_unit_test(contradictions),
		cmocka_unit_test(many_interfaces),
		cmocka_unit_test(no_byte_order_mark),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
