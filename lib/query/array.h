/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_ARRAY_H
#define WEIR_QUERY_ARRAY_H

#include <stddef.h>

/*
 * Move *array to a larger zeroed table (mem_table_alloc), keeping its content. Tables only grow:
 * they are indexed by key ids, which are used again when a key leaves.
 *
 * @return 0, or -ENOMEM with *array untouched
 */
int array_grow(void **array, size_t old_bytes, size_t new_bytes, const char *name);

#endif
