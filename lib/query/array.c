/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/array.h"

#include <errno.h>
#include <string.h>

#include <rte_memory.h>

#include "base/mem.h"

int
array_grow(void **array, size_t old_bytes, size_t new_bytes, const char *name)
{
	void *larger = mem_table_alloc(name, new_bytes, SOCKET_ID_ANY);

	if (larger == NULL)
		return -ENOMEM;
	if (*array != NULL)
		memcpy(larger, *array, old_bytes);
	mem_table_free(*array, old_bytes);
	*array = larger;
	return 0;
}
