/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes at all as a capture file. Beyond not crashing, two things must hold: every byte of
 * every record can be read, and the records do not depend on how the reads were cut, so that each
 * input is read once in one piece and once in small ones, and the outcomes compared.
 *
 * The bytes go through a file in memory, so that opening is part of what is tried.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "port/capture_format.h"

// Enough for every byte of a record to be touched, and records to be few: an input of a few bytes
// can unpack to millions of empty records.
#define RECORDS_MAX 100000u
#define BURST 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	bool opened;
	unsigned int records;
	uint64_t digest;
	char text[sizeof(((struct error *)0)->text)];
};

static uint64_t
digest_add(uint64_t digest, uint64_t v)
{
	return (digest ^ v) * UINT64_C(0x9e3779b97f4a7c15) + (digest >> 31);
}

static void
record_use(struct outcome *o, const struct capture_record *r)
{
	if (r->captured > CAPTURE_RECORD_MAX || r->wire_bytes < r->captured ||
			r->wire_bytes > CAPTURE_RECORD_MAX || r->ts_ns > INT64_MAX)
		abort();
	o->digest = digest_add(o->digest, r->captured);
	o->digest = digest_add(o->digest, r->wire_bytes);
	o->digest = digest_add(o->digest, r->linktype);
	o->digest = digest_add(o->digest, r->ts_ns);
	o->digest = digest_add(o->digest, r->ts_us);
	for (uint32_t i = 0; i < r->captured; i++)
		o->digest = digest_add(o->digest, r->data[i]);
	o->records++;
}

static void
capture_read_all(struct outcome *o, struct capture *c, unsigned int burst)
{
	struct capture_record records[BURST];
	unsigned int got;
	double progress = 0;

	while (o->records < RECORDS_MAX && (got = capture_read_burst(c, records, burst)) > 0) {
		for (unsigned int i = 0; i < got && o->records < RECORDS_MAX; i++)
			record_use(o, &records[i]);
		if (capture_progress(c) < progress || capture_progress(c) > 1)
			abort();
		progress = capture_progress(c);
	}
	if (o->records < RECORDS_MAX && capture_fault(c) != NULL)
		snprintf(o->text, sizeof(o->text), "%s", capture_fault(c));
}

static struct outcome
outcome_of(const char *path, size_t chunk, unsigned int burst)
{
	struct outcome o;
	struct error err = {0};
	struct capture *c = capture_open_chunked(path, chunk, &err);

	memset(&o, 0, sizeof(o));
	o.opened = c != NULL;
	if (c != NULL)
		capture_read_all(&o, c, burst);
	else
		snprintf(o.text, sizeof(o.text), "%s", err.text);
	if (c == NULL && o.text[0] == '\0')
		abort();
	capture_close(c);
	return o;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);
	struct outcome whole, pieces;
	char path[64];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	whole = outcome_of(path, CAPTURE_BUFFER, BURST);
	// Pieces small enough to cut headers, large enough for big seeds.
	pieces = outcome_of(path, 1 + size / 64, 1 + size % BURST);
	if (memcmp(&whole, &pieces, sizeof(whole)) != 0) {
		fprintf(stderr, "whole: %u records, %s\npieces: %u records, %s\n", whole.records,
			whole.text, pieces.records, pieces.text);
		abort();
	}
	close(fd);
	return 0;
}
