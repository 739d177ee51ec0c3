/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture_build.h"

#include <assert.h>
#include <dirent.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "port/capture_format.h"

void
bytes_free(struct bytes *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

void
put(struct bytes *b, const void *data, size_t n)
{
	if (b->n + n > b->cap) {
		b->cap = 2 * (b->n + n);
		b->data = realloc(b->data, b->cap);
		if (b->data == NULL)
			abort();
	}
	if (n > 0)
		memcpy(b->data + b->n, data, n);
	b->n += n;
}

void
put16(struct bytes *b, uint16_t v)
{
	v = b->big ? htobe16(v) : htole16(v);
	put(b, &v, sizeof(v));
}

void
put32(struct bytes *b, uint32_t v)
{
	v = b->big ? htobe32(v) : htole32(v);
	put(b, &v, sizeof(v));
}

void
put64(struct bytes *b, uint64_t v)
{
	v = b->big ? htobe64(v) : htole64(v);
	put(b, &v, sizeof(v));
}

void
put_fill(struct bytes *b, uint8_t value, size_t n)
{
	while (n-- > 0)
		put(b, &value, 1);
}

void
set32(struct bytes *b, size_t at, uint32_t v)
{
	v = b->big ? htobe32(v) : htole32(v);
	assert(at + 4 <= b->n);
	memcpy(b->data + at, &v, sizeof(v));
}

void
pcap_header(struct bytes *b, uint32_t magic, uint32_t linktype)
{
	put32(b, magic);
	put16(b, 2);
	put16(b, 4);
	put32(b, 0);
	put32(b, 0);
	put32(b, 65535);
	put32(b, linktype);
}

static void
counting_put(struct bytes *b, uint32_t n, uint8_t first)
{
	for (uint32_t i = 0; i < n; i++)
		put(b, &(uint8_t){(uint8_t)(first + i)}, 1);
}

void
pcap_record(struct bytes *b, uint32_t s, uint32_t fraction, uint32_t captured, uint32_t wire,
	uint8_t first)
{
	put32(b, s);
	put32(b, fraction);
	put32(b, captured);
	put32(b, wire);
	counting_put(b, captured, first);
}

size_t
block_begin(struct bytes *b, uint32_t type)
{
	put32(b, type);
	put32(b, 0);
	return b->n - 8;
}

void
block_end(struct bytes *b, size_t begin)
{
	while ((b->n - begin) % 4 != 0)
		put_fill(b, 0, 1);
	put32(b, (uint32_t)(b->n + 4 - begin));
	set32(b, begin + 4, (uint32_t)(b->n - begin));
}

void
ng_section(struct bytes *b, bool big)
{
	size_t begin;

	b->big = big;
	begin = block_begin(b, 0x0a0d0d0a);
	put32(b, 0x1a2b3c4d);
	put16(b, 1);
	put16(b, 0);
	put64(b, UINT64_MAX);
	block_end(b, begin);
}

void
ng_interface(struct bytes *b, uint16_t linktype, uint32_t snaplen)
{
	size_t begin = block_begin(b, 1);

	put16(b, linktype);
	put16(b, 0);
	put32(b, snaplen);
	block_end(b, begin);
}

void
ng_interface_timed(struct bytes *b, uint8_t resolution, int64_t offset_s)
{
	size_t begin = block_begin(b, 1);

	put16(b, 1);
	put16(b, 0);
	put32(b, 0);
	put16(b, 2);  // if_name, of an odd length
	put16(b, 5);
	put(b, "veth0\0\0", 8);
	put16(b, 9);
	put16(b, 1);
	put(b, (uint8_t[4]){resolution}, 4);
	put16(b, 14);
	put16(b, 8);
	put64(b, (uint64_t)offset_s);
	put32(b, 0);
	block_end(b, begin);
}

void
ng_packet(struct bytes *b, uint32_t interface, uint64_t stamp, uint32_t captured, uint32_t wire,
	uint8_t first)
{
	size_t begin = block_begin(b, 6);

	put32(b, interface);
	put32(b, (uint32_t)(stamp >> 32));
	put32(b, (uint32_t)stamp);
	put32(b, captured);
	put32(b, wire);
	counting_put(b, captured, first);
	block_end(b, begin);
}

int
folder_make(struct folder *f)
{
	const char *base = getenv("TMPDIR");

	snprintf(f->path, sizeof(f->path), "%s/weir-capture-XXXXXX", base != NULL ? base : "/tmp");
	return mkdtemp(f->path) != NULL ? 0 : -1;
}

void
folder_remove(struct folder *f)
{
	DIR *dir = opendir(f->path);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		const char *path = folder_path(f, entry->d_name);

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlink(path) < 0)
			rmdir(path);
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(f->path);
}

