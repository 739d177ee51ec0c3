/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_KEY_LABEL_H
#define WEIR_QUERY_KEY_LABEL_H

#include "base/json_out.h"
#include "query/address_book.h"
#include "query/dimension.h"
#include "query/geoip.h"

// What is known of a key besides its text, as members of its row or alert: `name`, `country` and
// `as` {`number`, `org`}. Looked up where rows are written, so it costs by row and not by packet.
//
// name: the most specific one of the address book; of ports and IP protocols that it does not have,
// the protocol table's. Pairs and flows have one if one of their ends does. country and as: of keys
// that are an address or a subnet, from the databases.

struct key_names {
	const struct address_book *book;  // NULL: empty
	const struct geoip *geoip;        // NULL: none
};

void key_label_write(struct json_out *o, const struct dimension *d, const struct query_key *key,
	const struct key_names *names);

#endif
