/* SPDX-License-Identifier: BSD-3-Clause */
// What reading a capture costs per record, page cache warm: CPU time of the process, best of some
// runs, with one word of each packet read as the parser would.
//
//     capture_bench FILE [RUNS]        an existing capture
//     capture_bench make FILE RECORDS  write a pcap file of 64-byte packets first

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "port/capture.h"

#define BURST 64
#define PACKET 64

static double
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int
file_make(const char *path, uint64_t records)
{
	const uint32_t header[6] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1};
	uint8_t record[16 + PACKET] = {0};
	FILE *f = fopen(path, "wb");
	bool ok;

	if (f == NULL) {
		perror(path);
		return 1;
	}
	ok = fwrite(header, sizeof(header), 1, f) == 1;
	for (uint64_t i = 0; ok && i < records; i++) {
		uint32_t fields[4] = {(uint32_t)(1700000000 + i / 1000000),
			(uint32_t)(i % 1000000), PACKET, PACKET};

		memcpy(record, fields, sizeof(fields));
		memcpy(record + 48, &i, sizeof(i));
		ok = fwrite(record, sizeof(record), 1, f) == 1;
	}
	if (fclose(f) != 0 || !ok) {
		perror(path);
		return 1;
	}
	return 0;
}

// One run over the file: records read, or 0 with a line on stderr.
static uint64_t
file_read(const char *path, uint64_t *ret_sum)
{
	struct capture_record records[BURST];
	struct error err;
	struct capture *c = capture_open(path, &err);
	uint64_t total = 0;
	unsigned int got;

	if (c == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return 0;
	}
	while ((got = capture_read_burst(c, records, BURST)) > 0) {
		for (unsigned int i = 0; i < got; i++) {
			uint64_t word = 0;

			if (records[i].captured >= 40)
				memcpy(&word, records[i].data + 24, sizeof(word));
			*ret_sum += word + records[i].ts_us + records[i].wire_bytes;
		}
		total += got;
	}
	if (capture_fault(c) != NULL)
		fprintf(stderr, "%s\n", capture_fault(c));
	capture_close(c);
	return total;
}

int
main(int argc, char **argv)
{
	uint64_t records = 0, sum = 0, runs = 5, want;
	double best = 0;

	if (argc == 4 && strcmp(argv[1], "make") == 0 &&
			units_parse_u64(argv[3], 1, UINT32_MAX, &want) == 0)
		return file_make(argv[2], want);
	if (argc < 2 || argc > 3 ||
			(argc == 3 && units_parse_u64(argv[2], 1, 1000, &runs) < 0)) {
		fprintf(stderr, "usage: capture_bench FILE [RUNS] | make FILE RECORDS\n");
		return 2;
	}
	for (uint64_t i = 0; i < runs; i++) {
		double start = cpu_ns(), took;

		records = file_read(argv[1], &sum);
		if (records == 0)
			return 1;
		took = (cpu_ns() - start) / (double)records;
		if (i == 0 || took < best)
			best = took;
	}
	printf("%" PRIu64 " records, %.2f ns per record (best of %" PRIu64 " runs, checksum %"
		PRIx64 ")\n", records, best, runs, sum);
	return 0;
}
