/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_CAPTURE_INPUT_H
#define WEIR_PORT_CAPTURE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * The bytes of a capture, plain or out of gzip, as one window over a fixed buffer:
 *
 *     buf        at               end                  buf + CAPTURE_BUFFER
 *      | consumed | unread         | free               |
 *
 * A format parses between at and end and moves at. When what is left is only the beginning of a
 * record, capture_input_fill() moves that beginning to the front and reads behind it. So whatever
 * a format needs in one piece must be shorter than the buffer, and memory does not depend on the
 * file.
 *
 * Why read() and not mmap(). A mapped file that somebody cuts short raises SIGBUS in whoever
 * touches the lost pages, and no check before the access closes that gap; with read() the same
 * file simply ends. It costs nothing: 5 million records of 80 bytes, page cache warm, best of 8
 * runs on 2 vCPU (AMD EPYC, Linux 6.18), ns per record with reading one word of each:
 *
 *     mmap 10.9 · MADV_SEQUENTIAL 11.7 · MAP_POPULATE 10.8 · MADV_HUGEPAGE 12.2 ·
 *     MADV_POPULATE_READ in windows of 256 KiB 13.2, 1 MiB 12.4, with drop behind 12.3 to 15.4
 *     read() into 64 KiB 12.2 · 256 KiB 9.3 · 512 KiB 8.8 · 1 MiB 8.2 · 2 MiB 8.3 · 4 MiB 9.2
 *
 * Mapping pays for a page table entry per 4 KiB that is used once; the copy lands in the second
 * level cache, where the parser finds it. 1 MiB is the best size.
 */
#define CAPTURE_BUFFER (1u << 20)

struct capture_input;

// One kind of bytes. read() gives up to room bytes, fewer only at the end or before a signal;
// 0 at the end, with reason set if the end came early.
struct capture_input_ops {
	int (*open)(struct capture_input *s);
	size_t (*read)(struct capture_input *s, uint8_t *to, size_t room);
	void (*close)(struct capture_input *s);
	bool compressed;
};

extern const struct capture_input_ops capture_input_plain;
extern const struct capture_input_ops capture_input_gzip;

struct capture_input {
	const uint8_t *at;
	const uint8_t *end;
	uint8_t *buf;
	uint64_t buf_offset;  // place of buf[0] in the (uncompressed) capture
	size_t chunk;         // most bytes that one fill adds
	int fd;
	uint64_t file_bytes;  // size when it was opened
	uint64_t file_read;   // bytes taken from fd
	const struct capture_input_ops *ops;
	void *ops_state;
	char reason[128];     // why the bytes ended early, "" if they did not
};

/*
 * Open a regular file and find out by its first bytes whether it is compressed.
 *
 * @param chunk most bytes that one fill adds; CAPTURE_BUFFER but in tests of short reads
 * @return 0, or -errno with err filled: every kind of file that is not a regular one, an empty
 *         file, one that cannot be opened. Close it with capture_input_close() only after 0.
 */
int capture_input_open(struct capture_input *s, const char *path, size_t chunk,
	struct error *err);
void capture_input_close(struct capture_input *s);

// Make more bytes available behind the unread ones, which move. False at the end.
bool capture_input_fill(struct capture_input *s);

// read(2) with the signal case handled, counted in file_read; failures go to reason. For ops.
size_t capture_input_file_read(struct capture_input *s, void *to, size_t room);

static inline size_t
capture_input_left(const struct capture_input *s)
{
	return (size_t)(s->end - s->at);
}

// Place of the first unread byte in the (uncompressed) capture.
static inline uint64_t
capture_input_offset(const struct capture_input *s)
{
	return s->buf_offset + (uint64_t)(s->at - s->buf);
}

// The path as it goes into messages: at most the last 160 bytes of it.
struct capture_name {
	char text[168];
};
struct capture_name capture_name_of(const char *path);

#endif
