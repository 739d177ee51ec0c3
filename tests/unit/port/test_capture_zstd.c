/* SPDX-License-Identifier: BSD-3-Clause */
// Captures compressed with zstd: the same records, and what hostile frames must not do.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
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

// 5000 records of changing length, more than three fills of the buffer.
static void
pcap_large(struct bytes *b)
{
	pcap_header(b, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < 5000; i++)
		pcap_record(b, i, i, i * 7919 % 1501, 1600, (uint8_t)(i * i));
	assert_true(b->n > 3 * CAPTURE_BUFFER);
}

static void
bytes_append(const char *name, const void *data, size_t n)
{
	FILE *f = fopen(folder_path(&folder, name), "ab");

	assert_int_equal(fwrite(data, 1, n, f), n);
	fclose(f);
}

// "user data" of RFC 8878, 3.1.2, under the first and the last of its sixteen numbers.
static void
skippable_append(const char *name, uint8_t number)
{
	const uint8_t frame[] = {(uint8_t)(0x50 | number), 0x2a, 0x4d, 0x18, 5, 0, 0, 0,
		'h', 'e', 'l', 'l', 'o'};

	bytes_append(name, frame, sizeof(frame));
}

static void
file_take(struct bytes *b, const char *name)
{
	uint8_t data[4096];
	FILE *f = fopen(folder_path(&folder, name), "rb");
	size_t n;

	b->n = 0;
	while ((n = fread(data, 1, sizeof(data), f)) > 0)
		put(b, data, n);
	fclose(f);
}

// One frame or several, skippable ones in front, between and behind, whatever the file is called.
static void
reads_the_same(void **state)
{
	struct bytes b = {0}, head, tail;
	struct reading plain, r;

	(void)state;
	pcap_large(&b);
	reading_take(&plain, folder_write(&folder, "plain", &b), CAPTURE_BUFFER, 64);
	assert_int_equal(plain.records, 5000);
	reading_take(&r, folder_append_zstd(&folder, "one.pcap", &b, 3), CAPTURE_BUFFER, 64);
	assert_int_equal(r.digest, plain.digest);
	assert_string_equal(r.fault, "");

	head = tail = b;
	head.n = 1000003;
	tail.data += head.n;
	tail.n -= head.n;
	skippable_append("two.zst", 0);
	folder_append_zstd(&folder, "two.zst", &head, 1);
	skippable_append("two.zst", 15);
	folder_append_zstd(&folder, "two.zst", &tail, 19);
	skippable_append("two.zst", 7);
	for (size_t chunk = 70001; chunk <= CAPTURE_BUFFER; chunk += CAPTURE_BUFFER - 70001) {
		reading_take(&r, folder_path(&folder, "two.zst"), chunk, 64);
		assert_int_equal(r.records, 5000);
		assert_int_equal(r.digest, plain.digest);
		assert_string_equal(r.fault, "");
	}

	bytes_append("two.zst", "rubbish", 7);
	reading_take(&r, folder_path(&folder, "two.zst"), CAPTURE_BUFFER, 64);
	assert_int_equal(r.records, 5000);
	assert_non_null(strstr(r.fault, "uncompressed byte"));
	assert_non_null(strstr(r.fault, "the zstd data is damaged: Unknown frame descriptor"));
	bytes_free(&b);
}

// Every cut is a fault, or refused when not even the header is there.
static void
cut_everywhere(void **state)
{
	struct bytes b = {0}, packed = {0};
	struct reading r, chunked;
	unsigned int records = 0;
	size_t whole;

	(void)state;
	pcap_header(&b, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < 30; i++)
		pcap_record(&b, i, i, 14 + i, 60, (uint8_t)(i * 37));
	folder_append_zstd(&folder, "small", &b, 19);
	folder_append_zstd(&folder, "small", &(struct bytes){0}, 1);
	file_take(&packed, "small");
	whole = packed.n;
	for (size_t n = 1; n <= whole; n++) {
		packed.n = n;
		reading_take(&r, folder_write(&folder, "cut", &packed), CAPTURE_BUFFER, 64);
		assert_true(r.records >= records && (r.opened || r.error[0] != '\0'));
		records = r.records;
		if (n == whole)
			assert_string_equal(r.fault, "");
		else if (r.opened && r.fault[0] != '\0')
			assert_non_null(strstr(r.fault, "the zstd data is"));
		reading_take(&chunked, folder_path(&folder, "cut"), 1, 2);
		assert_int_equal(chunked.digest, r.digest);
		assert_string_equal(chunked.fault, r.fault);
		assert_string_equal(chunked.error, r.error);
	}
	assert_int_equal(records, 30);
	bytes_free(&b);
	bytes_free(&packed);
}

