/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/sqlite_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#define FORMAT 1  // zstd, level and dictionary below
#define LEVEL 1

// Part of format 1: blobs cannot be read with any other text, so it is never changed. Another one
// is another format. What is likely stands last: shorter distances are cheaper.
static const char dictionary[] =
	"\"vlan\":[],\"app\":\"HTTPS\",\"tcp_flags\":27,\"size\":{\"min\":64,\"max\":1518,\"mean\":"
	",\"std\":0},\"iat_us\":{\"min\":0,\"max\":0,\"mean\":0,\"std\":0}},\"l3_bytes\":"
	"\"192.168.10.172.16.2001:db8::198.51.100.HTTPHTTPSDNSQUICSSHNTPSMTPIMAPICMP"
	"\"ip_proto\"\"ip_pair\"\"src_ip\"\"dst_ip\"\"src_port\"\"dst_port\"\"subnet\"\"total\""
	"\"metric\":\"flows\",\"metric\":\"packets\",\"op\":{\"type\":\"share\",\"percent\":10}"
	"{\"type\":\"limit\",\"min\":0,\"max\":100}\"exact\":false,"
	"\"op\":{\"type\":\"outlier\",\"x\":2,\"method\":\"sigma\"},\"stats\":{\"mean\":,\"sigma\":"
	",\"median\":,\"mad\":0,\"max_z\":,\"can_fire\":true},\"exact\":true,\"rows\":[]}"
	"{\"type\":\"result\",\"query\":\"protocol-topk-outlier-share\",\"seq\":1,\"key\":"
	"\"protocol\",\"metric\":\"bytes\",\"op\":{\"type\":\"topk\",\"k\":10},"
	"{\"type\":\"result\",\"query\":\"ip-topk\",\"seq\":1,\"key\":\"ip\",\"metric\":\"bytes\","
	"\"op\":{\"type\":\"topk\",\"k\":10},\"window\":{\"start_us\":1700000000000000,\"end_us\":"
	"1700000010000000},\"total\":{\"bytes\":,\"packets\":,\"flows\":},\"keys\":,\"exact\":true,"
	"\"rows\":[{\"key\":\"10.1.2.3\",\"value\":1,\"share\":0.1,\"error\":0,\"z\":1.0}]},"
	"\"share\":0.0,\"error\":0,\"z\":-0.,\"error\":0,\"z\":2.},{\"key\":\"10.0.";

struct text_codec {
	ZSTD_CCtx *pack;
	ZSTD_DCtx *unpack;
	ZSTD_CDict *pack_dictionary;
	ZSTD_DDict *unpack_dictionary;
	char *data;
	size_t size;
};

void
text_codec_free(struct text_codec *c)
{
	if (c == NULL)
		return;
	ZSTD_freeCCtx(c->pack);
	ZSTD_freeDCtx(c->unpack);
	ZSTD_freeCDict(c->pack_dictionary);
	ZSTD_freeDDict(c->unpack_dictionary);
	free(c->data);
	free(c);
}

struct text_codec *
text_codec_create(void)
{
	struct text_codec *c = calloc(1, sizeof(*c));
	const size_t n = sizeof(dictionary) - 1;

	if (c == NULL)
		return NULL;
	c->pack = ZSTD_createCCtx();
	c->unpack = ZSTD_createDCtx();
	c->pack_dictionary = ZSTD_createCDict(dictionary, n, LEVEL);
	c->unpack_dictionary = ZSTD_createDDict(dictionary, n);
	if (c->pack == NULL || c->unpack == NULL || c->pack_dictionary == NULL ||
			c->unpack_dictionary == NULL ||
			ZSTD_isError(ZSTD_CCtx_refCDict(c->pack, c->pack_dictionary)) ||
			ZSTD_isError(ZSTD_CCtx_setParameter(c->pack, ZSTD_c_checksumFlag, 1))) {
		text_codec_free(c);
		return NULL;
	}
	return c;
}

static int
room_make(struct text_codec *c, size_t n)
{
	char *data;

	if (n <= c->size)
		return 0;
	data = realloc(c->data, n);
	if (data == NULL)
		return -ENOMEM;
	c->data = data;
	c->size = n;
	return 0;
}

int
text_pack(struct text_codec *c, const char *text, size_t len, const void **ret,
	size_t *ret_len)
{
	const size_t bound = ZSTD_compressBound(len);
	size_t n;

	if (len > TEXT_MOST)
		return -E2BIG;
	if (room_make(c, bound + 1) != 0)
		return -ENOMEM;
	c->data[0] = FORMAT;
	n = ZSTD_compress2(c->pack, c->data + 1, bound, text, len);
	if (ZSTD_isError(n))
		return -ENOMEM;
	*ret = c->data;
	*ret_len = n + 1;
	return 0;
}

int
text_unpack(struct text_codec *c, const void *blob, size_t n, const char **ret,
	size_t *ret_len)
{
	const char *p = blob;
	unsigned long long len;
	size_t done;

	if (n < 2 || p[0] != FORMAT)
		return -EUCLEAN;
	len = ZSTD_getFrameContentSize(p + 1, n - 1);
	if (len > TEXT_MOST)  // also where it is unknown or no frame
		return -EUCLEAN;
	if (room_make(c, (size_t)len + 1) != 0)
		return -ENOMEM;
	done = ZSTD_decompress_usingDDict(c->unpack, c->data, (size_t)len, p + 1, n - 1,
		c->unpack_dictionary);
	if (ZSTD_isError(done) || done != len)
		return -EUCLEAN;
	c->data[len] = '\0';
	*ret = c->data;
	*ret_len = (size_t)len;
	return 0;
}
