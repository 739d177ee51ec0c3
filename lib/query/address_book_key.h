/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_ADDRESS_BOOK_KEY_H
#define WEIR_QUERY_ADDRESS_BOOK_KEY_H

#include "query/address_book.h"

// The keys of an address book, from text and back. Private to it.

struct book_key {
	enum book_kind kind;
	struct range range;
};

#define BOOK_KEY_TEXT_LEN 64

// What is wrong in words, or NULL with *ret filled. text NULL is a fault.
const char *book_key_parse(const char *text, struct book_key *ret);

// In one spelling; returns buf, which has BOOK_KEY_TEXT_LEN bytes.
const char *book_key_text(const struct book_key *key, char *buf);

// By kind, then beginning, then the larger range first.
int book_key_compare(const struct book_key *a, const struct book_key *b);

#endif
