/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_CAPTURE_ID_H
#define WEIR_PORT_CAPTURE_ID_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

// What makes a capture file the same one as a file that was read before: size, modification time
// and the beginning of its bytes. Not its name, so that rotation by renaming (cap.0 becomes cap.1)
// gives no file twice; a file that grew or was written anew is another one. A copy that keeps the
// modification time (cp -p) is the same file by this measure.

#define CAPTURE_HEAD_BYTES (64 * 1024)

struct capture_id {
	uint64_t size;
	int64_t mtime_ns;
	uint8_t head[16];  // SHA-256 of the first CAPTURE_HEAD_BYTES, its first half
};

// Of an open file; its offset is not touched. 0 or -errno.
int capture_id_of(int fd, struct capture_id *ret);

// Any total order; 0 is the same file.
int capture_id_compare(const struct capture_id *a, const struct capture_id *b);

/*
 * A set of identities, at most `max`: when it is full, the one that was added first is forgotten.
 * One thread at a time.
 */
struct capture_id_set;

struct capture_id_set *capture_id_set_create(uint32_t max);  // NULL without memory
void capture_id_set_free(struct capture_id_set *s);
bool capture_id_set_has(const struct capture_id_set *s, const struct capture_id *id);
int capture_id_set_add(struct capture_id_set *s, const struct capture_id *id);  // 0 or -ENOMEM

#endif
