/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_ERROR_LIST_H
#define WEIR_BASE_ERROR_LIST_H

#include "base/error.h"

// Everything that is wrong with a document, so that a person mends it in one go. Beyond
// ERROR_LIST_MAX faults are only counted.

#define ERROR_LIST_MAX 32

struct error_list {
	struct error error[ERROR_LIST_MAX];
	unsigned int count;  // may be larger than ERROR_LIST_MAX
};

// One more fault, as error_field() writes it. list must not be NULL.
void error_list_add(struct error_list *list, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

// Faults that are kept.
static inline unsigned int
error_list_kept(const struct error_list *list)
{
	return list->count < ERROR_LIST_MAX ? list->count : ERROR_LIST_MAX;
}

#endif
