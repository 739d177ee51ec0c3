/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TESTS_CAPTURE_BUILD_H
#define WEIR_TESTS_CAPTURE_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/capture.h"

// Capture files byte by byte, in either byte order, right or wrong as the test wants them, and
// what a reader made of them.

struct bytes {
	uint8_t *data;
	size_t n;
	size_t cap;
	bool big;
};

void bytes_free(struct bytes *b);
void put(struct bytes *b, const void *data, size_t n);
void put16(struct bytes *b, uint16_t v);
void put32(struct bytes *b, uint32_t v);
void put64(struct bytes *b, uint64_t v);
void put_fill(struct bytes *b, uint8_t value, size_t n);
void set32(struct bytes *b, size_t at, uint32_t v);

void pcap_header(struct bytes *b, uint32_t magic, uint32_t linktype);
// Captured bytes count up from `first`.
void pcap_record(struct bytes *b, uint32_t s, uint32_t fraction, uint32_t captured, uint32_t wire,
	uint8_t first);

// pcapng blocks: begin remembers where, end pads and writes both lengths.
size_t block_begin(struct bytes *b, uint32_t type);
void block_end(struct bytes *b, size_t begin);
void ng_section(struct bytes *b, bool big);
void ng_interface(struct bytes *b, uint16_t linktype, uint32_t snaplen);
void ng_interface_timed(struct bytes *b, uint8_t resolution, int64_t offset_s);
void ng_packet(struct bytes *b, uint32_t interface, uint64_t stamp, uint32_t captured,
	uint32_t wire, uint8_t first);

// A folder for the files of one test program, in TMPDIR or /tmp.
struct folder {
	char path[128];
};
int folder_make(struct folder *f);
void folder_remove(struct folder *f);
// The path of a name in it, in one of a few static buffers.
const char *folder_path(const struct folder *f, const char *name);
const char *folder_write(const struct folder *f, const char *name, const struct bytes *b);
const char *folder_write_gzip(const struct folder *f, const char *name, const struct bytes *b,
	const char *mode);
// Append one zstd frame with a checksum.
const char *folder_append_zstd(const struct folder *f, const char *name, const struct bytes *b,
	int level);

// A whole file read: how many records, a digest over all fields and bytes of them, the fault line.
struct reading {
	bool opened;
	unsigned int records;
	uint64_t digest;
	char fault[420];
	char error[420];
	struct capture_record first[16];  // without data
	uint8_t first_byte[16];
};
void reading_take(struct reading *r, const char *path, size_t chunk, unsigned int burst);

#endif
