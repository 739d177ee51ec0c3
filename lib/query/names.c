/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
id_compare(const void *x, const void *y, void *table)
{
	uint16_t a = *(const uint16_t *)x, b = *(const uint16_t *)y;
	int names = strcmp(protocol_name(table, a), protocol_name(table, b));

	return names != 0 ? names : a - b;
}

int
dimension_names_init(struct dimension_names *n, const struct protocol_table *t)
{
	uint32_t count = protocol_count(t);
	uint16_t *ids = malloc(count * sizeof(*ids));
	uint16_t *canonical = malloc(count * sizeof(*canonical));

	if (ids == NULL || canonical == NULL) {
		free(canonical);
		free(ids);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < count; i++)
		ids[i] = (uint16_t)i;
	qsort_r(ids, count, sizeof(*ids), id_compare, (void *)(uintptr_t)t);
	for (uint32_t i = 0, first = 0; i < count; i++) {
		if (strcmp(protocol_name(t, ids[i]), protocol_name(t, ids[first])) != 0)
			first = i;
		canonical[ids[i]] = ids[first];
	}
	free(ids);
	*n = (struct dimension_names){.protocols = t, .canonical = canonical, .count = count};
	return 0;
}

void
dimension_names_fini(struct dimension_names *n)
{
	free(n->canonical);
	*n = (struct dimension_names){0};
}