const char *
folder_path(const struct folder *f, const char *name)
{
	static char paths[8][512];
	static unsigned int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", f->path, name);
	return path;
}

const char *
folder_write(const struct folder *f, const char *name, const struct bytes *b)
{
	const char *path = folder_path(f, name);
	FILE *file = fopen(path, "wb");

	// An empty file has no data, and fwrite() must not be given NULL.
	if (file == NULL || (b->n > 0 && fwrite(b->data, 1, b->n, file) != b->n) ||
		fclose(file) != 0)
		abort();
	return path;
}

const char *
folder_write_gzip(const struct folder *f, const char *name, const struct bytes *b,
	const char *mode)
{
	const char *path = folder_path(f, name);
	gzFile file = gzopen(path, mode);

	if (file == NULL || gzwrite(file, b->data, (unsigned int)b->n) != (int)b->n ||
			gzclose(file) != Z_OK)
		abort();
	return path;
}

const char *
folder_append_zstd(const struct folder *f, const char *name, const struct bytes *b, int level)
{
	const char *path = folder_path(f, name);
	size_t room = ZSTD_compressBound(b->n), n;
	ZSTD_CCtx *context = ZSTD_createCCtx();
	FILE *file = fopen(path, "ab");
	void *packed = malloc(room);

	ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
	n = ZSTD_compress2(context, packed, room, b->data, b->n);
	if (file == NULL || ZSTD_isError(n) || fwrite(packed, 1, n, file) != n ||
			fclose(file) != 0)
		abort();
	ZSTD_freeCCtx(context);
	free(packed);
	return path;
}

static uint64_t
digest_add(uint64_t digest, const void *data, size_t n)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < n; i++)
		digest = (digest ^ p[i]) * UINT64_C(0x100000001b3);
	return digest;
}

static void
record_take(struct reading *r, const struct capture_record *record)
{
	uint64_t fields[] = {record->captured, record->wire_bytes, record->linktype, record->ts_ns,
		record->ts_us};

	r->digest = digest_add(r->digest, fields, sizeof(fields));
	r->digest = digest_add(r->digest, record->data, record->captured);
	if (r->records < 16) {
		r->first[r->records] = *record;
		r->first[r->records].data = NULL;
		r->first_byte[r->records] = record->captured > 0 ? record->data[0] : 0;
	}
	r->records++;
}

void
reading_take(struct reading *r, const char *path, size_t chunk, unsigned int burst)
{
	struct capture_record records[64];
	struct error err = {0};
	struct capture *c = capture_open_chunked(path, chunk, &err);
	unsigned int got;

	assert(burst <= 64);
	memset(r, 0, sizeof(*r));
	r->opened = c != NULL;
	snprintf(r->error, sizeof(r->error), "%s", err.text);
	if (c == NULL)
		return;
	while ((got = capture_read_burst(c, records, burst)) > 0)
		for (unsigned int i = 0; i < got; i++)
			record_take(r, &records[i]);
	if (capture_fault(c) != NULL)
		snprintf(r->fault, sizeof(r->fault), "%s", capture_fault(c));
	capture_close(c);
}
