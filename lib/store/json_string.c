/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/json_string.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT 0xfffd

static char *
utf8_put(char *out, uint32_t c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	} else {
		*out++ = (char)(0xf0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	}
	return out;
}

// The code point at p (RFC 3629) and its length; REPLACEMENT and 1 where there is none.
static uint32_t
utf8_get(const unsigned char *p, const unsigned char *end, unsigned int *ret_len)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned int n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2, i;
	uint32_t c = n == 1 ? p[0] : p[0] & (0x7fu >> n);

	*ret_len = 1;
	if (n == 1)
		return c;
	if (p[0] < 0xc0 || p[0] > 0xf4 || (size_t)(end - p) < n)
		return REPLACEMENT;
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return REPLACEMENT;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return REPLACEMENT;
	*ret_len = n;
	return c;
}

static const char *
hex4(const char *p, const char *end, uint32_t *ret)
{
	uint32_t v = 0;
	int i;

	if (end - p < 4)
		return NULL;
	for (i = 0; i < 4; i++, p++) {
		char c = *p | 0x20;

		if (*p >= '0' && *p <= '9')
			v = v << 4 | (uint32_t)(*p - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint32_t)(c - 'a' + 10);
		else
			return NULL;
	}
	*ret = v;
	return p;
}

// \uXXXX, and the second half of a pair; p is after the 'u'.
static const char *
unicode_escape(const char *p, const char *end, uint32_t *ret)
{
	uint32_t low;
	const char *q;

	p = hex4(p, end, ret);
	if (p == NULL || *ret < 0xd800 || *ret > 0xdfff) {
		if (p != NULL && *ret == 0)
			*ret = REPLACEMENT;
		return p;
	}
	if (*ret < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
		q = hex4(p + 2, end, &low);
		if (q != NULL && low >= 0xdc00 && low <= 0xdfff) {
			*ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
			return q;
		}
	}
	*ret = REPLACEMENT;
	return p;
}

// p is after the backslash.
static const char *
escape(const char *p, const char *end, uint32_t *ret)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (p == end || *p == '\0')
		return NULL;
	if (*p == 'u')
		return unicode_escape(p + 1, end, ret);
	at = strchr(from, *p);
	if (at == NULL)
		return NULL;
	*ret = (unsigned char)to[at - from];
	return p + 1;
}

const char *
json_string_decode(const char *p, const char *end, char **ret, size_t *ret_len)
{
	const char *quote = p;
	char *text, *out;

	while (quote < end && *quote != '"')
		quote += *quote == '\\' && end - quote > 1 ? 2 : 1;
	errno = EINVAL;
	if (quote >= end)
		return NULL;
	text = out = malloc((size_t)(quote - p) * 3 + 1);  // one bad byte becomes three
	if (text == NULL)
		return NULL;
	while (p != NULL && p < quote) {
		unsigned int n = 1;
		uint32_t c;

		if (*p == '\\') {
			p = escape(p + 1, quote, &c);
		} else if ((unsigned char)*p < 0x20) {
			p = NULL;
		} else {
			c = utf8_get((const unsigned char *)p, (const unsigned char *)quote, &n);
			p += n;
		}
		if (p != NULL)
			out = utf8_put(out, c);
	}
	if (p == NULL) {
		free(text);
		errno = EINVAL;
		return NULL;
	}
	*out = '\0';
	*ret = text;
	*ret_len = (size_t)(out - text);
	return quote + 1;
}
