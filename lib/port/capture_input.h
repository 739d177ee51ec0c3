/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_CAPTURE_INPUT_H
#define WEIR_PORT_CAPTURE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * The bytes of a capture, plain or out of gzip or zstd, as one window over a fixed buffer:
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
 * file simply ends, and compressed files take the same path. The price, in ns per record for 5
 * million records of 80 bytes, page cache warm, one word of each read, best of 6 runs (AMD EPYC,
 * Linux 6.18, ext4). It depends on the page cache: a file that read-ahead brought in lies there
 * in large folios, one just written 4 KiB at a time in small ones.
 *
 *                          read in    just written
 *     mmap                     3.1            13.1    (read in: the same with MADV_SEQUENTIAL,
 *     mmap, MAP_POPULATE       3.1            11.5     MADV_HUGEPAGE, and 3.6 with drop behind)
 *     read() of 256 KiB        7.7
 *     read() of 512 KiB        7.3            12.4
 *     read() of 1 MiB          6.2            12.2    (read in: 2 and 4 MiB the same)
 *
 * So up to 3 ns a packet, for input that cannot kill the process. Keeping the target of each read
 * page aligned gained nothing.
 *
 * What unpacking costs, in the same terms (capture_bench, 3 million records of 80 bytes, just
 * written, 2 vCPU): plain 13, gzip -6 58, zstd -3 27.
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
extern const struct capture_input_ops capture_input_zstd;

// What may be opened, for the end of messages.
#define CAPTURE_ALLOWED "allowed are pcap and pcapng files, also compressed with gzip or zstd"

struct capture_input {
	const uint8_t *at;
	const uint8_t *end;
	uint8_t *buf;
	uint64_t buf_offset;  // place of buf[0] in the (uncompressed) capture
	size_t chunk;         // most bytes that one fill adds
	int fd;
	uint64_t file_bytes;  // size when it was opened
	uint64_t file_read;   // bytes taken from fd
	uint64_t file_limit;  // where the file ends for this reader, whatever was appended since
	const struct capture_input_ops *ops;
	void *ops_state;
	char reason[128];     // why the bytes ended early, "" if they did not
};

/*
 * Open a regular file and find out by its first bytes whether it is compressed.
 *
 * @param fd a file that is open already and stays the caller's, or -1 to open path. It is read
 *           through a duplicate and without moving its offset, up to its size now, so that any
 *           number of readers of one file see the same bytes.
 * @param chunk most bytes that one fill adds; CAPTURE_BUFFER but in tests of short reads
 * @return 0, or -errno with err filled: every kind of file that is not a regular one, an empty
 *         file, one that cannot be opened. Close it with capture_input_close() only after 0.
 */
int capture_input_open(struct capture_input *s, int fd, const char *path, size_t chunk,
	struct error *err);
void capture_input_close(struct capture_input *s);

// Make more bytes available behind the unread ones, which move. False at the end.
bool capture_input_fill(struct capture_input *s);

// Read on in the file, with the signal case handled; failures go to reason. For ops.
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
