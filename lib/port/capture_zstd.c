/* SPDX-License-Identifier: BSD-3-Clause */
// Bytes out of Zstandard (RFC 8878), streamed. Frames in a row read as one capture, as zstd(1) has
// it, and skippable frames (pzstd begins its files with one) are passed over.
//
// A frame states the window that it wants to look back into, up to terabytes, and the decoder has
// to allocate it. WINDOW_LOG_MAX is the most that zstd(1) uses unless it is told otherwise by
// --long=28 and above; a frame that wants more is refused before anything is allocated for it.
//
// A call that ends with an error forgets what it unpacked before the error. So each call is given
// no more than one item (a header, a block, a checksum): then everything in front of damage is
// read, however the output was cut. The decoder's hint is the length of the item that it waits
// for, with the 3 bytes of the block header behind it where one follows.

#include "port/capture_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

#define WINDOW_LOG_MAX 27  // 128 MiB
#define BLOCK_HEADER 3
#define INPUT_BYTES (128 * 1024)  // what ZSTD_DStreamInSize() recommends: a block and its header

struct unzstd {
	ZSTD_DCtx *context;
	ZSTD_inBuffer in;
	size_t hint;   // bytes that the decoder waits for
	bool between;  // behind the end of a frame, or before the first one
	bool full;     // it had more than there was room for: that comes first, without input
	bool ended;    // the file has no more bytes
	uint8_t bytes[INPUT_BYTES];
};

static int
zstd_open(struct capture_input *s)
{
	struct unzstd *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return -ENOMEM;
	u->context = ZSTD_createDCtx();
	if (u->context == NULL || ZSTD_isError(ZSTD_DCtx_setParameter(u->context,
			ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
		ZSTD_freeDCtx(u->context);
		free(u);
		return -ENOMEM;
	}
	u->in.src = u->bytes;
	u->hint = 1;
	u->between = true;
	s->ops_state = u;
	return 0;
}

static void
zstd_close(struct capture_input *s)
{
	struct unzstd *u = s->ops_state;

	ZSTD_freeDCtx(u->context);
	free(u);
}

static void
input_fill(struct capture_input *s, struct unzstd *u)
{
	if (u->in.pos < u->in.size || u->ended)
		return;
	u->in.size = capture_input_file_read(s, u->bytes, sizeof(u->bytes));
	u->in.pos = 0;
	u->ended = u->in.size == 0;
}

// Unpack at most one item.
static size_t
item_decode(struct unzstd *u, ZSTD_outBuffer *out)
{
	size_t most = u->full ? 0 : u->hint > BLOCK_HEADER ? u->hint - BLOCK_HEADER : u->hint;
	ZSTD_inBuffer part = u->in;
	size_t rc;

	if (part.size - part.pos > most)
		part.size = part.pos + most;
	rc = ZSTD_decompressStream(u->context, out, &part);
	u->in.pos = part.pos;
	u->between = rc == 0;
	u->full = rc != 0 && out->pos == out->size;
	u->hint = rc > 0 ? rc : 1;
	return rc;
}

/*
 * One step of unpacking. False when there will be no more, with reason set if that is early. The
 * decoder may still hold output when the file has ended, so only a step without any progress says
 * that the last frame is cut off.
 */
static bool
step(struct capture_input *s, struct unzstd *u, ZSTD_outBuffer *out)
{
	size_t before = out->pos, rc;

	input_fill(s, u);
	if (s->reason[0] != '\0' || (u->ended && u->between))
		return false;
	rc = item_decode(u, out);
	if (ZSTD_isError(rc)) {
		snprintf(s->reason, sizeof(s->reason), "the zstd data is damaged: %s",
			ZSTD_getErrorName(rc));
		return false;
	}
	if (!u->ended || u->between || out->pos > before)
		return true;
	snprintf(s->reason, sizeof(s->reason), "the zstd data is cut off");
	return false;
}

static size_t
zstd_read(struct capture_input *s, uint8_t *to, size_t room)
{
	struct unzstd *u = s->ops_state;
	ZSTD_outBuffer out = {.dst = to, .size = room};

	while (out.pos < out.size && step(s, u, &out))
		;
	return out.pos;
}

const struct capture_input_ops capture_input_zstd = {
	.open = zstd_open,
	.read = zstd_read,
	.close = zstd_close,
	.compressed = true,
};
