/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_CAPTURE_H
#define WEIR_PORT_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

// Reads capture files record by record, records pointing into the read buffer: pcap in both byte
// orders with microsecond or nanosecond stamps and the "modified" variant, pcapng with several
// sections and interfaces, either of them compressed with gzip or zstd. Everything in the file is
// hostile.
//
// Files are read, not mapped (capture_input.h says why and what it costs), so one that is cut
// short or overwritten meanwhile ends with a fault line, never with a signal. A file that is
// still being written is read up to where it ends at that moment. Memory is bounded: 1 MiB per
// open capture, 200 KiB more for gzip, 300 KiB and the frame's window (8 MiB at most up to level
// 19, never above 128 MiB) for zstd, 32 bytes for each of at most 65536 interfaces of a pcapng
// section.

struct capture;

struct capture_record {
	const uint8_t *data;
	uint32_t captured;    // bytes at data
	uint32_t wire_bytes;  // as recorded where captured <= recorded <= 262144, else captured
	uint32_t linktype;    // LINKTYPE_ number of the file or of the record's interface
	// Since the Unix epoch, 0 where the format has none (simple packet block). Stamps beyond
	// INT64_MAX (nanoseconds: the year 2262; damaged pcapng files have such) stay there, those
	// before 1970 are 0.
	uint64_t ts_ns;
	uint64_t ts_us;
};

// Open a capture. NULL with a line in err that names the path when it cannot be read or is no
// capture.
struct capture *capture_open(const char *path, struct error *err);
// The same for a file that is open already; fd stays the caller's, its offset is not touched,
// path is for messages. Reading ends where the file ends now, so several readers see the same
// records.
struct capture *capture_open_fd(int fd, const char *path, struct error *err);
void capture_close(struct capture *c);

/*
 * Read up to n records in file order. Their data stays valid until the next call or the close.
 * Returns how many; 0 at the end of the file.
 */
unsigned int capture_read_burst(struct capture *c, struct capture_record *records,
	unsigned int n);

// After the end: NULL if the file was whole, else one line that says where and why reading ended
// early (cut off in the middle of a record, a block that contradicts itself).
const char *capture_fault(const struct capture *c);

// How far reading got, 0 to 1, by file bytes; for progress display.
double capture_progress(const struct capture *c);

/*
 * Expand a comma separated list of files and folders: a folder stands for the regular files
 * directly in it, in name order (bytewise), hidden ones left out. Returns a NULL terminated
 * array, freed with capture_list_free(), or NULL with err filled (a path that does not exist, an
 * empty list).
 */
char **capture_list_expand(const char *list, struct error *err);
void capture_list_free(char **paths);

#endif
