/* SPDX-License-Identifier: BSD-3-Clause */
// Bytes out of gzip (RFC 1952), streamed: 128 KiB of compressed bytes and zlib's 32 KiB window are
// all the memory it takes, whatever the file unpacks to. Several members in a row read as one
// capture, as gzip(1) has it; zero bytes between or after them are padding.

#include "port/capture_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

struct gunzip {
	z_stream z;
	bool between;  // behind the end of a member
	uint8_t in[128 * 1024];
};

static int
gzip_open(struct capture_input *s)
{
	struct gunzip *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return -ENOMEM;
	// 15 bits of window, and 16 for "a gzip header, nothing else".
	if (inflateInit2(&g->z, 15 + 16) != Z_OK) {
		free(g);
		return -ENOMEM;
	}
	s->ops_state = g;
	return 0;
}

static void
gzip_close(struct capture_input *s)
{
	struct gunzip *g = s->ops_state;

	inflateEnd(&g->z);
	free(g);
}

static void
input_fill(struct capture_input *s, struct gunzip *g)
{
	if (g->z.avail_in > 0)
		return;
	g->z.next_in = g->in;
	g->z.avail_in = (uInt)capture_input_file_read(s, g->in, sizeof(g->in));
}

// Between members: skip padding and get ready for the next one. False at the end of the file.
static bool
member_next(struct capture_input *s, struct gunzip *g)
{
	for (;;) {
		input_fill(s, g);
		if (g->z.avail_in == 0)
			return false;
		if (*g->z.next_in != 0)
			break;
		g->z.next_in++;
		g->z.avail_in--;
	}
	inflateReset(&g->z);
	g->between = false;
	return true;
}

// One step of unpacking. False when there will be no more, with reason set if that is early.
static bool
step(struct capture_input *s, struct gunzip *g)
{
	int rc;

	if (g->between && !member_next(s, g))
		return false;
	input_fill(s, g);
	if (s->reason[0] != '\0')
		return false;
	rc = inflate(&g->z, Z_NO_FLUSH);
	if (rc == Z_STREAM_END) {
		g->between = true;
		return true;
	}
	if (rc == Z_OK || (rc == Z_BUF_ERROR && g->z.avail_in > 0))
		return true;
	if (rc == Z_BUF_ERROR)
		snprintf(s->reason, sizeof(s->reason), "the gzip data is cut off");
	else
		snprintf(s->reason, sizeof(s->reason), "the gzip data is damaged: %s",
			g->z.msg != NULL ? g->z.msg : zError(rc));
	return false;
}

static size_t
gzip_read(struct capture_input *s, uint8_t *to, size_t room)
{
	struct gunzip *g = s->ops_state;

	g->z.next_out = to;
	g->z.avail_out = (uInt)room;
	while (g->z.avail_out > 0 && step(s, g))
		;
	return room - g->z.avail_out;
}

const struct capture_input_ops capture_input_gzip = {
	.open = gzip_open,
	.read = gzip_read,
	.close = gzip_close,
	.compressed = true,
};
