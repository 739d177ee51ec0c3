/* SPDX-License-Identifier: BSD-3-Clause */
#include "pane/pane.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_branch_prediction.h>
#include <rte_errno.h>

#include "base/mem.h"

static struct rte_ring *
ring_create(const char *name, const char *what, unsigned int panes, int socket)
{
	char ring_name[RTE_RING_NAMESIZE];

	snprintf(ring_name, sizeof(ring_name), "%s_%s", name, what);
	return rte_ring_create(ring_name, panes, socket,
		RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
}

size_t
pane_exchange_bytes(unsigned int panes, uint32_t deltas)
{
	const struct pane_exchange *x = NULL;

	return (size_t)panes * deltas * sizeof(*x->deltas);
}

struct pane_exchange *
pane_exchange_create(const char *name, unsigned int panes, uint32_t deltas, int socket)
{
	struct pane_exchange *x;

	if (panes < 3 || deltas == 0) {
		errno = EINVAL;
		return NULL;
	}
	x = calloc(1, sizeof(*x));
	if (x == NULL)
		return NULL;
	x->count = panes;
	x->bytes = pane_exchange_bytes(panes, deltas);
	x->panes = calloc(panes, sizeof(*x->panes));
	x->spare = calloc(panes, sizeof(*x->spare));
	x->deltas = mem_table_alloc(name, x->bytes, socket);
	x->sealed = ring_create(name, "sealed", panes, socket);
	x->empty = ring_create(name, "empty", panes, socket);
	if (x->panes == NULL || x->spare == NULL || x->deltas == NULL || x->sealed == NULL ||
		x->empty == NULL) {
		int rc = x->sealed == NULL || x->empty == NULL ? rte_errno : ENOMEM;

		pane_exchange_free(x);
		errno = rc;
		return NULL;
	}
	for (unsigned int i = 0; i < panes; i++) {
		x->panes[i].deltas = x->deltas + (size_t)i * deltas;
		x->panes[i].capacity = deltas;
		x->panes[i].present = true;
		rte_ring_enqueue(x->empty, &x->panes[i]);
	}
	return x;
}

void
pane_exchange_by_need(struct pane_exchange *x)
{
	mem_table_by_need(x->deltas, x->bytes);
	for (unsigned int i = 0; i < x->count; i++)
		x->panes[i].present = false;
}

void
pane_exchange_free(struct pane_exchange *x)
{
	if (x == NULL)
		return;
	rte_ring_free(x->sealed);
	rte_ring_free(x->empty);
	mem_table_free(x->deltas, x->bytes);
	free(x->spare);
	free(x->panes);
	free(x);
}

struct pane *
pane_open(struct pane_exchange *x, uint64_t index)
{
	struct pane *p;

	x->spare_count += rte_ring_dequeue_burst(x->empty, (void **)&x->spare[x->spare_count],
		x->count - x->spare_count, NULL);
	if (x->spare_count == 0)
		return NULL;
	p = x->spare[--x->spare_count];
	if (unlikely(!p->present))
		mem_expect_write(p->deltas, p->capacity * sizeof(*p->deltas));
	*p = (struct pane){
		.index = index, .capacity = p->capacity, .deltas = p->deltas, .present = true,
	};
	return p;
}

void
pane_seal(struct pane_exchange *x, struct pane *p)
{
	rte_ring_enqueue(x->sealed, p);
}

struct pane *
pane_receive(struct pane_exchange *x)
{
	struct pane *p;

	return rte_ring_dequeue(x->sealed, (void **)&p) == 0 ? p : NULL;
}

void
pane_recycle(struct pane_exchange *x, struct pane *p)
{
	rte_ring_enqueue(x->empty, p);
}
