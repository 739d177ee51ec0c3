/* SPDX-License-Identifier: BSD-3-Clause */
// What is no capture, what is compressed, what was cut: the bytes below the formats.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

static void
expect_refused(const char *path, const char *reason)
{
	struct error err = {0};

	assert_null(capture_open(path, &err));
	if (strstr(err.text, path) == NULL || strstr(err.text, reason) == NULL)
		fail_msg("\"%s\" lacks \"%s\" or \"%s\"", err.text, path, reason);
	assert_null(strchr(err.text, '\n'));
}

static void
refused(void **state)
{
	struct bytes b = {0};

	(void)state;
	expect_refused(folder_path(&folder, "missing"), "No such file");
	expect_refused(folder.path, "is a directory");
	expect_refused(folder_write(&folder, "empty", &b), "is empty (0 bytes)");
	assert_int_equal(mkfifo(folder_path(&folder, "fifo"), 0600), 0);
	expect_refused(folder_path(&folder, "fifo"), "is a pipe");
	expect_refused("/dev/null", "is a device");
	put(&b, "abc", 3);
	expect_refused(folder_write(&folder, "short", &b), "ends after 3 bytes");
	put(&b, "d and more of it", 16);
	expect_refused(folder_write(&folder, "text", &b),
		"starts with 61 62 63 64, which is no capture; allowed are pcap and pcapng");
	expect_refused(folder_write_gzip(&folder, "text.gz", &b, "wb"),
		"unpacked, it starts with 61 62 63 64");
	b.n = 0;
	put(&b, "\x1f\x8b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12);
	expect_refused(folder_write(&folder, "bad.gz", &b), "the gzip data is damaged");
	b.n = 0;
	pcap_header(&b, 0xa1b2c3d4, 1);
	b.n = 23;
	expect_refused(folder_write(&folder, "cut", &b), "ends after 23 of the 24 bytes");
	if (geteuid() != 0) {
		assert_int_equal(chmod(folder_path(&folder, "text"), 0), 0);
		expect_refused(folder_path(&folder, "text"), "Permission denied");
	}
	bytes_free(&b);
}

// Control characters and overlong names stay out of the message, its reason stays in.
static void
strange_names(void **state)
{
	struct error err = {0};
	char name[1024];

	(void)state;
	assert_null(capture_open("/nowhere/a\nb\x1b[31m", &err));
	assert_non_null(strstr(err.text, "/nowhere/a?b?[31m: cannot be opened"));
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_null(capture_open(name, &err));
	assert_non_null(strstr(err.text, "xxx: cannot be opened: File name too long"));
	assert_null(capture_open("", &err));
}

static void
pcap_small(struct bytes *b)
{
	b->n = 0;
	pcap_header(b, 0xa1b2c3d4, 1);
	pcap_record(b, 1, 2, 14, 60, 1);
	pcap_record(b, 2, 3, 0, 60, 2);
	pcap_record(b, 3, 4, 33, 33, 3);
}

static void
pcapng_small(struct bytes *b)
{
	size_t begin;

	b->n = 0;
	for (int big = 0; big < 2; big++) {
		ng_section(b, big);
		ng_interface_timed(b, 9, 1);
		ng_packet(b, 0, 77, 15, 15, 1);
		begin = block_begin(b, 5);
		put_fill(b, 0, 12);
		block_end(b, begin);
		ng_packet(b, 0, 78, 3, 60, 2);
	}
}

// A file cut at every byte: never more records than the cut file one byte longer, the whole ones
// unchanged, and a fault exactly where a record or block is incomplete.
static void
cut_everywhere(const struct bytes *whole, unsigned int boundaries)
{
	unsigned int records = 0, clean = 0;

	for (size_t n = 1; n <= whole->n; n++) {
		struct bytes b = *whole;
		struct reading r, chunked;
		const char *path;

		b.n = n;
		path = folder_write(&folder, "cut", &b);
		reading_take(&r, path, CAPTURE_BUFFER, 64);
		assert_true(r.records >= records && r.records <= records + 1);
		assert_true(r.opened || r.error[0] != '\0');
		records = r.records;
		clean += r.opened && r.fault[0] == '\0';
		reading_take(&chunked, path, 1, 2);
		assert_int_equal(chunked.opened, r.opened);
		assert_int_equal(chunked.records, r.records);
		assert_int_equal(chunked.digest, r.digest);
		assert_string_equal(chunked.fault, r.fault);
		assert_string_equal(chunked.error, r.error);
	}
	assert_int_equal(clean, boundaries);
}

static void
cut_pcap(void **state)
{
	struct bytes b = {0};

	(void)state;
	pcap_small(&b);
	cut_everywhere(&b, 1 + 3);  // behind the header and each record
	bytes_free(&b);
}

static void
cut_pcapng(void **state)
{
	struct bytes b = {0};

	(void)state;
	pcapng_small(&b);
	cut_everywhere(&b, 2 * 5);  // behind each block
	bytes_free(&b);
}

// Compressed, under any name, in one member or several, with padding: the same records.
static void
gzip_reads_the_same(void **state)
{
	struct bytes b = {0}, head, tail, file = {0};
	struct reading plain, r;
	FILE *f;

	(void)state;
	pcap_header(&b, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < 5000; i++)
		pcap_record(&b, i, i, i * 7919 % 1501, 1600, (uint8_t)(i * i));
	assert_true(b.n > 3 * CAPTURE_BUFFER);
	reading_take(&plain, folder_write(&folder, "g.pcap", &b), CAPTURE_BUFFER, 64);
	assert_int_equal(plain.records, 5000);
	reading_take(&r, folder_write_gzip(&folder, "named.pcap", &b, "wb6"), CAPTURE_BUFFER, 64);
	assert_int_equal(r.digest, plain.digest);
	assert_string_equal(r.fault, "");

	head = tail = b;
	head.n = 1000003;
	tail.data += head.n;
	tail.n -= head.n;
	folder_write_gzip(&folder, "two.gz", &head, "wb1");
	folder_write_gzip(&folder, "two.gz", &tail, "ab9");
	f = fopen(folder_path(&folder, "two.gz"), "ab");
	put_fill(&file, 0, 1000);
	assert_int_equal(fwrite(file.data, 1, file.n, f), file.n);
	fclose(f);
	reading_take(&r, folder_path(&folder, "two.gz"), 70001, 64);
	assert_int_equal(r.records, 5000);
	assert_int_equal(r.digest, plain.digest);
	assert_string_equal(r.fault, "");

	f = fopen(folder_path(&folder, "two.gz"), "ab");
	fputs("rubbish", f);
	fclose(f);
	reading_take(&r, folder_path(&folder, "two.gz"), CAPTURE_BUFFER, 64);
	assert_int_equal(r.records, 5000);
	assert_non_null(strstr(r.fault, "uncompressed byte"));
	assert_non_null(strstr(r.fault, "the gzip data is damaged"));
	bytes_free(&b);
	bytes_free(&file);
}

// Every cut of a compressed file is a fault, or refused when not even the header is there; and a
// byte flipped anywhere after the gzip header is found by its checksum at the latest.
static void
gzip_cut_or_damaged(void **state)
{
	struct bytes b = {0}, packed = {0};
	struct reading r;
	uint8_t data[4096];
	unsigned int records = 0;
	FILE *f;

	(void)state;
	pcapng_small(&b);
	f = fopen(folder_write_gzip(&folder, "small.gz", &b, "wb9"), "rb");
	put(&packed, data, fread(data, 1, sizeof(data), f));
	fclose(f);
	for (size_t n = packed.n; n > 0; n--) {
		bool all = n == packed.n;

		packed.n = n;
		reading_take(&r, folder_write(&folder, "c.gz", &packed), CAPTURE_BUFFER, 64);
		assert_true(all ? r.records == 4 : r.records <= records);
		assert_int_equal(r.opened && r.fault[0] == '\0', all);
		records = r.records;
	}
	packed.n = 0;
	f = fopen(folder_path(&folder, "small.gz"), "rb");
	put(&packed, data, fread(data, 1, sizeof(data), f));
	fclose(f);
	for (size_t i = 10; i < packed.n; i++) {
		packed.data[i] ^= 0x10;
		reading_take(&r, folder_write(&folder, "d.gz", &packed), CAPTURE_BUFFER, 64);
		assert_true(!r.opened || r.fault[0] != '\0');
		packed.data[i] ^= 0x10;
	}
	bytes_free(&b);
	bytes_free(&packed);
}

// Somebody cuts the file while it is read: no signal, the records that were there, a fault.
static void
cut_while_reading(void **state)
{
	struct capture_record records[64];
	struct bytes b = {0};
	struct error err;
	struct capture *c;
	unsigned int total = 0, got;
	const char *path;

	(void)state;
	pcap_header(&b, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < 4000; i++)
		pcap_record(&b, i, i, 1000, 1000, (uint8_t)i);
	path = folder_write(&folder, "t.pcap", &b);
	c = capture_open(path, &err);
	assert_non_null(c);
	assert_int_equal(capture_read_burst(c, records, 64), 64);
	total = 64;
	assert_int_equal(truncate(path, 2000000), 0);
	while ((got = capture_read_burst(c, records, 64)) > 0) {
		for (unsigned int i = 0; i < got; i++)
			assert_int_equal(records[i].data[0], (uint8_t)(total + i));
		total += got;
	}
	assert_int_equal(total, (2000000 - 24) / 1016);
	assert_non_null(strstr(capture_fault(c), "the file ends inside"));
	assert_true(capture_progress(c) < 1);
	capture_close(c);
	capture_close(NULL);
	bytes_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused),
		cmocka_unit_test(strange_names),
		cmocka_unit_test(cut_pcap),
		cmocka_unit_test(cut_pcapng),
		cmocka_unit_test(gzip_reads_the_same),
		cmocka_unit_test(gzip_cut_or_damaged),
		cmocka_unit_test(cut_while_reading),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
