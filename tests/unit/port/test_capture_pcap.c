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

// Byte order and unit are told by the magic; fields and bytes come out the same.
static void
variants(void **state)
{
	static const struct {
		uint32_t magic;
		bool big;
		uint64_t ns;
	} cases[] = {
		{0xa1b2c3d4, false, UINT64_C(1700000001000007000)},
		{0xa1b2c3d4, true, UINT64_C(1700000001000007000)},
		{0xa1b23c4d, false, UINT64_C(1700000001000000007)},
		{0xa1b23c4d, true, UINT64_C(1700000001000000007)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes b = {.big = cases[i].big};
		struct reading r;

		// The upper 4 bits of the link type are the frame check sequence's.
		pcap_header(&b, cases[i].magic, 0xf0000000u | 113);
		pcap_record(&b, 1700000001, 7, 60, 1500, 0x42);
		pcap_record(&b, 1700000002, 8, 0, 0, 0);
		reading_take(&r, folder_write(&folder, "v.pcap", &b), CAPTURE_BUFFER, 64);
		assert_int_equal(r.records, 2);
		assert_string_equal(r.fault, "");
		assert_int_equal(r.first[0].ts_ns, cases[i].ns);
		assert_int_equal(r.first[0].ts_us, cases[i].ns / 1000);
		assert_int_equal(r.first[0].captured, 60);
		assert_int_equal(r.first[0].wire_bytes, 1500);
		assert_int_equal(r.first[0].linktype, 113);
		assert_int_equal(r.first_byte[0], 0x42);
		assert_int_equal(r.first[1].captured, 0);
		bytes_free(&b);
	}
}

static void
modified(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct bytes b = {.big = big};
		struct reading r;

		pcap_header(&b, 0xa1b2cd34, 1);
		for (uint32_t i = 0; i < 3; i++) {
			put32(&b, 1000 + i);
			put32(&b, 5);
			put32(&b, 20);
			put32(&b, 20);
			put_fill(&b, 0xee, 8);  // interface, protocol, packet type
			put_fill(&b, (uint8_t)i, 20);
		}
		reading_take(&r, folder_write(&folder, "m.pcap", &b), CAPTURE_BUFFER, 64);
		assert_int_equal(r.records, 3);
		assert_string_equal(r.fault, "");
		assert_int_equal(r.first[2].ts_us, UINT64_C(1002000005));
		assert_int_equal(r.first_byte[2], 2);
		bytes_free(&b);
	}
}

static void
wire_bytes_believed_in_bounds(void **state)
{
	static const struct {
		uint32_t captured, recorded, expected;
	} cases[] = {
		{60, 60, 60}, {60, 61, 61}, {60, 59, 60}, {60, 0, 60}, {60, 262144, 262144},
		{60, 262145, 60}, {60, UINT32_MAX, 60},
	};
	struct bytes b = {0};
	struct reading r;

	(void)state;
	pcap_header(&b, 0xa1b2c3d4, 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		pcap_record(&b, 1, 0, cases[i].captured, cases[i].recorded, 0);
	reading_take(&r, folder_write(&folder, "w.pcap", &b), CAPTURE_BUFFER, 64);
	assert_int_equal(r.records, sizeof(cases) / sizeof(cases[0]));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(r.first[i].wire_bytes, cases[i].expected);
	bytes_free(&b);
}

static void
header_only_is_whole(void **state)
{
	struct bytes b = {0};
	struct reading r;

	(void)state;
	pcap_header(&b, 0xa1b2c3d4, 1);
	reading_take(&r, folder_write(&folder, "e.pcap", &b), CAPTURE_BUFFER, 64);
	assert_true(r.opened);
	assert_int_equal(r.records, 0);
	assert_string_equal(r.fault, "");
	bytes_free(&b);
}

// Up to 262144 bytes are read; one more ends the reading with its place, keeping what was before.
static void
longest_record(void **state)
{
	char place[64];
	struct bytes b = {0};
	struct reading r;
	size_t at;

	(void)state;
	pcap_header(&b, 0xa1b2c3d4, 1);
	pcap_record(&b, 1, 0, 80116, 80116, 0);
	pcap_record(&b, 1, 0, CAPTURE_RECORD_MAX, CAPTURE_RECORD_MAX, 0);
	at = b.n;
	pcap_record(&b, 1, 0, CAPTURE_RECORD_MAX + 1, CAPTURE_RECORD_MAX + 1, 0);
	pcap_record(&b, 1, 0, 60, 60, 0);
	reading_take(&r, folder_write(&folder, "l.pcap", &b), CAPTURE_BUFFER, 64);
	assert_int_equal(r.records, 2);
	assert_int_equal(r.first[1].captured, CAPTURE_RECORD_MAX);
	snprintf(place, sizeof(place), "byte %zu: ", at);
	assert_non_null(strstr(r.fault, place));
	assert_non_null(strstr(r.fault, "262145"));
	bytes_free(&b);
}

// More than the buffer holds, records across its end included, in bursts of different sizes and
// with short reads: always the same records.
static void
longer_than_the_buffer(void **state)
{
	struct bytes b = {0};
	struct reading whole, r;
	const char *path;

	(void)state;
	pcap_header(&b, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < 9000; i++)
		pcap_record(&b, i, i, i * 7919 % 1501, 1600, (uint8_t)i);
	assert_true(b.n > 4 * CAPTURE_BUFFER);
	path = folder_write(&folder, "b.pcap", &b);
	reading_take(&whole, path, CAPTURE_BUFFER, 64);
	assert_int_equal(whole.records, 9000);
	assert_string_equal(whole.fault, "");
	for (unsigned int burst = 1; burst <= 64; burst += 21) {
		reading_take(&r, path, 4099, burst);
		assert_int_equal(r.records, 9000);
		assert_int_equal(r.digest, whole.digest);
	}
	bytes_free(&b);
}

static void
progress_grows_to_one(void **state)
{
	struct capture_record records[8];
	struct bytes b = {0};
	struct error err;
	struct capture *c;
	double before = 0;

	(void)state;
	pcap_header(&b, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < 100; i++)
		pcap_record(&b, i, i, 100, 100, 0);
	c = capture_open(folder_write(&folder, "p.pcap", &b), &err);
	assert_non_null(c);
	assert_true(capture_progress(c) < 0.1);
	while (capture_read_burst(c, records, 8) > 0) {
		assert_true(capture_progress(c) > before);
		before = capture_progress(c);
	}
	assert_true(capture_progress(c) == 1.0);
	assert_int_equal(capture_read_burst(c, records, 8), 0);
	assert_null(capture_fault(c));
	capture_close(c);
	bytes_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variants),
		cmocka_unit_test(modified),
		cmocka_unit_test(wire_bytes_believed_in_bounds),
		cmocka_unit_test(header_only_is_whole),
		cmocka_unit_test(longest_record),
		cmocka_unit_test(longer_than_the_buffer),
		cmocka_unit_test(progress_grows_to_one),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
