/* SPDX-License-Identifier: BSD-3-Clause */
#include "alias.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_memory.h>

#include "base/mem.h"

// Work space of the construction: heights scaled so that a column is 1 high, and the columns that
// are below 1 (from the front of `order`) and above (from its back).
struct construction {
	double *height;
	uint32_t *order;
	uint32_t low, high;  // numbers of columns on either stack
};

static void
heights_scale(struct construction *c, const double *masses, uint32_t n)
{
	double sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += masses[i];
	for (uint32_t i = 0; i < n; i++) {
		c->height[i] = masses[i] * n / sum;
		if (c->height[i] < 1)
			c->order[c->low++] = i;
		else
			c->order[n - ++c->high] = i;
	}
}

static uint32_t
threshold_of(double height)
{
	double t = height * 0x1p32 - 1;

	return t <= 0 ? 0 : t >= 0x1p32 - 1 ? UINT32_MAX : (uint32_t)t;
}

static void
columns_fill(struct construction *c, struct alias_column *columns, uint32_t n)
{
	while (c->low > 0 && c->high > 0) {
		uint32_t small = c->order[--c->low], large = c->order[n - c->high];

		columns[small] = (struct alias_column){threshold_of(c->height[small]), large};
		c->height[large] -= 1 - c->height[small];
		if (c->height[large] < 1) {
			c->high--;
			c->order[c->low++] = large;
		}
	}
	// What is left is 1 high but for rounding.
	while (c->low > 0) {
		uint32_t i = c->order[--c->low];

		columns[i] = (struct alias_column){UINT32_MAX, i};
	}
	while (c->high > 0) {
		uint32_t i = c->order[n - c->high--];

		columns[i] = (struct alias_column){UINT32_MAX, i};
	}
}

struct alias_table *
alias_create(const double *masses, uint32_t n)
{
	struct alias_table *t = calloc(1, sizeof(*t));
	struct construction c = {0};

	c.height = calloc(n, sizeof(*c.height));
	c.order = calloc(n, sizeof(*c.order));
	if (t == NULL || c.height == NULL || c.order == NULL)
		goto fail;
	t->n = n;
	t->bytes = n * sizeof(*t->columns);
	t->columns = mem_table_alloc("flow popularity", t->bytes, SOCKET_ID_ANY);
	if (t->columns == NULL)
		goto fail;
	heights_scale(&c, masses, n);
	columns_fill(&c, t->columns, n);
	free(c.height);
	free(c.order);
	return t;
fail:
	free(c.height);
	free(c.order);
	free(t);
	errno = ENOMEM;
	return NULL;
}

void
alias_free(struct alias_table *t)
{
	if (t == NULL)
		return;
	mem_table_free(t->columns, t->bytes);
	free(t);
}
