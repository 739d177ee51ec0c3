/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/slice.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>
#include <rte_memory.h>
#include <rte_prefetch.h>

#include "base/mem.h"

#define PREFETCH_MARK 16

int
slice_reserve(struct slice *s, uint32_t floors, uint32_t count)
{
	size_t floor_bytes = floors * sizeof(*s->floors);
	size_t bytes = floor_bytes + count * sizeof(*s->items);

	s->memory = malloc(bytes);
	if (s->memory == NULL)
		return -ENOMEM;
	mem_expect_write(s->memory, bytes);
	s->bytes = bytes;
	s->floors = floors > 0 ? s->memory : NULL;
	s->items = (struct slice_item *)((char *)s->memory + floor_bytes);
	return 0;
}

// Give back what the items that went took. A smaller block never has to be had: s stays as it is.
static void
slice_shrink(struct slice *s)
{
	size_t floor_bytes = (size_t)((char *)s->items - (char *)s->memory);
	size_t bytes = floor_bytes + RTE_MAX(s->count, 1U) * sizeof(*s->items);
	void *smaller = realloc(s->memory, bytes);

	if (smaller == NULL)
		return;
	s->memory = smaller;
	s->bytes = bytes;
	s->floors = floor_bytes > 0 ? smaller : NULL;
	s->items = (struct slice_item *)((char *)smaller + floor_bytes);
}

struct query_counts
slice_purge(struct slice *s, const uint8_t *marks, uint8_t gone)
{
	struct query_counts rise = s->floor;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < s->count; i++) {
		struct slice_item *item = &s->items[i];
		struct query_counts most, error;

		if (i + PREFETCH_MARK < s->count)
			rte_prefetch0(&marks[s->items[i + PREFETCH_MARK].id]);
		if (marks[item->id] != gone) {
			s->items[kept++] = *item;
			continue;
		}
		most = slice_item_counts(item);
		error = slice_item_error(s, item);
		query_counts_add(&most, &error);
		query_counts_raise(&s->floor, &most);
	}
	if (kept < s->count) {
		s->count = kept;
		slice_shrink(s);
	}
	for (unsigned int m = 0; m < QUERY_METRICS; m++)
		rise.of[m] = s->floor.of[m] - rise.of[m];
	return rise;
}

int
history_init(struct history *h, uint32_t capacity)
{
	*h = (struct history){.capacity = capacity};
	h->ring = mem_table_alloc("query history", capacity * sizeof(*h->ring), SOCKET_ID_ANY);
	return h->ring == NULL ? -ENOMEM : 0;
}

void
history_fini(struct history *h)
{
	while (h->base != h->end)
		history_pop(h);
	mem_table_free(h->ring, h->capacity * sizeof(*h->ring));
	*h = (struct history){0};
}

void
history_push(struct history *h, const struct slice *s)
{
	assert(h->end - h->base < h->capacity);
	*history_at(h, h->end++) = *s;
	h->bytes += s->bytes;
}

void
history_pop(struct history *h)
{
	struct slice *s = history_at(h, h->base++);

	h->bytes -= s->bytes;
	history_forget(h, s->index);
	free(s->memory);
	s->memory = NULL;
}

void
history_forget(struct history *h, uint64_t index)
{
	h->forgotten_end = RTE_MAX(h->forgotten_end, index + 1);
}
