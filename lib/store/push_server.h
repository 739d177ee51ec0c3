/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_PUSH_SERVER_H
#define WEIR_STORE_PUSH_SERVER_H

#include <mongoc/mongoc.h>

#include "store/push.h"

// One connection to MongoDB, used by one thread. Errors never hold the URI's secrets.

// Parse and bound a --push URI; NULL with err filled. Free with mongoc_uri_destroy().
mongoc_uri_t *push_uri_parse(const char *uri, struct error *err);

struct push_server;

struct push_server *push_server_open(const mongoc_uri_t *uri, const char *appliance,
	struct error *err);
void push_server_close(struct push_server *s);  // NULL is fine

// For whoever reads: the collection of a kind that is pushed (mongoc_collection_destroy()); and what
// went wrong as one line without secrets, -EIO.
mongoc_collection_t *push_server_collection(struct push_server *s, enum document_kind k);
int push_server_fault(const struct push_server *s, const bson_error_t *e, struct error *err);

int push_server_ping(struct push_server *s, struct error *err);

// Indexes, and deletion expire_s after the end of a document (0: never), see push_index.h.
int push_server_index(struct push_server *s, int64_t expire_s, struct error *err);

/*
 * Write the first `most` rows of a batch: unordered inserts, one bulk for each collection,
 * acknowledged by a majority. A document that is there already (the same _id) counts as delivered,
 * so writing again what may have been written changes nothing. Inserts, because a server takes
 * them as one piece of work, and upserts one by one.
 *
 * Sets the outcome of every row and the batch's counts.
 *
 * @return 0 when none of the first `most` rows is left waiting, else -errno with err filled; rows
 *   that were acknowledged are marked all the same
 */
int push_server_write(struct push_server *s, struct push_batch *b, uint32_t most,
	struct error *err);

#endif
