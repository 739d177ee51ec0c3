/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/array.h"

#include <errno.h>

#include <rte_memory.h>

#include "base/mem.h"

int
array_grow(void **array, size_t old_bytes, size_t new_bytes, const char *name)
{
	void *larger = *array == NULL ? mem_table_alloc(name, new_bytes, SOCKET_ID_ANY) :
		mem_table_grow(name, *array, old_bytes, new_bytes, SOCKET_ID_ANY);

	if (larger == NULL)
		return -ENOMEM;
	*array = larger;
	return 0;
}
