/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/limit_row.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

int
limit_row_compare(const void *x, const void *y)
{
	const struct limit_row *a = x, *b = y;
	int names = strcmp(a->name, b->name);

	if (names != 0)
		return names;
	return a->effective_us < b->effective_us ? -1 : a->effective_us > b->effective_us;
}

static bool
range_equal(const struct range *a, const struct range *b)
{
	return a->first == b->first && a->last == b->last;
}

// Ranges that are not given are zero.
bool
limit_match_equal(const struct limit_match *a, const struct limit_match *b)
{
	return a->version == b->version && a->has_source == b->has_source &&
		a->has_destination == b->has_destination && range_equal(&a->source, &b->source) &&
		range_equal(&a->destination, &b->destination);
}

// "10.0.0.0/8", "10.0.0.1", "any"
static const char *
range_text(uint8_t version, bool given, const struct range *r, char *buf, size_t size)
{
	unsigned int bits = version == 4 ? 32 : 128, length = range_prefix_length(r, bits);
	ip_number number = r->first;
	uint8_t bytes[16];
	size_t used;

	if (!given)
		return "any";
	for (unsigned int i = bits / 8; i-- > 0; number >>= 8)
		bytes[i] = (uint8_t)number;
	inet_ntop(version == 4 ? AF_INET : AF_INET6, bytes, buf, (socklen_t)size);
	used = strlen(buf);
	if (length < bits)
		snprintf(buf + used, size - used, "/%u", length);
	return buf;
}

#define RANGE_TEXT_LEN (INET6_ADDRSTRLEN + 4)

const char *
limit_match_text(const struct limit_match *m, char *buf)
{
	char from[RANGE_TEXT_LEN], to[RANGE_TEXT_LEN];

	snprintf(buf, LIMIT_KEY_LEN, "%s > %s",
		range_text(m->version, m->has_source, &m->source, from, sizeof(from)),
		range_text(m->version, m->has_destination, &m->destination, to, sizeof(to)));
	return buf;
}

void
limit_row_write(struct json_out *o, const struct limit_row *row)
{
	const struct limit_match *m = &row->match;
	char text[RANGE_TEXT_LEN > CLOCK_RFC3339_LEN ? RANGE_TEXT_LEN : CLOCK_RFC3339_LEN];

	json_out_key_str(o, "limit_name", row->name);
	if (m->has_source)
		json_out_key_str(o, "source", range_text(m->version, true, &m->source, text,
			sizeof(text)));
	if (m->has_destination)
		json_out_key_str(o, "destination", range_text(m->version, true, &m->destination,
			text, sizeof(text)));
	if (row->op.min > 0)
		json_out_key_u64(o, "min_bytes", row->op.min);
	if (row->op.max != UINT64_MAX)
		json_out_key_u64(o, "max_bytes", row->op.max);
	json_out_key_u64(o, "window_s", row->window_s);
	if (row->effective_us != 0)
		json_out_key_str(o, "effective_date", clock_rfc3339(row->effective_us, text));
	json_out_key_u64(o, "clear_after", row->op.clear_after);
}
