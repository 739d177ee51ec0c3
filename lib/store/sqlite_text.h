/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_SQLITE_TEXT_H
#define WEIR_STORE_SQLITE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

// The form in which the SQLite sink keeps JSON text: a blob of one byte, the format, and one zstd
// frame with a checksum. Results are all alike, so a built-in piece of text that looks like one
// goes before each of them as a dictionary; a result of ten rows takes a third of its text.
//
// Rows that older versions wrote are plain text. They stay as they are: the column's type tells.

#define TEXT_MOST STORE_DOCUMENT_MAX  // a frame that claims more is damaged

struct text_codec;  // for one thread

struct text_codec *text_codec_create(void);  // NULL if memory ran out
void text_codec_free(struct text_codec *c);  // NULL is fine

// The blob for a text; it is the codec's, until the next call. 0, or -ENOMEM or -E2BIG.
int text_pack(struct text_codec *c, const char *text, size_t len, const void **ret,
	size_t *ret_len);

// The text of a blob, with a NUL after it that *ret_len does not count; the codec's, until the next
// call. 0, -EUCLEAN where it is damaged, -ENOMEM.
int text_unpack(struct text_codec *c, const void *blob, size_t n, const char **ret,
	size_t *ret_len);

#endif
