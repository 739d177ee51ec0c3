/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port/capture_format.h"

#define MAGIC_BYTES 4

// Every format that can be read, by the first four bytes. pcapng finds its byte order in its
// first block, and again in each further section.
static const struct format {
	uint8_t magic[MAGIC_BYTES];
	int (*open)(struct capture *c, struct error *err);
	capture_burst_fn *burst;
} formats[] = {
	{{0xd4, 0xc3, 0xb2, 0xa1}, capture_pcap_open, capture_pcap_little_us},
	{{0x4d, 0x3c, 0xb2, 0xa1}, capture_pcap_open, capture_pcap_little_ns},
	{{0x34, 0xcd, 0xb2, 0xa1}, capture_pcap_open, capture_modified_little},
	{{0xa1, 0xb2, 0xc3, 0xd4}, capture_pcap_open, capture_pcap_big_us},
	{{0xa1, 0xb2, 0x3c, 0x4d}, capture_pcap_open, capture_pcap_big_ns},
	{{0xa1, 0xb2, 0xcd, 0x34}, capture_pcap_open, capture_modified_big},
	{{0x0a, 0x0d, 0x0d, 0x0a}, capture_pcapng_open, capture_pcapng_little},
};

void
capture_fault_set(struct capture *c, uint64_t offset, const char *fmt, ...)
{
	char reason[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	error_set(&c->fault, 0, "%s: %sbyte %" PRIu64 ": %s", c->name.text,
		c->input.ops->compressed ? "uncompressed " : "", offset, reason);
	c->done = true;
}

static const struct format *
format_find(const uint8_t *magic)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (memcmp(formats[i].magic, magic, MAGIC_BYTES) == 0)
			return &formats[i];
	return NULL;
}

static int
format_open(struct capture *c, struct error *err)
{
	struct capture_input *s = &c->input;
	const struct format *format;

	while (capture_input_left(s) < MAGIC_BYTES && capture_input_fill(s))
		;
	if (capture_input_left(s) < MAGIC_BYTES)
		return error_set(err, -EINVAL, "%s: %s after %zu bytes, too short for a capture",
			c->name.text, s->reason[0] != '\0' ? s->reason : "ends",
			capture_input_left(s));
	format = format_find(s->at);
	if (format == NULL)
		return error_set(err, -EINVAL, "%s: %sstarts with %02x %02x %02x %02x, which is no "
			"capture; " CAPTURE_ALLOWED,
			c->name.text, s->ops->compressed ? "unpacked, it " : "", s->at[0],
			s->at[1], s->at[2], s->at[3]);
	c->burst = format->burst;
	return format->open(c, err);
}

static struct capture *
open_any(int fd, const char *path, size_t chunk, struct error *err)
{
	struct capture *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		error_set(err, -ENOMEM, "%s: no memory to read it", capture_name_of(path).text);
		return NULL;
	}
	c->name = capture_name_of(path);
	if (capture_input_open(&c->input, fd, path, chunk, err) < 0)
		goto fail;
	if (format_open(c, err) < 0)
		goto fail_input;
	return c;
fail_input:
	capture_input_close(&c->input);
fail:
	free(c);
	return NULL;
}

struct capture *
capture_open_chunked(const char *path, size_t chunk, struct error *err)
{
	return open_any(-1, path, chunk, err);
}

struct capture *
capture_open(const char *path, struct error *err)
{
	return open_any(-1, path, CAPTURE_BUFFER, err);
}

struct capture *
capture_open_fd(int fd, const char *path, struct error *err)
{
	return open_any(fd, path, CAPTURE_BUFFER, err);
}

void
capture_close(struct capture *c)
{
	if (c == NULL)
		return;
	capture_pcapng_close(c);
	capture_input_close(&c->input);
	free(c);
}

// No bytes follow the unread ones. Find out whether that is where a whole file ends.
static void
end_judge(struct capture *c)
{
	const struct capture_input *s = &c->input;
	uint64_t offset = capture_input_offset(s);

	c->done = true;
	if (s->reason[0] != '\0')
		capture_fault_set(c, s->buf_offset + (uint64_t)(s->end - s->buf), "%s", s->reason);
	else if (c->trailer > 0)
		capture_fault_set(c, offset, "the file ends inside a block, %" PRIu64 " bytes "
			"early", c->skip + sizeof(c->trailer) - capture_input_left(s));
	else if (s->at != s->end)
		capture_fault_set(c, offset, "the file ends inside the record or block there, %zu "
			"of at least %zu bytes", capture_input_left(s), c->want);
}

unsigned int
capture_read_burst(struct capture *c, struct capture_record *records, unsigned int n)
{
	while (!c->done && n > 0) {
		const uint8_t *before = c->input.at;
		unsigned int got = c->burst(c, records, n);

		if (got > 0)
			return got;
		if (c->input.at == before && !c->done && !capture_input_fill(&c->input))
			end_judge(c);
	}
	return 0;
}

const char *
capture_fault(const struct capture *c)
{
	return c->fault.text[0] != '\0' ? c->fault.text : NULL;
}

double
capture_progress(const struct capture *c)
{
	const struct capture_input *s = &c->input;
	uint64_t done = s->ops->compressed ? s->file_read : capture_input_offset(s);

	return done < s->file_bytes ? (double)done / (double)s->file_bytes : 1.0;
}
