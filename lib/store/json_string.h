/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_JSON_STRING_H
#define WEIR_STORE_JSON_STRING_H

#include <stddef.h>

// Decode the JSON string that begins after the opening quote at p, within end. Escapes are
// resolved; lone surrogates, U+0000 and bytes that are not UTF-8 become U+FFFD. *ret is NUL
// terminated and the caller's to free(). Returns the byte after the closing quote, NULL where the
// string is not valid JSON or (errno ENOMEM) memory ran out.
const char *json_string_decode(const char *p, const char *end, char **ret, size_t *ret_len);

#endif
