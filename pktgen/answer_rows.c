/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "answer_internal.h"
#include "answer_queries.h"

// The true answers of the built-in queries in the key's file: of the window that ends with each
// second. Folding thread.

#define WINDOW_BYTES_MAX (UINT64_C(1) << 30)

int
answer_rows_create(struct answer_key *k, uint32_t seconds, struct error *err)
{
	uint64_t keys = (uint64_t)k->address_count + k->protocol_count;

	if (keys * seconds > WINDOW_BYTES_MAX / sizeof(uint64_t))
		return error_field(err, -E2BIG, "answer_key_queries.T",
			"answer_key_queries.T: found %u with %llu addresses and protocols, allowed is up to %llu with so many",
			seconds, (unsigned long long)keys,
			(unsigned long long)(WINDOW_BYTES_MAX / sizeof(uint64_t) / keys));
	k->window = answer_window_create(k->plan, seconds);
	return k->window != NULL ? 0 : error_set(err, -ENOMEM, "no memory for the answer key");
}

static void
row_write(const struct answer_key *k, struct json_out *o, enum answer_query query,
	const struct answer_row *row)
{
	char text[ADDRESS_TEXT_LEN];

	json_out_open(o, '{');
	json_out_key_str(o, "key", answer_row_key(k->plan, query, row->key, text));
	json_out_key_u64(o, "value", row->bytes);
	json_out_key_f64(o, "share", row->share);
	json_out_key_f64(o, "z", row->z);
	json_out_close(o, '}');
}

static void
query_write(struct answer_key *k, struct json_out *o, enum answer_query query)
{
	const struct answer_row *rows;
	int n = answer_window_rows(k->window, query, &k->parameters, &rows);

	if (n < 0)
		o->failed = true;
	json_out_key(o, answer_query_name(query));
	json_out_open(o, '[');
	for (int i = 0; i < n; i++)
		row_write(k, o, query, &rows[i]);
	json_out_close(o, ']');
}

void
answer_rows_write(struct answer_key *k, struct json_out *o)
{
	json_out_key(o, "queries");
	json_out_open(o, '{');
	json_out_key_u64(o, "window_bytes", answer_window_total(k->window));
	for (enum answer_query q = 0; q < ANSWER_QUERIES; q++)
		query_write(k, o, q);
	json_out_close(o, '}');
}
