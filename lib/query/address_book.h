/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_ADDRESS_BOOK_H
#define WEIR_QUERY_ADDRESS_BOOK_H

#include <cjson/cJSON.h>

#include "base/error_list.h"
#include "query/prefix.h"

// Names that people gave to what keys are made of: the `names` of the configuration, an object
// {"10.0.0.5": "db1", "10.0.0.0/8": "office", "02:00:00:00:00:0a": "gateway", "vlan/100": "guests",
// "port/8443": "admin", "proto/47": "tunnels"}.
//
// Everything is a range of numbers: addresses and prefixes, and a MAC, VLAN, port or IP protocol as
// a range of one. Ranges of prefixes nest or are apart. They lie sorted by their beginning, larger
// ones first, and each knows the one around it: a look-up is a binary search for the last range that
// begins at or before the number, then a walk outwards.
//
// A book is immutable; changes make another one. References are counted by the control thread only.

enum book_kind {
	BOOK_IPV4,
	BOOK_IPV6,
	BOOK_MAC,
	BOOK_VLAN,
	BOOK_PORT,
	BOOK_IP_PROTO,
	BOOK_KINDS,
};

#define BOOK_ENTRIES_MAX 16384
#define BOOK_LABEL_LEN 64  // with its NUL

struct address_book;

/*
 * @param names object; NULL is the empty book
 * @param path names it in faults ("names")
 * @return one reference; NULL with everything that is wrong in errors
 */
struct address_book *address_book_create(const cJSON *names, const char *path,
	struct error_list *errors);

/*
 * The book with these names besides, or in the place of those of the same keys; without these keys.
 *
 * @param names object, or NULL
 * @param keys array of texts, or NULL: each has a name in b
 * @return one reference; NULL: see errors, b is as it was
 */
struct address_book *address_book_change(const struct address_book *b, const cJSON *names,
	const cJSON *keys, struct error_list *errors);

struct address_book *address_book_get(struct address_book *b);  // NULL is fine in both
void address_book_put(struct address_book *b);

// The name of the smallest range that holds all of r; NULL if there is none, or no book.
const char *address_book_find(const struct address_book *b, enum book_kind kind,
	const struct range *r);

// The book as address_book_create() reads it, keys in one spelling, sorted; NULL if memory ran out.
cJSON *address_book_json(const struct address_book *b);

#endif
