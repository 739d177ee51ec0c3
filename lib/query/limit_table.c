/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/limit_table.h"

#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "base/clock.h"

// Of one name and date the client's row comes last and stays.
static int
row_compare_origin(const void *x, const void *y)
{
	const struct limit_row *a = x, *b = y;
	int order = limit_row_compare(a, b);

	return order != 0 ? order : (int)a->origin - (int)b->origin;
}

static void
rows_settle(struct limit_table *t)
{
	uint32_t kept = 0;

	qsort(t->row, t->count, sizeof(t->row[0]), row_compare_origin);
	for (uint32_t i = 0; i < t->count; i++) {
		if (kept > 0 && limit_row_compare(&t->row[kept - 1], &t->row[i]) == 0)
			kept--;
		t->row[kept++] = t->row[i];
	}
	t->count = kept;
}

// One window for each name is kept: the longest of its rows counts.
static void
size_check(const struct limit_table *t, uint64_t pane_us, struct error_list *errors)
{
	uint64_t slices = 0;

	for (uint32_t i = 0, next; i < t->count; i = next) {
		uint32_t longest_s = 0;

		next = limit_table_next(t, i);
		for (uint32_t j = i; j < next; j++)
			longest_s = RTE_MAX(longest_s, t->row[j].window_s);
		slices += longest_s * CLOCK_US_PER_S / pane_us;
	}
	if (slices > LIMIT_SLICES_MAX)
		error_list_add(errors, "window_s", "window_s: the limits' windows are %llu panes "
			"together; allowed are %u", (unsigned long long)slices, LIMIT_SLICES_MAX);
}

struct limit_table *
limit_table_create(const struct limit_rows *file, const struct limit_rows *rpc, uint64_t pane_us,
	uint64_t version, struct error_list *errors)
{
	uint64_t count = (uint64_t)file->count + rpc->count;
	unsigned int before = errors->count;
	struct limit_table *t;

	if (count > LIMIT_ROWS_MAX) {
		error_list_add(errors, "", "found %llu limits; allowed are %u of all origins",
			(unsigned long long)count, LIMIT_ROWS_MAX);
		return NULL;
	}
	t = calloc(1, sizeof(*t) + count * sizeof(t->row[0]));
	if (t == NULL) {
		error_list_add(errors, "", "out of memory");
		return NULL;
	}
	t->references = 1;
	t->version = version;
	t->count = (uint32_t)count;
	if (file->count > 0)
		memcpy(t->row, file->row, file->count * sizeof(t->row[0]));
	if (rpc->count > 0)
		memcpy(t->row + file->count, rpc->row, rpc->count * sizeof(t->row[0]));
	rows_settle(t);
	size_check(t, pane_us, errors);
	if (errors->count == before) {
		t->classes = limit_classes_create(t->row, t->count);
		if (t->classes == NULL)
			error_list_add(errors, "", "out of memory");
	}
	if (errors->count == before)
		return t;
	limit_table_put(t);
	return NULL;
}

struct limit_table *
limit_table_get(struct limit_table *t)
{
	if (t != NULL)
		__atomic_add_fetch(&t->references, 1, __ATOMIC_RELAXED);
	return t;
}

void
limit_table_put(struct limit_table *t)
{
	if (t == NULL || __atomic_sub_fetch(&t->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	limit_classes_free(t->classes);
	free(t);
}

uint32_t
limit_table_next(const struct limit_table *t, uint32_t at)
{
	uint32_t next = at + 1;

	while (next < t->count && strcmp(t->row[next].name, t->row[at].name) == 0)
		next++;
	return next;
}

uint32_t
limit_table_holding(const struct limit_table *t, uint32_t first, uint32_t end, uint64_t at_us)
{
	for (uint32_t i = end; i-- > first;)
		if (t->row[i].effective_us <= at_us)
			return i;
	return LIMIT_NONE;
}