// A byte damaged anywhere is found, by the checksum at the latest, unless it is one of the few bits
// that mean nothing; and what is read does not depend on how the reads were cut.
static void
damaged(void **state)
{
	struct bytes b = {0}, packed = {0};
	struct reading plain, r, chunked;
	unsigned int found = 0;

	(void)state;
	pcap_large(&b);
	folder_append_zstd(&folder, "good", &b, 1);
	file_take(&packed, "good");
	reading_take(&plain, folder_path(&folder, "good"), CAPTURE_BUFFER, 64);
	for (size_t i = 6; i < packed.n; i += packed.n / 60) {
		packed.data[i] ^= 0x10;
		reading_take(&r, folder_write(&folder, "bad", &packed), CAPTURE_BUFFER, 64);
		assert_true(!r.opened || r.fault[0] != '\0' || r.digest == plain.digest);
		found += r.fault[0] != '\0';
		reading_take(&chunked, folder_path(&folder, "bad"), 100003, 64);
		assert_int_equal(chunked.records, r.records);
		assert_int_equal(chunked.digest, r.digest);
		assert_string_equal(chunked.fault, r.fault);
		packed.data[i] ^= 0x10;
	}
	assert_true(found > 50);
	bytes_free(&b);
	bytes_free(&packed);
}

// A frame of raw blocks (header: size << 3, 3 bytes) whose window has 1 << window_log bytes.
static void
put_raw_frame(struct bytes *packed, int window_log, const struct bytes *b, size_t block)
{
	const uint8_t header[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, (uint8_t)((window_log - 10) << 3)};

	put(packed, header, sizeof(header));
	for (size_t done = 0; done < b->n; done += block) {
		size_t n = done + block < b->n ? block : b->n - done;

		put(packed, (uint8_t[3]){(uint8_t)(n << 3), (uint8_t)(n >> 5), (uint8_t)(n >> 13)}, 3);
		put(packed, b->data + done, n);
	}
}

// Raw blocks, so that it is known what lies in front of the damage: all of it is read.
static void
what_is_in_front_is_read(void **state)
{
	struct bytes b = {0}, packed = {0};
	struct reading r;

	(void)state;
	pcap_header(&b, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < 100; i++)
		pcap_record(&b, i, i, 100, 100, (uint8_t)i);
	put_raw_frame(&packed, 17, &b, 116);
	put(&packed, (uint8_t[3]){0x06, 0, 0}, 3);  // the reserved type
	reading_take(&r, folder_write(&folder, "front", &packed), CAPTURE_BUFFER, 64);
	assert_int_equal(r.records, 100);
	assert_non_null(strstr(r.fault, "byte 11624: the zstd data is damaged"));
	bytes_free(&b);
	bytes_free(&packed);
}

static long
peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

// A window of 128 MiB is what zstd(1) writes at most unless told otherwise; above is refused, and
// nothing is taken for it.
static void
window_bounded(void **state)
{
	struct bytes b = {0}, packed = {0};
	struct reading r;
	long before = peak_kib();

	(void)state;
	pcap_header(&b, 0xa1b2c3d4, 1);
	pcap_record(&b, 1, 1, 100, 100, 1);
	for (int window_log = 28; window_log <= 41; window_log++) {
		packed.n = 0;
		put_raw_frame(&packed, window_log, &b, 116);
		reading_take(&r, folder_write(&folder, "wide", &packed), CAPTURE_BUFFER, 64);
		assert_false(r.opened);
		assert_non_null(strstr(r.error, "Frame requires too much memory"));
	}
	assert_true(peak_kib() - before < 64 * 1024);
	packed.n = 0;
	put_raw_frame(&packed, 27, &b, 116);
	put(&packed, (uint8_t[3]){1, 0, 0}, 3);  // an empty last block
	reading_take(&r, folder_write(&folder, "wide", &packed), CAPTURE_BUFFER, 64);
	assert_int_equal(r.records, 1);
	assert_string_equal(r.fault, "");
	bytes_free(&b);
	bytes_free(&packed);
}

// Only skippable frames, or frames of nothing: no capture, and said so.
static void
nothing_inside(void **state)
{
	struct reading r;

	(void)state;
	skippable_append("skip", 3);
	reading_take(&r, folder_path(&folder, "skip"), CAPTURE_BUFFER, 64);
	assert_false(r.opened);
	assert_non_null(strstr(r.error, "ends after 0 bytes, too short for a capture"));
	folder_append_zstd(&folder, "none", &(struct bytes){0}, 3);
	reading_take(&r, folder_path(&folder, "none"), CAPTURE_BUFFER, 64);
	assert_false(r.opened);
	assert_non_null(strstr(r.error, "too short for a capture"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_same),
		cmocka_unit_test(cut_everywhere),
		cmocka_unit_test(damaged),
		cmocka_unit_test(what_is_in_front_is_read),
		cmocka_unit_test(window_bounded),
		cmocka_unit_test(nothing_inside),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
