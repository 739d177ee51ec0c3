/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/slice.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>
#include <rte_memory.h>

#include "base/mem.h"

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
	*history_at(h, h->end++) = *s;
	h->bytes += s->count * sizeof(*s->items);
}

void
history_pop(struct history *h)
{
	struct slice *s = history_at(h, h->base++);

	h->bytes -= s->count * sizeof(*s->items);
	history_forget(h, s->index);
	free(s->items);
	s->items = NULL;
}

void
history_forget(struct history *h, uint64_t index)
{
	h->forgotten_end = RTE_MAX(h->forgotten_end, index + 1);
}
