/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_PUSH_INDEX_H
#define WEIR_STORE_PUSH_INDEX_H

#include <mongoc/mongoc.h>

#include "base/error.h"

/*
 * Make the indexes that the questions of docs/guide.md section 12 use, and where expire_s is not 0
 * one by which the server deletes documents so long after their `end`. What is there already stays;
 * another expire_s replaces the old one. A server that refuses (no right to, no such feature) is
 * told of in the log, and is delivered to all the same.
 *
 * @return 0, or -EIO with *ret_error filled when the server could not be asked
 */
int push_index_make(mongoc_client_t *client, const char *database, int64_t expire_s,
	bson_error_t *ret_error);

#endif
